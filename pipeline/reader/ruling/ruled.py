"""Long ruled lines: pieces that continue each other, joined and trimmed, straight or wobbly, gapped or dotted."""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.reader.records import Ink
from pipeline.reader.ruling.ridges import JUMP, Line, Values, covered, pieces, thin

SIDE = 1000  # pixels of the longer side on which lines are sought: 0.3 mm on A4 is still a pixel there
REACH = 1 / 14  # of the longer side: the length over which ink is averaged along a line; gaps and dots are shorter
FILLED = 0.58  # … on average along a line
WHOLE = 0.7  # of a line must be ink, where the gaps between dots count as ink
PALER = 0.4  # of a line's usual ink: less is none of it
DOTS = 1 / 80  # of the longer side: the widest such gap
MISS = (4.0, 0.1)  # pixels, and pixels for each pixel of gap: how well a piece must continue another
OVERLAP = 0.5  # of the shorter piece: two pieces that run beside each other for less may be one line
STRAY = 30  # pixels: where a piece ends, a line's middle may have been lost to a stroke beside it
BRIDGE = 4.0  # of REACH: the widest gap between two pieces of a line
Courses = tuple[tuple[float, float], tuple[float, float]]


def reduced(ink: Ink) -> tuple[Ink, float]:
    """Return a copy with at most ``SIDE`` pixels on its longer side, and its size relative to the photo."""
    factor = min(SIDE / max(ink.shape), 1.0)
    if factor == 1.0:
        return ink, factor
    return np.asarray(cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8), factor


def find_lines(ink: Ink) -> list[Line]:
    """Find the lines that run from left to right, from top to bottom; for the others pass the transpose.

    Ink that is thin from top to bottom is averaged along short straight pieces of many slopes; where that is
    largest, and mostly ink, a line passes (a ridge filter as in Frangi et al. 1998, with the long kernel of staff-line
    and form-line finders). Pieces that continue each other are joined.

    Parameters
    ----------
    ink : (H, W) uint8
        About ``SIDE`` pixels wide or high.
    """
    side = max(ink.shape)
    reach = max(round(side * REACH), 9)
    if min(ink.shape) < 2 * JUMP + 1:
        return []
    strokes = thin(ink, side)
    response = covered(strokes, reach)
    lines = [piece for piece in pieces(response, reach // 2) if _ink(piece, response) >= FILLED]
    gap = max(round(side * DOTS), 3)
    for _ in range(
        2
    ):  # a piece's end may have strayed: pieces are joined as they are, and once more without their ends
        lines = _joined_pieces(lines, BRIDGE * reach)
        filled = [line for line in lines if _ink(line, response) >= FILLED]
        lines = [line for line in (_trimmed(line, strokes, ink, gap) for line in filled) if line is not None]
    whole = [line for line in lines if len(line.middle) >= 2 * reach]
    return sorted(whole, key=lambda line: float(line.middle.mean()))


def _joined_pieces(lines: list[Line], widest: float) -> list[Line]:
    """Join pieces that continue each other, best first."""
    courses = [_courses(line.middle) for line in lines]
    while (pair := _continuation(lines, courses, widest)) is not None:
        joined = _joined(*(lines[place] for place in pair))
        rest = [place for place in range(len(lines)) if place not in pair]
        lines = [*(lines[place] for place in rest), joined]
        courses = [*(courses[place] for place in rest), _courses(joined.middle)]
    return lines


def _continuation(lines: list[Line], courses: list[Courses], widest: float) -> tuple[int, int] | None:
    """Return the places of the two pieces that continue each other best, or None."""
    if len(lines) < 2:
        return None
    starts, stops = np.array([(line.start, line.stop) for line in lines], float).T
    (first, falls_first), (last, falls_last) = np.array(courses).transpose(1, 2, 0)
    lengths = np.minimum(*np.meshgrid(stops - starts, stops - starts))
    gap = starts[None, :] - stops[:, None]  # from the piece of a row to the piece of a column
    rise = first[None, :] - last[:, None]
    miss = np.maximum(np.abs(rise - falls_last[:, None] * gap), np.abs(rise - falls_first[None, :] * gap))
    fits = (gap >= -OVERLAP * lengths) & (gap <= widest) & (miss <= MISS[0] + MISS[1] * np.maximum(gap, 0))
    fits &= (starts[:, None] < starts[None, :]) & (stops[:, None] < stops[None, :])
    np.fill_diagonal(fits, False)
    if not fits.any():
        return None
    left, right = np.unravel_index(int(np.where(fits, np.abs(gap) + 5 * miss, np.inf).argmin()), fits.shape)
    return int(left), int(right)


def _joined(left: Line, right: Line) -> Line:
    meeting = (max(right.start, left.start) + min(left.stop, right.stop)) // 2
    stray = min(STRAY, len(left.middle) // 4, len(right.middle) // 4)
    first, last = min(meeting, left.stop) - stray, max(meeting, right.start) + stray
    columns = np.r_[np.arange(left.start, first), np.arange(last, right.stop)]
    heights = np.r_[left.middle[: first - left.start], right.middle[last - right.start :]]
    along = np.arange(left.start, right.stop)
    seen = np.zeros(len(along), bool)
    for line in (left, right):
        seen[line.start - left.start : line.stop - left.start] |= line.seen
    return Line(left.start, np.interp(along, columns, heights), seen)


def _courses(middle: Values) -> Courses:
    """Return height and slope with which a piece begins, and with which it ends, as its first and last half run."""
    half = max(len(middle) // 2, 2)
    columns = np.arange(half) - (half - 1) / 2
    spread = float((columns**2).sum())
    start, stop = middle[:half], middle[-half:]
    falls = float(columns @ start) / spread, float(columns @ stop) / spread
    reach = (half - 1) / 2
    return (float(start.mean()) - falls[0] * reach, falls[0]), (float(stop.mean()) + falls[1] * reach, falls[1])


def _trimmed(line: Line, strokes: Ink, ink: Ink, gap: int) -> Line | None:
    """Return the line from its first ink to its last, knowing where there is ink; None where it is no whole line."""
    rows = np.clip(np.round(line.middle).astype(int), 1, strokes.shape[0] - 2)
    columns = np.arange(line.start, line.stop)
    around = rows + np.array([[-1], [0], [1]])
    found, dark = strokes[around, columns].max(axis=0) > 200, ink[around, columns].max(axis=0)
    usual = float(np.median(dark[found])) if found.any() else 0.0
    near = found & (dark >= PALER * usual)
    closed = ndimage.binary_closing(np.pad(near, gap), np.ones(gap + 1))[gap:-gap]
    whole = ndimage.binary_opening(closed, np.ones(2 * gap + 1))
    if not whole.any():
        return None
    first, last = np.flatnonzero(whole)[[0, -1]]
    if whole[first : last + 1].mean() < WHOLE:
        return None
    inside = slice(first, last + 1)
    return Line(line.start + int(first), line.middle[inside], near[inside], usual)


def _ink(line: Line, response: NDArray[np.float32]) -> float:
    """Return how much of a line, on average, is ink."""
    rows = np.clip(np.round(line.middle).astype(int), 0, response.shape[0] - 1)
    return float(response[rows, np.arange(line.start, line.stop)].mean())
