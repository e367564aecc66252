"""Long ruled lines: where they run across a photo, straight or wobbly, whole, gapped or dotted."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.reader.records import Ink

SIDE = 1000  # pixels of the longer side on which lines are sought: 0.3 mm on A4 is still a pixel there
THICKEST = 1 / 50  # of the longer side: a line's width; a tall stroke that a line crosses is none
PALEST = 12  # of 255: ink of the palest line that is sought
GRAIN = 2.2  # times the mean of the darkest grain in three pixels: less is no line
AROUND = 1 / 10  # of the longer side: where that mean is taken
REACH = 1 / 14  # of the longer side: the length over which ink is averaged along a line; gaps and dots are shorter
STEEPEST = 0.5  # slope, 27 degrees: lines that fall more steeply belong to the other family
SLOPES = 21  # tried between: neighbours part by 2 pixels at the ends of REACH, as much as a line's soft edges
COVERED = 0.5  # of a REACH must be ink
WHOLE = 0.7  # of a line must be ink, where the gaps between dots count as ink
PALER = 0.4  # of a line's usual ink: less is none of it
DOTS = 1 / 80  # of the longer side: the widest such gap
JUMP = 3  # pixels: a line's middle moves no further from a column to the next
MISS = (4.0, 0.1)  # pixels, and pixels for each pixel of gap: how well a piece must continue another
BRIDGE = 4.0  # of REACH: the widest gap between two pieces of a line
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """A line that runs from left to right: its height at each column of the photo; pixels, ``start`` the first column.

    ``seen`` tells at which columns there is ink; the rest is interpolated. ``ink``, 0..255, is the line's own. A line
    of the other family runs from top to bottom, and these words hold for the photo's transpose.
    """

    start: int
    middle: Values
    seen: NDArray[np.bool_]
    ink: float = 0.0

    @property
    def stop(self) -> int:
        """First column after it."""
        return self.start + len(self.middle)

    def at(self, place: Values | float) -> Values:
        """Return the height at any column; beyond its ends the line goes on as it ended."""
        columns = np.arange(self.start, self.stop)
        inside = np.interp(place, columns, self.middle)
        reach = min(len(columns), max(len(columns) // 4, 2))
        before = np.minimum(np.asarray(place) - self.start, 0) * _slope(self.middle[:reach])
        after = np.maximum(np.asarray(place) - self.stop + 1, 0) * _slope(self.middle[-reach:])
        return np.asarray(inside + before + after)

    def scaled(self, factor: float) -> "Line":
        """Return the line on a photo that is this many times as large."""
        start, stop = round(self.start * factor), round((self.stop - 1) * factor) + 1
        places = (np.arange(start, stop) + 0.5) / factor - 0.5
        columns = np.arange(self.start, self.stop)
        middle = (np.interp(places, columns, self.middle) + 0.5) * factor - 0.5
        nearest = np.clip(np.round(places).astype(int) - self.start, 0, len(columns) - 1)
        return Line(start, middle, self.seen[nearest], self.ink)


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
    lines = _pieces(response, reach // 2)
    while (pair := _continuation(lines, BRIDGE * reach)) is not None:
        left, right = pair
        lines = [line for line in lines if line is not left and line is not right] + [_joined(left, right)]
    filled = [line for line in lines if _ink(line, response) >= WHOLE]
    trimmed = [_trimmed(line, strokes, ink, max(round(side * DOTS), 3)) for line in filled]
    whole = [line for line in trimmed if line is not None and len(line.middle) >= 2 * reach]
    return sorted(whole, key=lambda line: float(line.middle.mean()))


def thin(ink: Ink, side: int) -> Ink:
    """Return what is thin from top to bottom, full ink at 255, however pale."""
    tall = max(round(side * THICKEST), 3) | 1
    hat = cv2.morphologyEx(ink, cv2.MORPH_TOPHAT, np.ones((tall, 1), np.uint8))
    soft = cv2.dilate(hat, np.ones((3, 1), np.uint8))  # a line may pass between two rows of pixels
    usual = float(np.median(soft))
    around = (round(side * AROUND), round(side * AROUND))
    grain = cv2.blur(np.minimum(soft, np.uint8(min(3 * usual + 1, 255))), around).astype(np.float32)
    level = np.maximum(GRAIN * grain, np.float32(PALEST))
    return np.asarray(np.minimum(soft * (255 / level), 255), dtype=np.uint8)


def covered(strokes: Ink, reach: int) -> NDArray[np.float32]:
    """Return (H, W) float32, 0..1: how much of the best straight piece through each pixel is ink."""
    height, width = strokes.shape
    best = np.zeros((height, width), np.uint8)
    pad = int(np.ceil(STEEPEST * width / 2)) + 1
    for slope in np.linspace(-STEEPEST, STEEPEST, SLOPES):
        shear = np.array([[1, 0, 0], [-slope, 1, slope * width / 2 + pad]])
        straight = cv2.warpAffine(strokes, shear, (width, height + 2 * pad), flags=cv2.INTER_NEAREST)
        mean = cv2.blur(straight, (reach | 1, 1), borderType=cv2.BORDER_REPLICATE)
        back = cv2.warpAffine(mean, shear, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
        np.maximum(best, back, out=best)
    return cv2.GaussianBlur(best, (1, 7), 1.5).astype(np.float32) / np.float32(255)


def _pieces(response: NDArray[np.float32], shortest: int) -> list[Line]:
    """Follow the ridges of the response."""
    top = cv2.dilate(response, np.ones((2 * JUMP + 3, 1), np.uint8))
    ridge = ((response >= top) & (response >= COVERED)).astype(np.uint8)
    _, labels = cv2.connectedComponents(cv2.dilate(ridge, np.ones((3, 3), np.uint8)), connectivity=8)
    rows, columns = np.nonzero(ridge)
    owner = labels[rows, columns]
    order = np.lexsort((-response[rows, columns], columns, owner))
    rows, columns, owner = rows[order], columns[order], owner[order]
    first = np.ones(len(rows), bool)
    first[1:] = (np.diff(owner) != 0) | (np.diff(columns) != 0)
    rows, columns, owner = rows[first], columns[first], owner[first]
    breaks = (np.diff(owner) != 0) | (np.abs(np.diff(rows)) > JUMP) | (np.diff(columns) > 2 * JUMP)
    pieces = []
    for part in np.split(np.arange(len(rows)), np.flatnonzero(breaks) + 1):
        if len(part) >= shortest:
            along = np.arange(columns[part[0]], columns[part[-1]] + 1)
            middle = np.interp(along, columns[part], rows[part].astype(float))
            pieces.append(Line(int(along[0]), middle, np.ones(len(along), bool)))
    return pieces


def _continuation(lines: list[Line], widest: float) -> tuple[Line, Line] | None:
    """Return the two pieces that continue each other best, or None."""
    if len(lines) < 2:
        return None
    starts, stops = np.array([(line.start, line.stop) for line in lines], float).T
    first, last = np.array([(line.middle[0], line.middle[-1]) for line in lines]).T
    falls = np.array(
        [(_slope(line.middle[: len(line.middle) // 2]), _slope(line.middle[len(line.middle) // 2 :])) for line in lines]
    )
    gap = starts[None, :] - stops[:, None]  # from the piece of a row to the piece of a column
    rise = first[None, :] - last[:, None]
    miss = np.maximum(np.abs(rise - falls[:, 1][:, None] * gap), np.abs(rise - falls[:, 0][None, :] * gap))
    fits = (gap >= -JUMP) & (gap <= widest) & (miss <= MISS[0] + MISS[1] * np.maximum(gap, 0))
    np.fill_diagonal(fits, False)
    if not fits.any():
        return None
    left, right = np.unravel_index(int(np.where(fits, gap + 5 * miss, np.inf).argmin()), fits.shape)
    return lines[left], lines[right]


def _joined(left: Line, right: Line) -> Line:
    columns = np.concatenate([np.arange(left.start, left.stop), np.arange(right.start, right.stop)])
    heights = np.concatenate([left.middle, right.middle])
    keep = np.r_[True, np.diff(np.maximum.accumulate(columns)) > 0]
    along = np.arange(left.start, right.stop)
    seen = np.zeros(len(along), bool)
    for line in (left, right):
        seen[line.start - left.start : line.stop - left.start] |= line.seen
    return Line(left.start, np.interp(along, columns[keep], heights[keep]), seen)


def _slope(middle: Values) -> float:
    if len(middle) < 2:
        return 0.0
    return float(np.polyfit(np.arange(len(middle)), middle, 1)[0])


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
    if whole.mean() < WHOLE:
        return None
    first, last = np.flatnonzero(whole)[[0, -1]]
    inside = slice(first, last + 1)
    return Line(line.start + int(first), line.middle[inside], near[inside], usual)


def _ink(line: Line, response: NDArray[np.float32]) -> float:
    """Return how much of a line, on average, is ink."""
    rows = np.clip(np.round(line.middle).astype(int), 0, response.shape[0] - 1)
    return float(response[rows, np.arange(line.start, line.stop)].mean())
