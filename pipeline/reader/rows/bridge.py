"""Whether ink falls into two digits that meet in one place, and where."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SHEARS = (-0.5, -0.25, 0.0, 0.25, 0.5)  # of the line that may part them, from upright: digits lean
STROKES, SHARE = 1.5, 0.12  # a digit on either side is wider than this many lines and this share of the height
MEETING = 0.6  # of the height: where two digits meet, their shared ink is lower than that
NEARLY = 0.95  # of the highest lower side

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Meeting:
    """A line, upright or leaning, that crosses ink once only."""

    lower: float  # height of the lower side, as a share of the ink's height
    shear: float
    place: float  # of the line in the middle of the ink's height, pixels from its left edge

    def left(self, own: Mask) -> Mask:
        """Return what of (H, W) ink is left of the line."""
        rows, cols = np.indices(own.shape)
        return np.asarray(own & (cols + self.shear * (rows - own.shape[0] / 2) < self.place))


def bridged(own: Mask, line: float) -> float:
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
    return max((meeting.lower for meeting in meetings(own, line)), default=0.0)


def meetings(own: Mask, line: float) -> list[Meeting]:
    """Return the lines with nearly the highest lower side: for each shear the highest, first, middle and last one.

    Where a stroke joins two digits, any of them may be its end. Parameters as :func:`bridged`.
    """
    height, width = own.shape
    least = max(STROKES * line, SHARE * height)
    found = []
    for shear in SHEARS:
        spare = int(abs(shear) * height) + 1
        start = spare - shear * height / 2
        move = np.array([[1, shear, start], [0, 1, 0]])
        ink = cv2.warpAffine(own.astype(np.uint8), move, (width + 2 * spare, height), flags=cv2.INTER_NEAREST) > 0
        if ink.any():
            first = int(ink.any(axis=0).argmax())
            lower = _lower_side(ink[:, ink.any(axis=0)], least)
            near = np.flatnonzero((lower > 0) & (lower >= NEARLY * lower.max()))
            some = (int(lower.argmax()), *(int(near[place]) for place in (0, len(near) // 2, -1))) if len(near) else ()
            places = sorted(set(some))
            found += [Meeting(float(lower[place] / height), shear, float(place + first - spare)) for place in places]
    return found


def _lower_side(ink: Mask, least: float) -> NDArray[np.int64]:
    """Return the height of the lower side at each upright line; 0 where it does not part the ink."""
    height, width = ink.shape
    runs = (np.diff(ink.astype(np.int8), axis=0, prepend=0) == 1).sum(axis=0)
    top, bottom = ink.argmax(axis=0), height - ink[::-1].argmax(axis=0)
    left = np.maximum.accumulate(bottom) - np.minimum.accumulate(top)
    right = (np.maximum.accumulate(bottom[::-1]) - np.minimum.accumulate(top[::-1]))[::-1]
    place = np.arange(width)
    possible = (runs == 1) & (bottom - top <= MEETING * height) & (place >= least) & (width - 1 - place >= least)
    lower = np.minimum(np.concatenate([[0], left[:-1]]), np.concatenate([right[1:], [0]]))
    return np.where(possible, lower, 0).astype(np.int64)
