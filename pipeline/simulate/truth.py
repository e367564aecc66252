"""The truth about a simulated photo: what is written where, in the photo's own pixels."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.bend import Bend, Places
from pipeline.simulate.camera import Matrix, View
from pipeline.simulate.light import Light
from pipeline.simulate.marks import Mark, State
from pipeline.simulate.severity import Layout, Severity
from pipeline.template import Paper


@dataclass(frozen=True)
class CellTruth:
    """What is in one place of a photo; pixels of the photo, whose centres are whole numbers."""

    row: int
    col: int
    label: int
    state: State
    corners: NDArray[np.float32]  # (4, 2): x, y of the box, of the ink where there is none; from upper left, clockwise
    ink: NDArray[np.float32] | None  # (4, 2): the box of the ink; None where nothing was written
    whole: bool  # all of its ink is in the photo
    contrast: float  # least share of a stroke's contrast that glare left, 0..1
    mark: Mark  # as it was written, in mm


@dataclass(frozen=True)
class Truth:
    """All that a reader of a simulated photo could be asked."""

    writer_seed: int
    severity: Severity
    layout: Layout
    paper: Paper | None  # the template's
    strings: tuple[str, ...]  # each row's digits, as asked for
    label: int | None  # the digit on the whole page
    homography: Matrix  # from a flat page's mm to photo pixels, whose centres are whole numbers
    bend: Bend  # how the page does not lie flat
    cells: tuple[CellTruth, ...]

    def seen_at(self, places: Places) -> NDArray[np.float64]:
        """Return where in the photo points of the page (N, 2 in mm) are seen."""
        return seen_at(places, self.homography, self.bend)

    def as_json(self) -> dict[str, object]:
        """Return the truth as it is written beside a photo."""
        paper: dict[str, object] = {"paper": self.paper} if self.paper else {"rows": list(self.strings)}
        return {
            "simulated": True,
            "layout": self.layout,
            "writer_seed": self.writer_seed,
            "severity": self.severity,
            **paper,
            "homography": self.homography.round(9).tolist(),
            "cells": [
                {
                    "row": cell.row,
                    "col": cell.col,
                    "label": cell.label,
                    "state": cell.state,
                    "corners": _rounded(cell.corners),
                    "whole": cell.whole,
                    "ink": None if cell.ink is None else _rounded(cell.ink),
                }
                for cell in self.cells
            ],
        }


def seen_at(places: Places, homography: Matrix, paper: Bend) -> NDArray[np.float64]:
    """Return where in a photo points of a page (N, 2 in mm) are seen."""
    on_desk = paper.seen_at(np.asarray(places, dtype=np.float64))
    return np.asarray(cv2.perspectiveTransform(on_desk[None], homography)[0], dtype=np.float64)


def cell_truth(mark: Mark, view: View, paper: Bend, light: Light) -> CellTruth:
    """Return where a mark of the page is in the photo."""

    def at(places: Places) -> NDArray[np.float32]:
        return seen_at(places, view.homography, paper).astype(np.float32)

    ink = None if mark.ink is None else at(mark.ink)
    contrast = float(light.contrast(at(np.concatenate(mark.strokes)).astype(np.float64)).min()) if mark.strokes else 1.0
    whole = ink is None or bool((ink >= 0).all() and (ink <= np.array(light.size) - 1).all())
    return CellTruth(mark.row, mark.col, mark.label, mark.state, at(mark.corners), ink, whole, contrast, mark)


def _rounded(corners: NDArray[np.float32]) -> list[list[float]]:
    return [[round(float(x), 3), round(float(y), 3)] for x, y in corners]
