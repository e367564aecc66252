"""Affine and elastic distortion in one resampling, as an albumentations transform.

albumentations' own `Affine` shifts by whole pixels only, and `ElasticTransform` after it would interpolate a second
time: on 28x28 pixels both show. Here all displacements are added first and the image is resampled once.
"""

import math
import random
from typing import Any

import albumentations
import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.params import Augment

Maps = NDArray[np.float32]
"""(H, W, 2) float32: for each pixel of the result the x and the y that it is read from, pixels."""


class Warp(albumentations.ImageOnlyTransform):  # type: ignore[misc]  # albumentations has no types that mypy reads
    """Scale, shear, turn, shift and bend an image; what comes from outside it is 0."""

    def __init__(self, settings: Augment) -> None:
        super().__init__(p=1)
        self.settings = settings

    def get_params_dependent_on_data(self, params: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  # albumentations gives both by name
        """Draw the maps of one image; albumentations hands them to :meth:`apply`."""
        height, width = params["shape"][:2]
        maps = affine_maps(height, width, self.settings, self.py_random)
        return {"maps": maps + elastic_field(height, width, self.settings, self.random_generator)}

    def apply(self, img: NDArray[np.uint8], maps: Maps, **params: Any) -> NDArray[np.uint8]:  # noqa: ARG002  # what else albumentations hands on
        """Resample (H, W) uint8. Cubic, because linear would blur every copy's strokes."""
        return np.asarray(cv2.remap(img, maps, None, cv2.INTER_CUBIC), dtype=np.uint8)  # type: ignore[call-overload]  # OpenCV's stub demands a second map


def affine_maps(height: int, width: int, settings: Augment, draw: random.Random) -> Maps:
    """Return the maps of a random affine distortion about the image's centre, each part uniform within its limits."""

    def within(limit: float) -> float:
        return draw.uniform(-limit, limit)

    angle, shear = math.radians(within(settings.rotate_degrees)), math.tan(math.radians(within(settings.shear_degrees)))
    scale_x, scale_y = 1 + within(settings.scale), 1 + within(settings.scale)
    shift_x, shift_y = within(settings.shift_pixels), within(settings.shift_pixels)
    cos, sin = math.cos(angle), math.sin(angle)
    across = np.arange(width, dtype=np.float32) - ((width - 1) / 2 + shift_x)
    down = np.arange(height, dtype=np.float32)[:, None] - ((height - 1) / 2 + shift_y)
    # Backwards: undo the turn, then the shear of x by y, then the scales.
    level_y = cos * down - sin * across
    level_x = (cos * across + sin * down) - shear * level_y
    maps = np.empty((height, width, 2), np.float32)
    maps[..., 0] = level_x / scale_x + (width - 1) / 2
    maps[..., 1] = level_y / scale_y + (height - 1) / 2
    return maps


def elastic_field(height: int, width: int, settings: Augment, draw: np.random.Generator) -> Maps:
    """Return a smooth random displacement, pixels: uniform noise in -1..1, blurred with a Gaussian and multiplied.

    Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks Applied to Visual Document
    Analysis", ICDAR 2003, section 2.
    """
    noise = draw.random((height, width, 2), dtype=np.float32) * 2 - 1
    smooth = cv2.GaussianBlur(noise, (0, 0), settings.elastic_sigma, borderType=cv2.BORDER_REFLECT)
    return np.asarray(smooth * np.float32(settings.elastic_alpha), dtype=np.float32)
