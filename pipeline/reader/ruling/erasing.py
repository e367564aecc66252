"""Ruled lines are taken out of the ink; strokes that touch or cross them stay whole.

As staff lines are taken out of music (Dalitz et al. 2008, "A comparative study of staff removal algorithms"): a
line's pixels go, but for those that join a stroke on one side to a stroke on the other, and those that are darker than
any line.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.reader.records import Ink
from pipeline.reader.ruling.hidden import Colour, Hidden, hidden_strokes, lone
from pipeline.reader.ruling.ridges import Line
from pipeline.reader.ruling.tracing import SOFTEST, Band, trace

FADE = (0.35, 0.65)  # of the way from a line's ink to that of line and pen: below the first line, above the second pen
SURE = 3.0  # times the spread of a line's own ink, and
FULL, CLEAR = 0.85, 2.5  # of the pen's ink; times surer than enough: what a stroke must have where two lines cross
PLAIN = 30.0  # of 255: so much darker must ink upon a line be
STROKE = 0.42  # of the pen's ink: where a stroke's edge is
STEEP = 1.7  # columns a stroke may move while it crosses one row of a line: 60 degrees from upright
TOUCH = 0.15  # of the pen's width, and at least 1.5 pixels: so much ink beside a line is a stroke that touches it
UNLIKE = 3.0  # times as long along the line on one side as on the other: not one stroke that crosses
NARROW = 0.4  # of the pen's width: less along the line is the line's own roughness
PEN = 90  # percentile of the ink beside the lines that is the pen's full ink
Keep = NDArray[np.float32]
"""(H, W) float32, 0..1: how much of each pixel's ink stays."""


def erase(
    ink: Ink, across: list[Line], down: list[Line], *, factor: float, window: int, shades: tuple[Ink, ...] = ()
) -> tuple[Ink, NDArray[np.bool_], Hidden]:
    """Take lines out.

    Parameters
    ----------
    ink : (H, W) uint8
    across, down : list of Line
        Lines from left to right, and lines from top to bottom (of the transpose), on this ink.
    factor : float
        Pixels of ``ink`` a pixel of the photo on which the lines were found.
    window : int
        Columns over which a line's thickness is steady: about a cell, several digit strokes.
    shades : (H, W) uint8 each
        The ink in single colours of light: a coloured line is pale in one of them.

    Returns
    -------
    (H, W) uint8 ink without lines, (H, W) bool: where the lines were, and where they may hide a stroke
    """
    reach = max(round(16 * factor), 6)
    flipped = np.ascontiguousarray(ink.T)
    rows = [trace(ink, line, reach, window) for line in across if _overlaps(line, ink.shape[1])]
    columns = [trace(flipped, line, reach, window) for line in down if _overlaps(line, ink.shape[0])]
    lying, standing = _mask(rows, ink.shape), np.ascontiguousarray(_mask(columns, flipped.shape).T)
    lines = lying | standing
    level, width = pen(np.where(lines, 0, ink).astype(np.uint8))
    colours = [Colour(colour, pen(np.where(lines, 0, colour).astype(np.uint8))[0]) for colour in (ink, *shades)]
    keep = _kept(np.where(standing, 0, ink).astype(np.uint8), colours, lying, rows, level=STROKE * level, width=width)
    left = np.ascontiguousarray(np.where(lying, 0, ink).T.astype(np.uint8))
    upright = [Colour(np.ascontiguousarray(colour.ink.T), colour.pen) for colour in colours]
    keep_down = _kept(left, upright, np.ascontiguousarray(standing.T), columns, level=STROKE * level, width=width)
    erased = np.asarray(ink * np.minimum(keep, keep_down.T) + 0.5, dtype=np.uint8)
    strokes = erased >= STROKE * level
    hidden = hidden_strokes(colours, 1 - keep, strokes, others=standing, bands=rows, width=width)
    beside = hidden_strokes(upright, 1 - keep_down, strokes.T, others=lying.T, bands=columns, width=width).T
    return erased, lines, np.maximum(lone(hidden, strokes & ~lines, width), beside)


def _overlaps(line: Line, length: int) -> bool:
    return line.start < length and line.stop > 0


def pen(left: Ink) -> tuple[float, float]:
    """Return the pen's full ink, 0..255, and the width of its line in pixels."""
    otsu, _ = cv2.threshold(left, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dark = left > max(otsu, 24)
    if not dark.any():
        return 255.0, 1.0
    full = float(np.percentile(left[dark], PEN))
    depth = cv2.distanceTransform((left > STROKE * full).astype(np.uint8), cv2.DIST_L2, 3)
    return full, max(4 * float(np.median(depth[depth > 0])) - 1, 1.0)


def _mask(bands: list[Band], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return where the lines are, with their soft edges."""
    change = np.zeros((shape[0] + 1, shape[1]), np.int32)
    for band in bands:
        np.add.at(change, (np.clip(band.first, 0, shape[0]), band.columns), 1)
        np.add.at(change, (np.clip(band.last + 1, 0, shape[0]), band.columns), -1)
    return np.asarray(np.cumsum(change[:-1], axis=0) > 0)


def _kept(
    left: Ink, colours: list[Colour], mask: NDArray[np.bool_], bands: list[Band], *, level: float, width: float
) -> Keep:
    """Return how much of the ink stays, so far as lines from left to right decide it.

    ``left`` is the ink without the lines of the other family, ``level`` where the edge of a stroke ``width`` wide is.
    """
    keep = np.where(mask, 0, 1).astype(np.float32)
    for band in bands:
        if not len(band.columns):
            continue
        rows, columns, inside = band.pixels(left.shape[0])
        darker = _darker(colours, band, rows, columns, crossing=left[rows, columns] == 0)
        stays = np.maximum(darker, _strokes(left, band, level, width)) * inside
        np.maximum.at(keep, (rows, columns), stays.astype(np.float32))
    return keep


def _darker(
    colours: list[Colour],
    band: Band,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    *,
    crossing: NDArray[np.bool_],
) -> Keep:
    """Return where, 0..1, there is ink upon a line: both let less light through than the line alone does.

    That is told in the colour in which line and pen differ most, measured by how much the line itself varies.
    """
    middle = np.clip((band.top + band.bottom) // 2, 0, colours[0].ink.shape[0] - 1)
    best, kept = 0.0, np.zeros(rows.shape, np.float32)
    for colour in colours:
        seen = colour.ink[middle, band.columns].astype(np.float32)
        line = ndimage.median_filter(seen, min(2 * band.window, len(seen)), mode="nearest")
        spread = max(SURE * float(np.median(np.maximum(line - seen, 0)[seen <= line])), PLAIN)
        both = 255 - (255 - line) * (255 - colour.pen) / 255
        clear = float(np.median(both - line)) / spread
        if clear > max(best, 1):
            first = line + np.maximum(FADE[0] * (both - line), spread / 2)
            last = np.maximum(line + FADE[1] * (both - line), first + 1)
            shade = cv2.GaussianBlur(colour.ink[rows, columns], (3, 3), 0)
            best = clear
            kept = np.clip((shade - first) / (last - first), 0, 1).astype(np.float32)
            kept[crossing] *= (shade[crossing] >= FULL * colour.pen) & (clear >= CLEAR)  # two lines are dark too
    return kept


def _strokes(left: Ink, band: Band, level: float, width: float) -> NDArray[np.bool_]:
    """Return (rows of the band and its soft edges, columns): where strokes cross the line or reach into it."""
    above, below = _beside(left, band, level, width, -1), _beside(left, band, level, width, 1)
    height = band.bottom - band.top + 1 + sum(band.soft)
    found = np.zeros((int(height.max()), len(band.columns)), np.uint8)
    uppers, lowers = _runs(above > 0), _runs(below > 0)
    for first, last in uppers:
        for start, stop in lowers:
            thick = int(height[min(first, start) : max(last, stop)].max())
            apart = max(first, start) - min(last, stop)
            short, long = sorted((last - first, stop - start))
            if apart <= STEEP * (thick - sum(band.soft)) and long <= UNLIKE * short:
                corners = [(first, 0), (last - 1, 0), (stop - 1, thick - 1), (start, thick - 1)]
                cv2.fillConvexPoly(found, np.array(corners, np.int32), 1)
    depth = np.arange(len(found))[:, None]
    for visible, deep in ((above, depth - band.soft[0]), (below, height - 1 - depth - band.soft[1])):
        reach = np.maximum(width - visible, width / 2)
        found |= ((visible > 0) & (deep < reach)).astype(np.uint8)
    return found.astype(bool)


def _beside(left: Ink, band: Band, level: float, width: float, way: int) -> NDArray[np.int64]:
    """Return, for each column, how far a stroke goes on beside the line, in rows; 0 where none touches it."""
    reach = int(np.ceil(width)) + SOFTEST
    edge = band.top if way < 0 else band.bottom
    rows = edge + way * np.arange(1, reach + 1)[:, None]
    inside = (rows >= 0) & (rows < left.shape[0])
    dark = (left[np.clip(rows, 0, left.shape[0] - 1), band.columns] >= level) & inside
    length = np.cumprod(dark, axis=0).sum(axis=0)
    usual, more = np.percentile(length, (50, 75))
    beyond = length - int(usual)
    touches = beyond >= max(TOUCH * width, 1.5, 2 * (more - usual))
    gap = max(round(width / 2), 1)
    closed = ndimage.binary_closing(np.pad(touches, gap), np.ones(gap + 1))[gap:-gap]
    stroke = ndimage.binary_opening(closed, np.ones(max(round(NARROW * width), 1)))
    return np.where(stroke, np.maximum(beyond, 1), 0)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first column of each run and the column after its last."""
    edges = np.flatnonzero(np.diff(np.r_[0, flags.astype(np.int8), 0]))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]
