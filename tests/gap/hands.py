"""Digits that vary as handwriting does in slant, stroke and width, drawn large and normalised as the reader does."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.digits import Images
from pipeline.reader.normalize import normalize
from tests.printed_digits import printed

LARGE = 112  # pixels of the drawing: four times 28


@cache
def written(count: int, seed: int) -> tuple[Images, NDArray[np.uint8]]:
    """Return (count, 28, 28) digits and their labels, as many of each."""
    drawings, labels = drawn(count, seed)
    made = np.stack([normalize(drawing, "mnist") for drawing in drawings])
    made.flags.writeable = False
    return made, labels


def drawn(count: int, seed: int) -> tuple[list[Images], NDArray[np.uint8]]:
    """Return large drawings, ink 255 on 0, and their labels."""
    generator = np.random.default_rng(seed)
    labels = (np.arange(count) % 10).astype(np.uint8)
    drawings = []
    for label in labels:
        slant, wide = np.tan(np.radians(generator.normal(5, 8))), generator.normal(1, 0.1)
        ink = cv2.resize(printed()[label], (LARGE, LARGE), interpolation=cv2.INTER_CUBIC)
        move = np.array([[wide, -slant, LARGE / 2 * (1 - wide + slant)], [0, 1, 0]])
        ink = cv2.warpAffine(ink, move, (LARGE, LARGE))
        size = int(generator.integers(1, 8))
        pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        drawings.append(np.asarray(cv2.erode(ink, pen), np.uint8))
    return drawings, labels
