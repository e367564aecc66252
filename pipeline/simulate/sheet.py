"""A simulated sheet of paper: the printed template, filled in by one writer."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.writers import Colour, Writer, draw, scribble, write_digit
from pipeline.template import CODE, Cell, Template

Bgr = NDArray[np.uint8]
"""(H, W, 3) uint8 as OpenCV has it: blue, green, red."""

State = Literal["digit", "blank", "scribble"]

PRINT_GREY = {"box": 0.78, "hint": 0.6, "words": 0.25}  # of white, as in the PDF
LINE_MM = 0.25
PAPER: Colour = (236, 240, 241)
BLACK = 28  # of 255: toner on paper


@dataclass(frozen=True)
class Filled:
    """A drawn sheet and what was written in each of the template's cells."""

    picture: Bgr
    scale: float  # pixels a mm; the pixel (i, j) covers i/scale..(i+1)/scale mm
    states: tuple[State, ...]


def fill(template: Template, who: Writer, rng: np.random.Generator, scale: float, spoilt: int) -> Filled:
    """Print the template at ``scale`` pixels a mm and let the writer fill it in; ``spoilt`` cells get no good digit."""
    picture = print_template(template, scale)
    states: list[State] = ["digit"] * len(template.cells)
    for place in rng.choice(len(states), spoilt, replace=False):
        states[place] = "blank" if rng.random() < 0.5 else "scribble"
    for cell, state in zip(template.cells, states, strict=True):
        if state != "blank":
            _write(picture, cell, who, rng, scale, struck=state == "scribble")
    return Filled(picture, scale, tuple(states))


def print_template(template: Template, scale: float) -> Bgr:
    """Return the empty sheet at ``scale`` pixels a mm."""
    width, height = (round(side * scale) for side in template.page_mm)
    grey = np.full((height, width), 255, np.uint8)
    for cell in template.cells:
        cv2.polylines(grey, [_fixed(cell.box_mm, scale)], True, _level("box"), _thickness(scale), cv2.LINE_AA, 4)
    labels = [str(cell.label) for cell in template.cells if cell.col == 0]
    for label, (x, y, _, side) in zip(labels, template.hints, strict=True):
        _letters(grey, label, (x, y + side), side, "hint", scale=scale)
    left, top = template.markers[0].box_mm[:2]
    _letters(grey, "Handwritten digits", (left + 20, top + 5), 4, "words", scale=scale)
    _letters(grey, "Name or code of the writer", (left + 20, top + 13), 2.4, "words", scale=scale)
    _letters(
        grey, "One digit in each box. Photograph the whole sheet.", (left + 20, top + 253), 2.6, "words", scale=scale
    )
    for marker in template.markers:
        _stamp(grey, marker.id, marker.box_mm[0] * scale, marker.box_mm[1] * scale, marker.box_mm[2] * scale)
    tones = (np.arange(256)[:, None] * np.array(PAPER) / 255 + 0.5).astype(np.uint8)
    return np.asarray(cv2.merge([cv2.LUT(grey, tones[:, channel]) for channel in range(3)]), dtype=np.uint8)


def _write(picture: Bgr, cell: Cell, who: Writer, rng: np.random.Generator, scale: float, *, struck: bool) -> None:
    x, y, width, height = cell.box_mm
    middle = np.array([x + width / 2, y + height / 2]) + rng.normal(0, (0.9, 0.8))
    strokes = write_digit(who, cell.label, rng)
    if struck:
        strokes = strokes + scribble(who, rng)
    ink = np.concatenate(strokes)
    low = np.maximum((middle + ink.min(axis=0) - who.pen_width) * scale, 0).astype(int)
    high = np.ceil((middle + ink.max(axis=0) + who.pen_width) * scale).astype(int)
    part = picture[low[1] : high[1], low[0] : high[0]]
    origin = middle * scale - low
    covered = draw(strokes, who, scale, (part.shape[0], part.shape[1]), (float(origin[0]), float(origin[1])))
    grain = rng.normal(1.0, 0.06, covered.shape).astype(np.float32)  # paper takes ink unevenly
    share = np.clip(covered * who.opacity * cv2.GaussianBlur(grain, (0, 0), 0.8), 0, 1)[:, :, None]
    part[:] = np.asarray(part * (1 - share) + np.array(who.ink, np.float32) * share + 0.5, dtype=np.uint8)


def _stamp(grey: NDArray[np.uint8], marker: int, left: float, top: float, side: float) -> None:
    """Draw a marker with its edges where the geometry says, to a fraction of a pixel."""
    code = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, CODE))
    modules = cv2.aruco.generateImageMarker(code, marker, 6)
    fine = cv2.resize(modules, (480, 480), interpolation=cv2.INTER_NEAREST)
    inked = np.maximum(fine, BLACK)
    x, y, size = int(left), int(top), int(side) + 2
    step = 8  # drawn this many times finer, then averaged
    place = np.array([[side * step / 480, 0, (left - x) * step - 0.5], [0, side * step / 480, (top - y) * step - 0.5]])
    place[:, 2] += 0.5 * side * step / 480
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
