"""A simulated sheet of paper: the printed template, filled in by one writer."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.sheet_code import Modules, modules_of
from pipeline.simulate.marks import Drawn, Mark, put, spoilt_places, strokes_at
from pipeline.simulate.pens import Bgr, Colour
from pipeline.simulate.streams import Streams
from pipeline.simulate.writers import Writer
from pipeline.template import Box, Template, corners, marker_modules

PRINT_GREY = {"box": 0.78, "hint": 0.6, "words": 0.25}  # of white, as in the PDF
LINE_MM = 0.25
PAPER: Colour = (236, 240, 241)
BLACK = 28  # of 255: toner on paper


def fill(template: Template, who: Writer, streams: Streams, scale: float, spoilt: int) -> Drawn:
    """Print the template at ``scale`` pixels a mm and let the writer fill it in; ``spoilt`` cells get no good digit."""
    picture = print_template(template, scale)
    states = spoilt_places(len(template.cells), spoilt, streams["spoilt"])
    rng = streams["writing"]
    marks = []
    for cell, state in zip(template.cells, states, strict=True):
        x, y, width, height = cell.box_mm
        middle = np.array([x + width / 2, y + height / 2]) + rng.normal(0, (0.9, 0.8))
        strokes = strokes_at(who, cell.label, state, middle, rng)
        marks.append(Mark(cell.row, cell.col, cell.label, state, who.pen, strokes, np.array(corners(cell.box_mm))))
    put(picture, marks, scale, streams["ink"])
    return Drawn(picture, scale, tuple(marks))


def print_template(template: Template, scale: float) -> Bgr:
    """Return the empty sheet at ``scale`` pixels a mm."""
    width, height = (round(side * scale) for side in template.page_mm)
    grey = np.full((height, width), 255, np.uint8)
    for cell in template.cells:
        cv2.polylines(grey, [_fixed(cell.box_mm, scale)], True, _level("box"), _thickness(scale), cv2.LINE_AA, 4)
    for hint in template.hints:
        x, y, _, side = hint.box_mm
        _letters(grey, str(hint.label), (x, y + side), side, "hint", scale=scale)
    left, top = template.markers[0].box_mm[:2]
    _letters(grey, "Handwritten digits", (left + 20, top + 5), 4, "words", scale=scale)
    _letters(grey, "Name or code of the writer", (left + 20, top + 13), 2.4, "words", scale=scale)
    advice = left + (51 if template.codes else 20)  # right of the code
    _letters(grey, "One digit in each box. Photograph the whole sheet.", (advice, top + 253), 2.6, "words", scale=scale)
    for marker in template.markers:
        _stamp(grey, marker_modules(marker.id), marker.box_mm, scale)
    for box in template.codes:
        _stamp(grey, modules_of(template.code.text() if template.code else ""), box, scale)
    tones = (np.arange(256)[:, None] * np.array(PAPER) / 255 + 0.5).astype(np.uint8)
    return np.asarray(cv2.merge([cv2.LUT(grey, tones[:, channel]) for channel in range(3)]), dtype=np.uint8)


def _stamp(grey: NDArray[np.uint8], modules: Modules, box: Box, scale: float) -> None:
    """Draw a square of black and white modules with its edges where the geometry says, to a fraction of a pixel."""
    left, top, side = box[0] * scale, box[1] * scale, box[2] * scale
    inked = np.where(modules, BLACK, 255).astype(np.uint8)
    x, y, size = int(left), int(top), int(side) + 2
    step = 8  # drawn this many times finer, then averaged
    module = side * step / len(modules)
    place = np.array([[module, 0, (left - x) * step - 0.5], [0, module, (top - y) * step - 0.5]])
    place[:, 2] += 0.5 * module
    wide = cv2.warpAffine(inked, place, (size * step, size * step), flags=cv2.INTER_NEAREST, borderValue=255)
    grey[y : y + size, x : x + size] = cv2.resize(wide, (size, size), interpolation=cv2.INTER_AREA)


def _letters(
    grey: NDArray[np.uint8], words: str, at: tuple[float, float], height: float, kind: str, *, scale: float
) -> None:
    """Print words whose capitals are ``height`` mm high, with their baseline's left end ``at`` mm."""
    size = height * scale / 21  # Hershey capitals are 21 pixels high
    place = (round(at[0] * scale), round(at[1] * scale))
    thickness = max(round(height * scale / 12), 1)
    cv2.putText(grey, words, place, cv2.FONT_HERSHEY_SIMPLEX, size, _level(kind), thickness, cv2.LINE_AA)


def _fixed(box: tuple[float, float, float, float], scale: float) -> NDArray[np.int32]:
    x, y, width, height = box
    outline = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    return np.asarray(np.round((outline * scale - 0.5) * 16), dtype=np.int32)


def _level(kind: str) -> int:
    return round(255 * PRINT_GREY[kind])


def _thickness(scale: float) -> int:
    return max(round(LINE_MM * scale), 1)
