"""The geometry of our printable sheet, in millimetres: x to the right, y down, from the page's upper left corner.

The markers' centres form the same rectangle on every paper, and the cells have the same place relative to it:
whoever knows where the markers are knows where the cells are, without knowing the paper. The plain sheet has markers
0-3 and a row for each digit. Markers 4-7 say that the sheet has a code, which must be read: only it knows the digits.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from pipeline.sheet_code import SIDE, Modules, SheetCode, half_rows

Paper = Literal["a4", "letter"]
Box = tuple[float, float, float, float]
"""x, y of the upper left corner, width, height."""

PAGES_MM: dict[Paper, tuple[float, float]] = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}  # ISO 216, ANSI Y14.1
MARKER_PLACES = ("upper left", "upper right", "lower right", "lower left")  # by marker id, modulo four
CODE = "DICT_4X4_50"  # OpenCV's ArUco dictionary (Garrido-Jurado et al., "Automatic generation … of fiducial markers")
CODED = 4  # the first marker's id on a sheet with a code
ROWS = COLS = 10

# Between the markers' centres. Letter is the shorter paper and A4 the narrower one: with 14 mm markers this leaves
# 10 mm to each edge, more than any printer's unprintable margin, and white around the markers, which ArUco needs.
_FRAME = (176.0, 244.0)
_MARKER = 14.0  # six modules of 2.3 mm: about ten pixels each in a photo of 1200x1600
_FIRST_CELL = (4.5, 16.0)  # from the first marker's centre to the first box's upper left corner
_PITCH = (18.0, 21.4)
_BOX = (15.5, 17.0)  # a written digit is 8 to 12 mm high; the gaps take strokes that leave their box
_HINT = (-5.5, 4.2)  # x of the hint's left edge from the first marker's centre; height of its square
_INNER_HINT = (3.2, 0.6)  # side of a hint within a row, and its distance from the box: where four gaps meet, above …
_MODULE = 1.0  # of the QR code: five pixels of a photo in which the sheet fills 1500 pixels
_CODES = ((143.0, -10.6), (12.0, 231.2))  # upper left corners, from the first marker's centre: one copy may be hidden;
# 5.6 mm away from the boxes, and at least four modules of white around each


@dataclass(frozen=True)
class Marker:
    """A black square that tells where the sheet is and how it is turned."""

    id: int
    box_mm: Box

    @property
    def corners_mm(self) -> tuple[tuple[float, float], ...]:
        """Corners from the upper left clockwise, the order in which ArUco reports them."""
        return corners(self.box_mm)


@dataclass(frozen=True)
class Cell:
    """A printed box for one digit."""

    row: int
    col: int
    label: int
    box_mm: Box


@dataclass(frozen=True)
class Hint:
    """A digit printed small before the boxes that ask for it."""

    label: int
    box_mm: Box


@dataclass(frozen=True)
class Template:
    """One paper's sheet."""

    page_mm: tuple[float, float]
    markers: tuple[Marker, ...]  # from the upper left clockwise
    cells: tuple[Cell, ...]  # row by row
    hints: tuple[Hint, ...]
    code: SheetCode | None = None
    codes: tuple[Box, ...] = ()  # where the code is printed, twice; none on a plain sheet

    def __hash__(self) -> int:
        """Hash what decides all the rest: a template is the key to what is computed once for it."""
        return hash((self.page_mm, self.code))

    def as_json(self) -> dict[str, object]:
        """Return what ``mnist-cn template --json`` prints."""
        cells = [
            {"row": cell.row, "col": cell.col, "label": cell.label, "box_mm": list(cell.box_mm)} for cell in self.cells
        ]
        plain: dict[str, object] = {"page_mm": list(self.page_mm), "cells": cells}
        if self.code is None:
            return plain
        return plain | {"code": {"text": self.code.text(), "boxes_mm": [list(box) for box in self.codes]}}


@lru_cache(16)
def geometry(paper: Paper = "a4", code: SheetCode | None = None) -> Template:
    """Return the sheet for a paper: markers from the upper left clockwise, ten rows of boxes.

    Parameters
    ----------
    paper : {"a4", "letter"}
    code : SheetCode, optional
        For a sheet with a writer or a focus; without it the plain sheet, one digit a row.
    """
    page = PAGES_MM[paper]
    left, top = ((side - between) / 2 for side, between in zip(page, _FRAME, strict=True))

    def box(x: float, y: float, width: float, height: float) -> Box:
        return (round(left + x, 3), round(top + y, 3), width, height)

    half = _MARKER / 2
    centres = ((0.0, 0.0), (_FRAME[0], 0.0), _FRAME, (0.0, _FRAME[1]))
    first = 0 if code is None else CODED
    digits = half_rows(code.focus if code else ())
    cells = tuple(
        Cell(
            row,
            col,
            digits[2 * row + (col >= COLS // 2)],
            box(_FIRST_CELL[0] + col * _PITCH[0], _FIRST_CELL[1] + row * _PITCH[1], *_BOX),
        )
        for row in range(ROWS)
        for col in range(COLS)
    )
    return Template(
        page_mm=page,
        markers=tuple(Marker(first + i, box(x - half, y - half, _MARKER, _MARKER)) for i, (x, y) in enumerate(centres)),
        cells=cells,
        hints=_hints(cells, left + _HINT[0]),
        code=code,
        codes=tuple(box(x, y, SIDE * _MODULE, SIDE * _MODULE) for x, y in _CODES) if code else (),
    )


def _hints(cells: tuple[Cell, ...], left: float) -> tuple[Hint, ...]:
    """Return a hint at the left of each row of one digit, and one above each box's corner in a row of several.

    There a single hint where the digit changes would be overlooked, and the wrong digit written behind it.
    """
    hints = []
    labels = [{cell.label for cell in cells if cell.row == row} for row in range(ROWS)]
    for cell in cells:
        x, y, _, height = cell.box_mm
        if len(labels[cell.row]) > 1:
            side, away = _INNER_HINT
            middle = x - (_PITCH[0] - _BOX[0]) / 2
            hints.append(Hint(cell.label, (round(middle - side / 2, 3), round(y - away - side, 3), side, side)))
        elif cell.col == 0:
            hints.append(Hint(cell.label, (left, round(y + (height - _HINT[1]) / 2, 3), _HINT[1], _HINT[1])))
    return tuple(hints)


def marker_modules(marker: int) -> Modules:
    """Return the (6, 6) modules of a marker, its black border included."""
    import cv2

    code = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, CODE))
    return np.asarray(cv2.aruco.generateImageMarker(code, marker, 6) == 0)


def corners(box: Box) -> tuple[tuple[float, float], ...]:
    """Return a box's corners: upper left, upper right, lower right, lower left."""
    x, y, width, height = box
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
