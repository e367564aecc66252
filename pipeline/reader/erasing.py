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
from pipeline.reader.ridges import Line
from pipeline.reader.tracing import SOFTEST, Band, trace

FADE = (1.3, 1.8)  # of the line's ink: below the first nothing but line, above the second the pen alone
STROKE = 0.42  # of the pen's ink: where a stroke's edge is
STEEP = 1.7  # columns a stroke may move while it crosses one row of a line: 60 degrees from upright
TOUCH = 0.15  # of the pen's width, and at least 1.5 pixels: so much ink beside a line is a stroke that touches it
NARROW = 0.4  # of the pen's width: less along the line is the line's own roughness
PEN = 90  # percentile of the ink beside the lines that is the pen's full ink
Keep = NDArray[np.float32]
"""(H, W) float32, 0..1: how much of each pixel's ink stays."""


def erase(ink: Ink, across: list[Line], down: list[Line], factor: float, window: int) -> tuple[Ink, NDArray[np.bool_]]:
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

    Returns
    -------
    (H, W) uint8 ink without lines, and (H, W) bool: where the lines were
    """
    reach = max(round(16 * factor), 6)
    flipped = np.ascontiguousarray(ink.T)
    rows = [trace(ink, line, reach, window) for line in across]
    columns = [trace(flipped, line, reach, window) for line in down]
    lying, standing = _mask(rows, ink.shape), np.ascontiguousarray(_mask(columns, flipped.shape).T)
    level, width = pen(np.where(lying | standing, 0, ink).astype(np.uint8))
    keep = _kept(np.where(standing, 0, ink).astype(np.uint8), ink, lying, rows, level=level, width=width)
    left = np.ascontiguousarray(np.where(lying, 0, ink).T.astype(np.uint8))
    keep_down = _kept(left, flipped, np.ascontiguousarray(standing.T), columns, level=level, width=width)
    kept = ink * np.minimum(keep, keep_down.T)
    return np.asarray(kept + 0.5, dtype=np.uint8), lying | standing


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
        np.add.at(change, (np.clip(band.top - band.soft[0], 0, shape[0]), band.columns), 1)
        np.add.at(change, (np.clip(band.bottom + band.soft[1] + 1, 0, shape[0]), band.columns), -1)
    return np.asarray(np.cumsum(change[:-1], axis=0) > 0)


def _kept(left: Ink, ink: Ink, mask: NDArray[np.bool_], bands: list[Band], *, level: float, width: float) -> Keep:
    """Return how much of the ink stays, so far as lines from left to right decide it.

    ``left`` is the ink without the lines of the other family, ``level`` and ``width`` are the pen's.
    """
    keep = np.where(mask, 0, 1).astype(np.float32)
    for band in bands:
        first, last = band.top - band.soft[0], band.bottom + band.soft[1]
        rows = first + np.arange(int((last - first).max()) + 1)[:, None]
        inside = (rows <= last) & (rows >= 0) & (rows < ink.shape[0])
        rows = np.clip(rows, 0, ink.shape[0] - 1)
        columns = np.broadcast_to(band.columns, rows.shape)
        darker = np.clip((ink[rows, columns] / max(band.level, 1.0) - FADE[0]) / (FADE[1] - FADE[0]), 0, 1)
        strokes = _strokes(left, band, STROKE * level, width)
        stays = np.maximum(darker, strokes) * inside
        np.maximum.at(keep, (rows, columns), stays.astype(np.float32))
    return keep


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
            if apart <= STEEP * (thick - sum(band.soft)):
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
