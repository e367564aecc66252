"""Digits seen large: where their ink is, on an image four times as fine, all of them on one canvas."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE, Images

FINE = 4  # pixels of the fine image for one: edges are grey, and so strokes are known to a fraction of a pixel
EDGE = 0.5  # of a digit's darkest pixel: where its strokes end


@dataclass(frozen=True)
class Ink:
    """Where the ink of N digits is.

    Attributes
    ----------
    peaks : (N,) float32
        A digit's darkest pixel, 0..255.
    inked : (N, 28, 28) bool
        At least half as dark as the peak; without any in a digit without ink.
    fine : (N, 112, 112) uint8
        The same on a finer image, 1 or 0.
    """

    peaks: NDArray[np.float32]
    inked: NDArray[np.bool_]
    fine: NDArray[np.uint8]

    @classmethod
    def of(cls, images: Images) -> "Ink":
        """Find the ink of (N, 28, 28) uint8."""
        peaks = images.max(axis=(1, 2)).astype(np.float32)
        level = np.maximum(EDGE * peaks, 0.5)
        fine = np.empty((len(images), SIDE * FINE, SIDE * FINE), np.uint8)
        for place, (image, least) in enumerate(zip(images, level, strict=True)):
            large = cv2.resize(image, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_LINEAR)
            fine[place] = large >= least
        return cls(peaks, images >= level[:, None, None], fine)


def stroke_widths(ink: Ink) -> NDArray[np.float64]:
    """Return (N,) pixels: how wide a digit's strokes are.

    Across a long stroke of width w, the distance to the edge is w / 4 in the mean, whatever its shape; distances are
    Euclidean and count from the middle of a pixel to the middle of the nearest one of paper, half a pixel too far.
    """
    apart = np.pad(ink.fine, ((0, 0), (1, 1), (1, 1)))
    side = apart.shape[1]
    far = cv2.distanceTransform(apart.reshape(-1, side), cv2.DIST_L2, cv2.DIST_MASK_5)
    sums = far.reshape(-1, side * side).sum(axis=1, dtype=np.float64)
    mean = sums / np.maximum(ink.fine.sum(axis=(1, 2)), 1)
    return np.asarray(np.maximum(4 * (mean - 0.5) / FINE, 0))


def pieces(ink: Ink) -> NDArray[np.float64]:
    """Return (N,): of how many pieces that do not touch, not even at a corner, a digit consists."""
    apart = np.pad(ink.inked, ((0, 0), (0, 1), (0, 1))).astype(np.uint8)
    side = apart.shape[1]
    _, _, stats, _ = cv2.connectedComponentsWithStats(apart.reshape(-1, side), connectivity=8)
    tops = stats[1:, cv2.CC_STAT_TOP]  # without the first, which is paper
    return np.bincount(tops // side, minlength=len(apart)).astype(np.float64)


def boxes(ink: Ink) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (N,) widths and heights, in pixels, of the boxes around the ink; 0 without any."""

    def length(seen: NDArray[np.bool_]) -> NDArray[np.float64]:
        first, last = seen.argmax(axis=1), seen.shape[1] - seen[:, ::-1].argmax(axis=1)
        return np.asarray(np.where(seen.any(axis=1), last - first, 0) / FINE)

    return length(ink.fine.max(axis=1) > 0), length(ink.fine.max(axis=2) > 0)
