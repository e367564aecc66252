"""The template's sheet seen straight on, with the light and all that was printed taken out."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.records import Grey, Ink
from pipeline.template import COLS, ROWS, Box, Template

LINE_MM = 0.9  # either side of where a line was printed: registration, a lens's bend and the line's own width
LINE_FADE = (1.2, 1.8)  # of the line's ink: below the first nothing but line, above the second the pen alone
HINT_MM = 0.5  # around a hint: registration
LINE_END_MM = 2.0  # of a line's ends are left out where lines are measured: there another line begins
SMOOTH = 0.8  # pixels: takes noise off before the pen's ink is measured
PEAK = 99.5  # percentile of a box's ink that is the pen's: a plain 1 covers 2% of a box
GAP_MM = (1.1, 2.2)  # below a box: where the strip of paper begins that shows the grain, and its height

Places = NDArray[np.int64]
"""Indices into a canvas's ink as one row of pixels."""


@dataclass(frozen=True)
class Canvas:
    """The sheet at a known scale; ink that is left was written."""

    ink: Ink
    scale: float  # pixels a mm
    origin_mm: tuple[float, float]  # of the page, at the canvas's upper left corner
    light: Grey | None = None  # of the paper, one pixel a mm

    def light_of(self, box_mm: Box) -> float:
        """Return how bright the paper of a box is, 0..255; 0 where it is not known."""
        if self.light is None:
            return 0.0
        x, y = (max(int(box_mm[axis] - self.origin_mm[axis]), 0) for axis in (0, 1))
        return cv2.mean(self.light[y : y + int(box_mm[3]), x : x + int(box_mm[2])])[0]

    def place(self, box_mm: Box, grow_mm: float = 0.0) -> tuple[slice, slice]:
        """Return the rows and columns of a box, made larger by ``grow_mm`` on every side and clipped to the canvas."""
        return _place((self.ink.shape[0], self.ink.shape[1]), self.scale, self.origin_mm, box_mm, grow_mm)

    def cut(self, box_mm: Box, grow_mm: float = 0.0) -> Ink:
        """Return the ink of a box."""
        return self.ink[self.place(box_mm, grow_mm)]

    def peak(self, box_mm: Box, grow_mm: float = 0.0) -> float:
        """Return the ink, 0..255, of the darkest pixels of a box that are more than single specks."""
        counts = cv2.calcHist([self.cut(box_mm, grow_mm)], [0], None, [256], [0, 256]).ravel().cumsum()
        return float(np.searchsorted(counts, PEAK / 100 * counts[-1]))

    def smooth(self, times: float = 1.0) -> "Canvas":
        """Return the same sheet, blurred a little: its darkest pixels are the pen, not noise."""
        ink = cv2.GaussianBlur(self.ink, (0, 0), SMOOTH * times)
        return Canvas(np.asarray(ink, dtype=np.uint8), self.scale, self.origin_mm)

    def blank(self) -> "Blank":
        """Return what this canvas has in common with all of its size."""
        height, width = self.ink.shape
        return Blank((height, width), self.scale, self.origin_mm)


@dataclass(frozen=True)
class Blank:
    """A canvas without its ink: what depends on it alone is computed once."""

    shape: tuple[int, int]
    scale: float
    origin_mm: tuple[float, float]

    def canvas(self) -> Canvas:
        """Return it as paper without ink."""
        return Canvas(np.zeros(self.shape, np.uint8), self.scale, self.origin_mm)


@lru_cache(2048)
def _place(
    shape: tuple[int, int], scale: float, origin_mm: tuple[float, float], box_mm: Box, grow_mm: float
) -> tuple[slice, slice]:
    """Return the rows and columns of a box on a canvas; every sheet asks for the same few hundred."""
    slices = []
    for axis, length in ((1, shape[0]), (0, shape[1])):
        start = (box_mm[axis] - grow_mm - origin_mm[axis]) * scale
        stop = (box_mm[axis] + box_mm[axis + 2] + grow_mm - origin_mm[axis]) * scale
        slices.append(slice(max(round(start), 0), min(max(round(stop), 0), length)))
    return slices[0], slices[1]


def without_print(canvas: Canvas, template: Template) -> Canvas:
    """Take out box lines and hints: near a line, ink as pale as the lines of this photo goes, darker ink stays."""
    near_lines, near_hints = _printed(canvas.blank(), template)
    ink = canvas.ink.copy()
    faded = cv2.LUT(canvas.ink, _fade(_line_level(canvas, template)))
    cv2.copyTo(faded, near_lines, ink)
    hint_level = float(np.median([canvas.cut(hint.box_mm).max(initial=0) for hint in template.hints]))
    cv2.copyTo(cv2.LUT(canvas.ink, _fade(hint_level)), near_hints, ink)
    return Canvas(ink, canvas.scale, canvas.origin_mm)


def grain(smooth: Canvas, template: Template) -> NDArray[np.float64]:
    """Return (cells,): the ink of the darkest grain in the paper around each box, 0..255.

    It is measured in the strip below a box; the median of nine neighbours is free of strokes that leave their box.
    """
    boxes = (cell.box_mm for cell in template.cells)
    peaks = [smooth.peak((x, y + height + GAP_MM[0], width, GAP_MM[1])) for x, y, width, height in boxes]
    return np.asarray(cv2.medianBlur(np.array(peaks, np.float32).reshape(ROWS, COLS), 3), dtype=np.float64).ravel()


@lru_cache(4)
def owners(blank: Blank, template: Template) -> NDArray[np.uint8]:
    """Return (H, W): which box each pixel lies in, 1 and up in the cells' order, 0 between them."""
    canvas = blank.canvas()
    for number, cell in enumerate(template.cells, start=1):
        canvas.ink[canvas.place(cell.box_mm)] = number
    return canvas.ink


@lru_cache(4)
def nearest_box(blank: Blank, template: Template) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the row of boxes that is nearest to each row of pixels, (H,), and the column for each column, (W,)."""
    found = []
    for axis, count, step in ((1, ROWS, COLS), (0, COLS, 1)):
        cells = template.cells[: count * step : step]
        middles = np.array([cell.box_mm[axis] + cell.box_mm[axis + 2] / 2 for cell in cells])
        pixels = (np.arange(blank.shape[1 - axis]) + 0.5) / blank.scale + blank.origin_mm[axis]
        found.append(np.abs(pixels[:, None] - middles).argmin(axis=1))
    return found[0], found[1]


@lru_cache(8)
def strips(blank: Blank, template: Template, axis: int, reach_mm: float) -> Places:
    """Return the pixels across and along every box line that lies across an axis.

    Parameters
    ----------
    blank : Blank
    template : Template
    axis : {0, 1}
        0: vertical lines, x changes across them; 1: horizontal ones.
    reach_mm : float
        How far to either side of a line.

    Returns
    -------
    (lines, across, along) int64
        Lines in the cells' order, the upper or left one of a box first.
    """
    height, width = blank.shape
    boxes = np.array([cell.box_mm for cell in template.cells])
    lines = (boxes[:, [axis]] + boxes[:, [axis + 2]] * np.array([0.0, 1.0])).ravel()
    ends = np.repeat(boxes[:, 1 - axis], 2)
    long = float(boxes[0, 3 - axis]) - 2 * LINE_END_MM
    across = _run(lines - reach_mm - blank.origin_mm[axis], 2 * reach_mm, blank.scale)
    along = _run(ends + LINE_END_MM - blank.origin_mm[1 - axis], long, blank.scale)
    rows, cols = (across[:, :, None], along[:, None, :]) if axis == 1 else (along[:, None, :], across[:, :, None])
    return np.asarray(np.clip(rows, 0, height - 1) * width + np.clip(cols, 0, width - 1), dtype=np.int64)


def _run(starts: NDArray[np.float64], length: float, scale: float) -> NDArray[np.int64]:
    """Return (N, n): the pixels from each start, both in mm."""
    return np.asarray(np.round(starts * scale)[:, None] + np.arange(round(length * scale)), dtype=np.int64)


@lru_cache(4)
def _printed(blank: Blank, template: Template) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return (H, W) of 0 and 255: what is near box lines, and what is near hints."""
    lines, hints = blank.canvas(), blank.canvas()
    for cell in template.cells:
        lines.ink[lines.place(cell.box_mm, LINE_MM)] = 255
    for cell in template.cells:
        lines.ink[lines.place(cell.box_mm, -LINE_MM)] = 0
    for hint in template.hints:
        hints.ink[hints.place(hint.box_mm, HINT_MM)] = 255
    return lines.ink, hints.ink


def _fade(level: float) -> NDArray[np.uint8]:
    """Return what becomes of each ink, 0..255, near print of a level."""
    ink = np.arange(256.0)
    kept = np.clip((ink / max(level, 1.0) - LINE_FADE[0]) / (LINE_FADE[1] - LINE_FADE[0]), 0, 1)
    return np.asarray(ink * kept, dtype=np.uint8)


def _line_level(canvas: Canvas, template: Template) -> float:
    """Return the ink of the printed lines: the darkest pixel across them, at the median place along them."""
    across = canvas.ink.ravel()[strips(canvas.blank(), template, 1, LINE_MM)].max(axis=1)
    return float(np.median(across))
