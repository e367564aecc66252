"""Pieces of long thin lines: where ink goes on along a straight or slowly bending path."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.records import Ink

THICKEST = 1 / 50  # of the longer side: a line's width; a tall stroke that a line crosses is none
PALEST = 5  # of 255: ink of the palest line that is sought
GRAIN = 2.2  # times the mean of the darkest grain in three pixels: less is no line
AROUND = 1 / 10  # of the longer side: where that mean is taken
STEEPEST = 0.5  # slope, 27 degrees: lines that fall more steeply belong to the other family
SLOPES = 21  # tried between: neighbours part by 2 pixels at the ends of REACH, as much as a line's soft edges
COVERED = 0.5  # of a REACH must be ink
JUMP = 3  # pixels: a line's middle moves no further from a column to the next
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
        first, last = self._slopes
        inside = np.interp(place, self._columns, self.middle)
        before = np.minimum(np.asarray(place) - self.start, 0) * first
        after = np.maximum(np.asarray(place) - self.stop + 1, 0) * last
        return np.asarray(inside + before + after)

    @cached_property
    def _columns(self) -> Values:
        return np.arange(self.start, self.stop, dtype=np.float64)

    @cached_property
    def _slopes(self) -> tuple[float, float]:
        """How steeply the line begins and ends: asked for at every crossing."""
        reach = min(len(self.middle), max(len(self.middle) // 4, 2))
        return _slope(self.middle[:reach]), _slope(self.middle[-reach:])

    def scaled(self, factor: float) -> "Line":
        """Return the line on a photo that is this many times as large."""
        start, stop = round(self.start * factor), round((self.stop - 1) * factor) + 1
        places = (np.arange(start, stop) + 0.5) / factor - 0.5
        columns = np.arange(self.start, self.stop)
        middle = (np.interp(places, columns, self.middle) + 0.5) * factor - 0.5
        nearest = np.clip(np.round(places).astype(int) - self.start, 0, len(columns) - 1)
        return Line(start, middle, self.seen[nearest], self.ink)


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


def pieces(response: NDArray[np.float32], shortest: int) -> list[Line]:
    """Follow the ridges of the response from column to column, each to the nearest one that has it as its nearest."""
    reach = np.ones((2 * JUMP + 3, 1), np.uint8)
    ridge = (response >= cv2.dilate(response, reach)) & (response >= COVERED)
    ridge[1:] &= ~ridge[:-1]  # of equals, the first
    columns, rows = np.nonzero(ridge.T)
    numbers = _numbers(columns, rows)
    lengths = np.bincount(numbers)
    lines = []
    for places in np.split(np.argsort(numbers, kind="stable"), np.cumsum(lengths)[:-1]):
        if len(places) >= max(shortest, 1):
            x, y = columns[places].astype(float), rows[places].astype(float)
            along = np.arange(int(x[0]), int(x[-1]) + 1)
            lines.append(Line(int(x[0]), np.interp(along, x, y), np.ones(len(along), bool)))
    return lines


def _numbers(columns: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return which piece each place on a ridge belongs to: numbers from 0 in the order in which the pieces begin."""
    numbers = np.full(len(rows), -1)
    ends: NDArray[np.int64] = np.zeros((0, 3), np.int64)  # of open pieces: row, column, number
    count = 0
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    for start, stop in pairwise([*starts.tolist(), len(columns)]):
        column, here, number = columns[start], rows[start:stop], numbers[start:stop]
        ends = ends[ends[:, 1] >= column - 2 * JUMP]
        if len(ends):
            away = np.abs(here[:, None] - ends[None, :, 0]) + (column - 1 - ends[None, :, 1])
            nearest, back = away.argmin(axis=1), away.argmin(axis=0)
            linked = (back[nearest] == np.arange(len(here))) & (away[np.arange(len(here)), nearest] <= JUMP)
            number[linked] = ends[nearest[linked], 2]
            ends = np.delete(ends, nearest[linked], axis=0)
        new = np.flatnonzero(number < 0)
        number[new] = np.arange(count, count + len(new))
        count += len(new)
        ends = np.concatenate([ends, np.stack([here, np.full(len(here), column), number], axis=1)])
    return numbers


def _slope(middle: Values) -> float:
    return float(np.polyfit(np.arange(len(middle)), middle, 1)[0]) if len(middle) > 1 else 0.0
