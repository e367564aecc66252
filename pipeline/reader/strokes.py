"""Ink becomes parts: connected pieces of pen stroke with their boxes."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.records import Ink

GROW = 0.6  # of the threshold: ink that is connected to a stroke and at least this dark belongs to it

Labels = NDArray[np.int32]
"""(H, W) int32: 0 = paper, n = the part with index n - 1."""


@dataclass(frozen=True)
class Part:
    """One connected piece of ink; lengths in pixels, ``x`` and ``y`` its box's top left corner."""

    index: int
    x: int
    y: int
    width: int
    height: int
    area: int

    @property
    def right(self) -> int:
        """First column right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the box, x and y."""
        return self.x + self.width / 2, self.y + self.height / 2


def threshold(ink: Ink, min_contrast: float) -> float:
    """Return the level (0..255) that parts ink from paper: Otsu's (1979), at least ``min_contrast`` of 255."""
    otsu, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return max(float(otsu), min_contrast * 255)


def parts(ink: Ink, level: float) -> tuple[list[Part], Labels]:
    """Find the pieces of ink that reach ``level``, each with the paler ink that is connected to it.

    Parameters
    ----------
    ink : (H, W) uint8
    level : float
        0..255, see :func:`threshold`.

    Returns
    -------
    list of Part, from top to bottom, and (H, W) int32 labels (part index + 1)
    """
    pale = (ink >= GROW * level).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(pale, connectivity=8)
    reaches = np.zeros(count, bool)
    reaches[np.unique(labels[ink >= level])] = True
    reaches[0] = False
    number = np.cumsum(reaches) * reaches
    found = [Part(i, *(int(value) for value in stats[n])) for i, n in enumerate(np.flatnonzero(reaches))]
    return found, number.astype(np.int32)[labels]
