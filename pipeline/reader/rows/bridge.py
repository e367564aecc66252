"""Whether ink falls into two digits that meet in one place."""

import cv2
import numpy as np
from numpy.typing import NDArray

SHEARS = (-0.5, -0.25, 0.0, 0.25, 0.5)  # of the line that may part them, from upright: digits lean
STROKES, SHARE = 1.5, 0.12  # a digit on either side is wider than this many lines and this share of the height
MEETING = 0.6  # of the height: where two digits meet, their shared ink is lower than that


def bridged(own: NDArray[np.bool_], line: float) -> float:
    """Return how high the lower of two digits would be, as a share of the ink's height, if it falls into two.

    Looks for an upright or leaning line that crosses the ink once only, with ink of nearly full height on both sides:
    0.7 and more for most pairs that touch, less for most digits; an open 4 with a long bar is one that is not.

    Parameters
    ----------
    own : (H, W) bool
        The ink.
    line : float
        Width of the pen's line, pixels.
    """
    height, width = own.shape
    least = max(STROKES * line, SHARE * height)
    best = 0.0
    for shear in SHEARS:
        spare = int(abs(shear) * height) + 1
        move = np.array([[1, shear, spare - shear * height / 2], [0, 1, 0]])
        ink = cv2.warpAffine(own.astype(np.uint8), move, (width + 2 * spare, height), flags=cv2.INTER_NEAREST) > 0
        if ink.any():
            best = max(best, _lower_side(ink[:, ink.any(axis=0)], least) / height)
    return best


def _lower_side(ink: NDArray[np.bool_], least: float) -> float:
    """Return the height of the lower side at the best upright line; 0 where none parts the ink."""
    height, width = ink.shape
    runs = (np.diff(ink.astype(np.int8), axis=0, prepend=0) == 1).sum(axis=0)
    top, bottom = ink.argmax(axis=0), height - ink[::-1].argmax(axis=0)
    left = np.maximum.accumulate(bottom) - np.minimum.accumulate(top)
    right = (np.maximum.accumulate(bottom[::-1]) - np.minimum.accumulate(top[::-1]))[::-1]
    place = np.arange(width)
    possible = (runs == 1) & (bottom - top <= MEETING * height) & (place >= least) & (width - 1 - place >= least)
    lower = np.minimum(np.concatenate([[0], left[:-1]]), np.concatenate([right[1:], [0]]))
    return float(lower[possible].max(initial=0))
