"""Where a stroke may lie along a line that was taken out: the line is thicker or darker there than it usually is."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.reader.records import Ink
from pipeline.reader.ruling.tracing import Band, Offsets

PART, SURE = 0.2, 1.5  # of the ink that a whole stroke would add, and times the spread of the line's own: less is none
FULL = 0.9  # … somewhere in the run; strokes that lie along a line mostly add 1 and more, as they are wider than it
LENGTH, SPAN = 1.5, 2.0  # pen widths, of whole stroke and in all: strokes that cross a line or end on it leave less
NEAR = 1.0  # pen widths from a digit's ink: a stroke that lies in a line is as near to the rest of its digit
CAP = 0.3  # of a digit's height: its cap may stand so far from its body
BESIDE, VISIBLE = 1.0, 0.6  # pen widths from a line's soft edge, and of one: a stroke so near, so far seen, is whole
CROSSING = 1.0  # pen widths on both sides of a line of the other family: where it is darker anyway
ASIDE = 0.3  # of a stroke sticks out beside a line that is as dark
LONE = 2
Hidden = NDArray[np.uint8]
"""(H, W) uint8: 1 where a line may hide a stroke that touches a digit, ``LONE`` where one that touches none, else 0."""
Amounts = NDArray[np.float64]


@dataclass(frozen=True)
class Colour:
    """The ink in one colour of light, and the pen's full ink in it."""

    ink: Ink
    pen: float


def hidden_strokes(
    colours: list[Colour],
    taken: NDArray[np.float32],
    strokes: NDArray[np.bool_],
    *,
    others: NDArray[np.bool_],
    bands: list[Band],
    width: float,
) -> Hidden:
    """Return where lines from left to right may hide a stroke along them.

    All ink that was taken out is summed across a line, which no blur changes, and compared with what is usual on that
    line nearby, in the colour of light in which a stroke would stand out most.

    Parameters
    ----------
    colours : list of Colour
    taken : (H, W) float32, 0..1
        How much of each pixel's ink was taken out.
    strokes : (H, W) bool
        What is left of the strokes: where they go on beside the line, they are not hidden.
    others : (H, W) bool
        Where lines of the other family are.
    bands : list of Band
    width : float
        Of the pen's line, pixels.
    """
    found = np.zeros(taken.shape, np.uint8)
    for band in bands:
        if len(band.columns) <= 2 * width:
            continue
        rows, columns, inside = band.pixels(taken.shape[0])
        crossed = (others[rows, columns] & inside).any(axis=0)
        known = ~ndimage.binary_dilation(crossed, iterations=_round(CROSSING * width))
        if not known.any():
            continue
        shares = taken[rows, columns] * inside
        amounts = [(colour.ink[rows, columns] * shares).sum(axis=0, dtype=np.float64) for colour in colours]
        more = np.where(known, _more(amounts, colours, known, band, width), 0)
        long = _long(more, _seen(strokes, band.first, band.last, band.columns, width), width)
        found[rows[:, long], columns[:, long]] |= inside[:, long]
    return found


def lone(hidden: Hidden, strokes: NDArray[np.bool_], width: float) -> Hidden:
    """Return the same, with ``LONE`` where the hidden stroke touches none of the strokes beside the lines."""
    near = cv2.dilate(strokes.astype(np.uint8), _square(NEAR * width))
    count, labels = cv2.connectedComponents(cv2.dilate(hidden, _square(1)))
    touches = np.zeros(count, bool)
    touches[np.unique(labels[(near > 0) & (hidden > 0)])] = True
    return np.where((hidden > 0) & ~touches[labels], LONE, hidden).astype(np.uint8)


def lacks_stroke(digit: NDArray[np.bool_], hidden: Hidden, corner: tuple[int, int], width: float) -> bool:
    """Tell whether a line may hide a stroke of a digit: one that touches its ink, or a cap apart from it.

    Parameters
    ----------
    digit : (h, w) bool
        Where its ink is.
    hidden : (H, W) uint8
        Of the whole picture.
    corner : row and column
        Of the digit's upper left pixel on the picture.
    width : float
        Of the pen's line, pixels.
    """
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    if not len(rows):
        return False
    own = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    top, left = corner[0] + int(rows[0]), corner[1] + int(columns[0])
    touching, apart = _round(NEAR * width), _round(CAP * own.shape[0])
    margin = max(touching, apart)
    around = np.zeros((own.shape[0] + 2 * margin, own.shape[1] + 2 * margin), np.uint8)
    up, down = max(top - margin, 0), min(top + own.shape[0] + margin, hidden.shape[0])
    first, last = max(left - margin, 0), min(left + own.shape[1] + margin, hidden.shape[1])
    inner = (slice(up - top + margin, down - top + margin), slice(first - left + margin, last - left + margin))
    around[inner] = hidden[up:down, first:last]
    if not around.any():
        return False
    ink = np.pad(own, margin).astype(np.uint8)
    near, nearby = (cv2.dilate(ink, _square(reach)) > 0 for reach in (touching, apart))
    return bool(((around > 0) & near).any() or ((around == LONE) & nearby).any())


def _more(amounts: list[Amounts], colours: list[Colour], known: NDArray[np.bool_], band: Band, width: float) -> Amounts:
    """Return, for each column, how much more ink than usual was taken out; 1 is what a whole stroke would add."""
    best, more = 0.0, np.zeros(len(known))
    for raw, colour in zip(amounts, colours, strict=True):
        amount = ndimage.uniform_filter1d(raw, _round(width), mode="nearest")
        amount = np.asarray(np.interp(np.arange(len(known)), np.flatnonzero(known), amount[known]))
        usual = ndimage.median_filter(amount, min(2 * band.window, len(amount)), mode="nearest")
        spread = 1.5 * float(np.median((usual - amount)[amount <= usual]))  # of a normal distribution
        middle = np.clip((band.top + band.bottom) // 2, 0, len(colour.ink) - 1)
        line = float(np.median(colour.ink[middle, band.columns]))
        thick = min(width, float(np.median(band.bottom - band.top + 1)))
        stroke = max(1 - line / 255, ASIDE) * colour.pen * thick  # both let less light through than the line alone
        if stroke / max(spread, 1.0) > best:
            best = stroke / max(spread, 1.0)
            more = np.where(amount - usual >= np.maximum(PART * stroke, SURE * spread), (amount - usual) / stroke, 0)
    return np.asarray(more)


def _seen(
    strokes: NDArray[np.bool_], first: Offsets, last: Offsets, columns: Offsets, width: float
) -> NDArray[np.bool_]:
    """Return the columns in which most of a stroke is left upon the line or right beside it."""
    reach = _round(BESIDE * width)
    counts = np.pad(np.cumsum(strokes, axis=0, dtype=np.int32), ((1, 0), (0, 0)))
    top, bottom = (np.clip(edge, 0, len(strokes)) for edge in (first - reach, last + reach + 1))
    return np.asarray(counts[bottom, columns] - counts[top, columns] >= VISIBLE * width)


def _long(more: Amounts, seen: NDArray[np.bool_], width: float) -> NDArray[np.bool_]:
    """Return the columns of runs in which the surplus is that of a stroke ``LENGTH`` pen widths long."""
    labels, count = ndimage.label(more > 0)
    numbers = np.arange(1, count + 1)
    if not count:
        return np.zeros(len(more), bool)
    length, most = ndimage.sum(more * ~seen, labels, numbers), ndimage.maximum(more, labels, numbers)
    span = np.bincount(labels)[1:]
    enough = (length >= LENGTH * width) & (span >= SPAN * width) & (most >= FULL)
    return np.asarray(np.r_[False, enough][labels])


def _square(reach: float) -> NDArray[np.uint8]:
    return np.ones((2 * _round(reach) + 1, 2 * _round(reach) + 1), np.uint8)


def _round(pixels: float) -> int:
    return max(round(pixels), 1)
