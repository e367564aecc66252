"""The peer: the same distribution from one albumentations `Compose` an image, as a skilled user would write it."""

import math
import random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE, Images
from pipeline.learning.augmentation import library
from pipeline.params import Augment

albumentations: Any = library.albumentations()
ImageOnlyTransform: Any = albumentations.ImageOnlyTransform

FINE = 4


class Warp(ImageOnlyTransform):  # type: ignore[misc]  # albumentations has no types that mypy reads
    """Affine and elastic displacement of one image, added, in one cubic resampling."""

    def __init__(self, settings: Augment) -> None:
        super().__init__(p=1)
        self.settings = settings

    def get_params_dependent_on_data(self, params: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  # albumentations gives both by name
        maps = affine_maps(self.settings, self.py_random)
        return {"maps": maps + elastic_field(self.settings, self.random_generator)}

    def apply(self, img: NDArray[np.uint8], maps: NDArray[np.float32], **params: Any) -> NDArray[np.uint8]:  # noqa: ARG002  # what else albumentations hands on
        return np.asarray(cv2.remap(img, maps, None, cv2.INTER_CUBIC), dtype=np.uint8)  # type: ignore[call-overload]  # OpenCV's stub demands a second map


def affine_maps(settings: Augment, draw: random.Random) -> NDArray[np.float32]:
    def within(limit: float) -> float:
        return draw.uniform(-limit, limit)

    angle, shear = math.radians(within(settings.rotate_degrees)), math.tan(math.radians(within(settings.shear_degrees)))
    scale_x, scale_y = 1 + within(settings.scale), 1 + within(settings.scale)
    shift_x, shift_y = within(settings.shift_pixels), within(settings.shift_pixels)
    cos, sin = math.cos(angle), math.sin(angle)
    middle = (SIDE - 1) / 2
    across = np.arange(SIDE, dtype=np.float32) - (middle + shift_x)
    down = np.arange(SIDE, dtype=np.float32)[:, None] - (middle + shift_y)
    level_y = cos * down - sin * across
    level_x = (cos * across + sin * down) - shear * level_y
    return np.dstack([level_x / scale_x + middle, level_y / scale_y + middle]).astype(np.float32)


def elastic_field(settings: Augment, draw: np.random.Generator) -> NDArray[np.float32]:
    noise = draw.random((SIDE, SIDE, 2), dtype=np.float32) * 2 - 1
    smooth = cv2.GaussianBlur(noise, (0, 0), settings.elastic_sigma, borderType=cv2.BORDER_REFLECT)
    return np.asarray(smooth * np.float32(settings.elastic_alpha), dtype=np.float32)


class Paper(ImageOnlyTransform):  # type: ignore[misc]  # albumentations has no types that mypy reads
    """Grey paper under one image, from its four corners."""

    def __init__(self, settings: Augment) -> None:
        super().__init__(p=settings.paper_probability)
        self.settings = settings

    def get_params(self) -> dict[str, Any]:
        darkest = self.py_random.uniform(0, 255 * self.settings.paper_level)
        corners = [darkest * self.py_random.uniform(0.5, 1) for _ in range(4)]
        return {"corners": np.array(corners, np.float32).reshape(2, 2)}

    def apply(self, img: NDArray[np.uint8], corners: NDArray[np.float32], **params: Any) -> NDArray[np.uint8]:  # noqa: ARG002  # what else albumentations hands on
        right, down = np.meshgrid(*[np.linspace(0, 1, SIDE, dtype=np.float32)] * 2)
        paper = cv2.remap(corners, right, down, cv2.INTER_LINEAR)
        return np.asarray(np.rint(paper + (1 - paper / 255) * img), dtype=np.uint8)


def thickness_change(operation: str, side: int) -> Any:
    steps = [
        albumentations.Resize(SIDE * FINE, SIDE * FINE, interpolation=cv2.INTER_CUBIC, p=1),
        albumentations.Morphological(scale=(side, side), operation=operation, p=1),
        albumentations.Resize(SIDE, SIDE, interpolation=cv2.INTER_AREA, p=1),
    ]
    return albumentations.Sequential(steps, p=1)


def compose(settings: Augment) -> Any:
    steps: list[Any] = [Warp(settings)]
    sides = range(2, round(settings.stroke_pixels * FINE) + 2)
    if changes := [thickness_change(operation, side) for operation in ("dilation", "erosion") for side in sides]:
        steps.append(albumentations.OneOf(changes, p=settings.stroke_probability))
    if settings.paper_probability > 0:
        steps.append(Paper(settings))
    if settings.noise_std > 0:
        steps.append(albumentations.GaussNoise(std_range=(0.0, settings.noise_std), p=1))
    return albumentations.Compose(steps)


def distort(images: Images, settings: Augment) -> Images:
    """One copy of each of (N, 28, 28) digits, from one generator for all."""
    steps = compose(settings)
    steps.set_random_state(np.random.default_rng(settings.seed), random.Random(settings.seed))
    return np.stack([steps(image=image)["image"] for image in images])
