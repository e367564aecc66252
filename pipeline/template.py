"""The geometry of our printable sheet, in millimetres: x to the right, y down, from the page's upper left corner.

The markers' centres form the same rectangle on every paper, and the cells have the same place relative to it:
whoever knows where the markers are knows where the cells are, without knowing the paper.
"""

from dataclasses import dataclass
from typing import Literal

Paper = Literal["a4", "letter"]
Box = tuple[float, float, float, float]
"""x, y of the upper left corner, width, height."""

PAGES_MM: dict[Paper, tuple[float, float]] = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}  # ISO 216, ANSI Y14.1
MARKER_PLACES = ("upper left", "upper right", "lower right", "lower left")  # by marker id
CODE = "DICT_4X4_50"  # OpenCV's ArUco dictionary (Garrido-Jurado et al., "Automatic generation … of fiducial markers")
ROWS = COLS = 10

# Between the markers' centres. Letter is the shorter paper and A4 the narrower one: with 14 mm markers this leaves
# 10 mm to each edge, more than any printer's unprintable margin, and white around the markers, which ArUco needs.
_FRAME = (176.0, 244.0)
_MARKER = 14.0  # six modules of 2.3 mm: about ten pixels each in a photo of 1200x1600
_FIRST_CELL = (4.5, 16.0)  # from the first marker's centre to the first box's upper left corner
_PITCH = (18.0, 21.4)
_BOX = (15.5, 17.0)  # a written digit is 8 to 12 mm high; the gaps take strokes that leave their box
_HINT = (-5.5, 4.2)  # x of the hint's left edge from the first marker's centre; height of its square


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
class Template:
    """One paper's sheet."""

    page_mm: tuple[float, float]
    markers: tuple[Marker, ...]
    cells: tuple[Cell, ...]  # row by row
    hints: tuple[Box, ...]  # where each row's digit is printed small

    def as_json(self) -> dict[str, object]:
        """Return what ``mnist-cn template --json`` prints."""
        return {
            "page_mm": list(self.page_mm),
            "cells": [
                {"row": cell.row, "col": cell.col, "label": cell.label, "box_mm": list(cell.box_mm)}
                for cell in self.cells
            ],
        }


def geometry(paper: Paper = "a4") -> Template:
    """Return the sheet for a paper: markers 0-3 from the upper left clockwise, ten rows of boxes, one digit a row."""
    page = PAGES_MM[paper]
    left, top = ((side - between) / 2 for side, between in zip(page, _FRAME, strict=True))

    def box(x: float, y: float, width: float, height: float) -> Box:
        return (round(left + x, 3), round(top + y, 3), width, height)

    half = _MARKER / 2
    centres = ((0.0, 0.0), (_FRAME[0], 0.0), _FRAME, (0.0, _FRAME[1]))
    tops = [_FIRST_CELL[1] + row * _PITCH[1] for row in range(ROWS)]
    return Template(
        page_mm=page,
        markers=tuple(Marker(i, box(x - half, y - half, _MARKER, _MARKER)) for i, (x, y) in enumerate(centres)),
        cells=tuple(
            Cell(row, col, row, box(_FIRST_CELL[0] + col * _PITCH[0], y, *_BOX))
            for row, y in enumerate(tops)
            for col in range(COLS)
        ),
        hints=tuple(box(_HINT[0], y + (_BOX[1] - _HINT[1]) / 2, _HINT[1], _HINT[1]) for y in tops),
    )


def corners(box: Box) -> tuple[tuple[float, float], ...]:
    """Return a box's corners: upper left, upper right, lower right, lower left."""
    x, y, width, height = box
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
