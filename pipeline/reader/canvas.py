"""The template's sheet seen straight on, with the light and all that was printed taken out."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.records import Ink
from pipeline.template import Box, Template

LINE_MM = 0.9  # either side of where a line was printed: registration, a lens's bend and the line's own width
LINE_FADE = (1.2, 1.8)  # of the line's ink: below the first nothing but line, above the second the pen alone
SMOOTH = 0.8  # pixels: takes noise off before the pen's ink is measured
PEAK = 99.5  # percentile of a box's ink that is the pen's: a plain 1 covers 2% of a box
GAP_MM = (1.1, 2.2)  # below a box: where the strip of paper begins that shows the grain, and its height


@dataclass(frozen=True)
class Canvas:
    """The sheet at a known scale; ink that is left was written."""

    ink: Ink
    scale: float  # pixels a mm
    origin_mm: tuple[float, float]  # of the page, at the canvas's upper left corner

    def place(self, box_mm: Box, grow_mm: float = 0.0) -> tuple[slice, slice]:
        """Return the rows and columns of a box, made larger by ``grow_mm`` on every side and clipped to the canvas."""
        slices = []
        for axis, length in ((1, self.ink.shape[0]), (0, self.ink.shape[1])):
            start = (box_mm[axis] - grow_mm - self.origin_mm[axis]) * self.scale
            stop = (box_mm[axis] + box_mm[axis + 2] + grow_mm - self.origin_mm[axis]) * self.scale
            slices.append(slice(max(round(start), 0), min(max(round(stop), 0), length)))
        return slices[0], slices[1]

    def cut(self, box_mm: Box, grow_mm: float = 0.0) -> Ink:
        """Return the ink of a box."""
        return self.ink[self.place(box_mm, grow_mm)]

    def peak(self, box_mm: Box, grow_mm: float = 0.0) -> float:
        """Return the ink, 0..255, of the darkest pixels of a box that are more than single specks."""
        return float(np.percentile(self.cut(box_mm, grow_mm), PEAK))

    def smooth(self) -> "Canvas":
        """Return the same sheet, blurred a little: its darkest pixels are the pen, not noise."""
        ink = cv2.GaussianBlur(self.ink, (0, 0), SMOOTH)
        return Canvas(np.asarray(ink, dtype=np.uint8), self.scale, self.origin_mm)


def without_print(canvas: Canvas, template: Template) -> Canvas:
    """Take out box lines and hints: near a line, ink as pale as the lines of this photo goes, darker ink stays."""
    ink = canvas.ink.copy()
    for hint in template.hints:
        ink[canvas.place(hint, 0.5)] = 0
    near = np.zeros(ink.shape, bool)
    for cell in template.cells:
        near[canvas.place(cell.box_mm, LINE_MM)] = True
    for cell in template.cells:
        near[canvas.place(cell.box_mm, -LINE_MM)] = False
    kept = np.clip((ink / max(_line_level(canvas, template), 1.0) - LINE_FADE[0]) / (LINE_FADE[1] - LINE_FADE[0]), 0, 1)
    return Canvas(np.where(near, ink * kept, ink).astype(np.uint8), canvas.scale, canvas.origin_mm)


def grain(smooth: Canvas, template: Template) -> float:
    """Return the ink of the darkest grain in the paper below a box, at the median box: no stroke is everywhere."""
    boxes = (cell.box_mm for cell in template.cells)
    strips = [(x, y + height + GAP_MM[0], width, GAP_MM[1]) for x, y, width, height in boxes]
    return float(np.median([smooth.peak(strip) for strip in strips]))


def owners(canvas: Canvas, template: Template) -> NDArray[np.uint8]:
    """Return (H, W): which box each pixel lies in, 1 and up in the cells' order, 0 between them."""
    numbers = np.zeros(canvas.ink.shape, np.uint8)
    for number, cell in enumerate(template.cells, start=1):
        numbers[canvas.place(cell.box_mm)] = number
    return numbers


def _line_level(canvas: Canvas, template: Template) -> float:
    """Return the ink of the printed lines: the darkest pixel across them, at the median place along them."""
    across = []
    for cell in template.cells:
        x, y, width, height = cell.box_mm
        across += [canvas.cut((x + 2, line, width - 4, 0), LINE_MM).max(axis=0) for line in (y, y + height)]
    return float(np.median(np.concatenate(across)))
