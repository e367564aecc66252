"""A line that was found roughly is followed pixel by pixel: where its ink begins and ends across it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.reader.records import Ink
from pipeline.reader.ruling.ridges import Line

BLOCK = 4  # columns that are averaged while following: a line moves by at most a pixel in each
STIFF = 0.4  # of a block's ink: what a move of a pixel costs; less, and a line leaps to a digit's bar beside it
EDGE = 0.4  # of the line's ink: where the line's edge is
SOFT = 0.12  # of the line's ink: beyond the edge, less is paper
SOFTEST = 6  # pixels that a soft edge may take
SHARE = 35  # percentile along the line of how thick it is: a stroke on the line covers less than the rest
MISSING = 8  # of the window: where a line is gone for longer, nothing is taken out
UNEVEN = 0.35  # of the line's thickness, and at least 2 pixels: how much thicker a line is here and there
Offsets = NDArray[np.int64]


@dataclass(frozen=True)
class Band:
    """The pixels of a line: its first and last row at each column."""

    columns: Offsets
    top: Offsets
    bottom: Offsets
    level: float  # its ink, 0..255
    soft: tuple[int, int]  # rows above and below that its soft edge takes
    window: int  # columns over which it is steady

    @property
    def first(self) -> Offsets:
        """First row at each column, soft edge included."""
        return self.top - self.soft[0]

    @property
    def last(self) -> Offsets:
        """Last row at each column, soft edge included."""
        return self.bottom + self.soft[1]

    def pixels(self, height: int) -> tuple[Offsets, Offsets, NDArray[np.bool_]]:
        """Return the rows and columns of its pixels on a picture of this height, all (n, columns).

        The third array tells which of them are the line's: its thickness varies, and it may leave the picture.
        """
        rows = self.first + np.arange(int((self.last - self.first).max()) + 1)[:, None]
        inside = (rows <= self.last) & (rows >= 0) & (rows < height)
        return np.clip(rows, 0, height - 1), np.broadcast_to(self.columns, rows.shape), inside


def trace(ink: Ink, line: Line, reach: int, window: int) -> Band:
    """Follow a line.

    Parameters
    ----------
    ink : (H, W) uint8
    line : Line
        Right to ``reach / 2`` pixels.
    reach : int
        Pixels to either side that are looked at.
    window : int
        Columns over which a line's thickness is steady, several times what a stroke covers of it.
    """
    more = reach // 4
    columns = np.arange(max(line.start - more, 0), min(line.stop + more, ink.shape[1]))
    rows = np.round(line.at(columns.astype(float))).astype(int)
    rows = rows + _followed(_strip(ink, columns, rows, reach), max(line.ink, 1.0))
    strip = _strip(ink, columns, rows, reach).astype(np.float32)
    level = float(np.median(strip[reach - 1 : reach + 2].max(axis=0)))
    dark = strip >= EDGE * max(level, 1.0)
    up = np.cumprod(dark[reach::-1], axis=0).sum(axis=0) - 1
    down = np.cumprod(dark[reach:], axis=0).sum(axis=0) - 1
    here = dark[reach]
    up, down = (_steady(extent, here, window) for extent in (up, down))
    soft = _soft(strip, up, level, -1), _soft(strip, down, level, 1)
    there = ~ndimage.binary_opening(~here, np.ones(max(window // MISSING, 3)))
    return Band(columns[there], (rows - up)[there], (rows + down)[there], level, soft, window)


def _strip(ink: Ink, columns: Offsets, rows: Offsets, reach: int) -> Ink:
    """Return (2 * reach + 1, columns): the ink above and below a line, which becomes the middle row."""
    around = np.clip(rows + np.arange(-reach, reach + 1)[:, None], 0, ink.shape[0] - 1)
    return np.asarray(ink[around, columns])


def _followed(strip: Ink, ink: float) -> Offsets:
    """Return, for each column, how far below the middle row the darkest smooth path runs (Viterbi 1967)."""
    height, width = strip.shape
    blocks = max(width // BLOCK, 1)
    edges = np.linspace(0, width, blocks + 1).astype(int)[:-1]
    mean = np.add.reduceat(strip.astype(np.float32), edges, axis=1) / np.diff(np.r_[edges, width])
    gain = ndimage.uniform_filter1d(np.minimum(mean / ink, 1), 3, axis=0).T
    gain = gain - 0.1 * np.abs(np.linspace(-1, 1, height)) ** 2
    best, come = gain[0].copy(), np.zeros((blocks, height), np.int8)
    for block in range(1, blocks):
        from_above, from_below = np.r_[-np.inf, best[:-1] - STIFF], np.r_[best[1:] - STIFF, -np.inf]
        choice = np.stack([from_above, best, from_below])
        come[block] = choice.argmax(axis=0) - 1
        best = choice.max(axis=0) + gain[block]
    path = np.zeros(blocks, int)
    path[-1] = int(best.argmax())
    for block in range(blocks - 1, 0, -1):
        path[block - 1] = path[block] + come[block, path[block]]
    middles = edges + np.diff(np.r_[edges, width]) / 2 - 0.5
    return np.asarray(np.round(np.interp(np.arange(width), middles, path - height // 2)), dtype=np.int64)


def _steady(extent: Offsets, here: NDArray[np.bool_], window: int) -> Offsets:
    """Return how far a line reaches to one side: as it mostly does nearby, and a little more where it does."""
    if not here.any():
        return np.zeros_like(extent)
    known = np.flatnonzero(here)
    filled = extent[known][np.clip(np.searchsorted(known, np.arange(len(extent))), 0, len(known) - 1)]
    mostly = ndimage.percentile_filter(filled, SHARE, size=min(window, len(filled)), mode="nearest")
    uneven = np.maximum(np.round(UNEVEN * 2 * mostly).astype(int), 2)
    return np.asarray(np.where(extent <= mostly + uneven, np.maximum(extent, mostly), mostly), dtype=np.int64)


def _soft(strip: NDArray[np.float32], extent: Offsets, level: float, way: int) -> int:
    """Return how many pixels beyond its edge a line still darkens the paper."""
    middle, columns = strip.shape[0] // 2, np.arange(strip.shape[1])
    for soft in range(1, SOFTEST):
        rows = np.clip(middle + way * (extent + soft), 0, strip.shape[0] - 1)
        if np.median(strip[rows, columns]) < SOFT * level:
            return soft
    return SOFTEST
