"""Distorted copies of digits: the one place where albumentations is used.

A copy depends on the settings, its parent's id and pixels, and its number, and on nothing else: not on the other
digits, their order, the chunk or the worker.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE, Images
from pipeline.params import Augment

CHUNK = 512  # digits a task: some 0.5 s of work, so that handing it to a process costs nothing against it
FINE = 4  # strokes are thickened on an image this many times larger, so that their edges stay grey


@dataclass(frozen=True)
class Chunk:
    """Neighbouring digits of a table, with how many copies each is to get."""

    images: Images
    ids: tuple[str, ...]
    copies: NDArray[np.int64]
    settings: Augment


def chunks(images: Images, ids: list[str], copies: NDArray[np.int64], settings: Augment) -> Iterator[Chunk]:
    """Cut (N, 28, 28) digits, their ids and their (N,) numbers of copies into tasks of :data:`CHUNK` digits."""
    for start in range(0, len(ids), CHUNK):
        part = slice(start, start + CHUNK)
        yield Chunk(images[part], tuple(ids[part]), copies[part], settings)


def distort(chunk: Chunk) -> Images:
    """Return (sum of copies, 28, 28) uint8: the copies of the first digit, then those of the second, and so on."""
    steps = _compose(chunk.settings)
    generator, simple = np.random.default_rng(), random.Random()
    # Not Compose.set_random_seed, which starts every transform with the same numbers.
    steps.set_random_state(generator, simple)
    made = np.empty((int(chunk.copies.sum()), SIDE, SIDE), np.uint8)
    place = 0
    with _one_opencv_thread():
        for image, parent, copies in zip(chunk.images, chunk.ids, chunk.copies, strict=True):
            for number in range(1, copies + 1):
                generator.bit_generator.state = np.random.PCG64([chunk.settings.seed, int(parent, 16), number]).state
                simple.seed(int(generator.integers(2**63)))
                made[place] = steps(image=image)["image"]
                place += 1
    return made


@contextmanager
def _one_opencv_thread() -> Iterator[None]:
    """Keep OpenCV from sharing out 28x28 pixels among threads, which took twice the processor time."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def copy_id(parent: str, number: int) -> str:
    """Return the id of a digit's n-th copy, counted from 1: ``0123456789abcdef-1``."""
    return f"{parent}-{number}"


def _compose(settings: Augment) -> Any:
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # else its import asks the network for a newer version
    import albumentations

    from pipeline.learning.warp import Warp

    steps: list[Any] = [Warp(settings)]
    if changes := _thickness_changes(settings.stroke_pixels):
        steps.append(albumentations.OneOf(changes, p=settings.stroke_probability))
    if settings.noise_std > 0:
        steps.append(albumentations.GaussNoise(std_range=(0.0, settings.noise_std), p=1))
    return albumentations.Compose(steps)


def _thickness_changes(most: float) -> list[Any]:
    """Return one transform for each change of thickness, in steps of 1/FINE pixel up to ``most``, either way."""
    import albumentations
    import cv2

    def change(operation: str, side: int) -> Any:
        steps = [
            albumentations.Resize(SIDE * FINE, SIDE * FINE, interpolation=cv2.INTER_CUBIC, p=1),
            albumentations.Morphological(scale=(side, side), operation=operation, p=1),
            albumentations.Resize(SIDE, SIDE, interpolation=cv2.INTER_AREA, p=1),
        ]
        return albumentations.Sequential(steps, p=1)

    # A square of side k widens or narrows strokes by k - 1 fine pixels.
    sides = range(2, round(most * FINE) + 2)
    return [change(operation, side) for operation in ("dilation", "erosion") for side in sides]
