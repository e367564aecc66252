"""Simulated photos of filled-in templates, with the truth about them."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.atomic import replacing, write_json
from pipeline.simulate.camera import SEVERITIES, Matrix, Severity, Size, jpeg, shoot, viewpoint
from pipeline.simulate.sheet import Bgr, State, fill
from pipeline.simulate.writers import writer
from pipeline.template import Paper, corners, geometry

SIZE: Size = (1200, 1600)
SPOILT: dict[Severity, int] = {"gentle": 0, "ordinary": 2, "brutal": 4}  # cells left blank or struck out, of 100


@dataclass(frozen=True)
class CellTruth:
    """What is in one cell of a photo, and where its box is."""

    row: int
    col: int
    label: int
    state: State
    corners: NDArray[np.float32]  # (4, 2): x, y in photo pixels; upper left, upper right, lower right, lower left


@dataclass(frozen=True)
class Truth:
    """All that a reader of a simulated photo could be asked."""

    writer_seed: int
    severity: Severity
    paper: Paper
    homography: Matrix  # from the template's mm to photo pixels, whose centres are whole numbers
    cells: tuple[CellTruth, ...]

    def as_json(self) -> dict[str, object]:
        """Return the truth as it is written beside a photo."""
        return {
            "simulated": True,
            "writer_seed": self.writer_seed,
            "severity": self.severity,
            "paper": self.paper,
            "homography": self.homography.round(9).tolist(),
            "cells": [
                {
                    "row": cell.row,
                    "col": cell.col,
                    "label": cell.label,
                    "state": cell.state,
                    "corners": [[round(float(x), 3), round(float(y), 3)] for x, y in cell.corners],
                }
                for cell in self.cells
            ],
        }


def simulate_photo(
    writer_seed: int, severity: Severity, rng: np.random.Generator, size: Size = SIZE, paper: Paper = "a4"
) -> tuple[Bgr, Truth]:
    """Return a photo of the template as one writer filled it in, and the truth about it.

    Parameters
    ----------
    writer_seed : int
        Which writer; everything else about the photo comes from ``rng``.
    severity : {"gentle", "ordinary", "brutal"}
    rng : numpy.random.Generator
    size : (width, height) in pixels
    paper : {"a4", "letter"}

    Returns
    -------
    (H, W, 3) uint8, blue, green, red, after JPEG compression; and Truth
    """
    file, truth = _photo_file(writer_seed, severity, rng, size, paper)
    decoded = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(decoded, dtype=np.uint8), truth


def write(folder: Path, count: int, seed: int, severity: Severity, *, size: Size = SIZE, paper: Paper = "a4") -> None:
    """Write ``writer-NN.jpg`` and its truth ``writer-NN.json``, a writer each; the same seed gives the same bytes."""
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        file, truth = _photo_file(int(rng.integers(2**31)), severity, rng, size, paper)
        with replacing(folder / f"writer-{number:02}.jpg") as draft:
            draft.write_bytes(file)
        write_json(folder / f"writer-{number:02}.json", truth.as_json())


def _photo_file(
    writer_seed: int, severity: Severity, rng: np.random.Generator, size: Size, paper: Paper
) -> tuple[bytes, Truth]:
    template, limits = geometry(paper), SEVERITIES[severity]
    view = viewpoint(template.page_mm, size, limits, rng)
    scale = np.clip(1.6 * max(size) / max(template.page_mm), 4, 24)  # finer than the photo, so that it shows no pixels
    sheet = fill(template, writer(writer_seed), rng, float(scale), SPOILT[severity])
    photo = shoot(sheet, view, size, limits, rng)
    cells = tuple(
        CellTruth(cell.row, cell.col, cell.label, state, _project(cell.box_mm, view))
        for cell, state in zip(template.cells, sheet.states, strict=True)
    )
    return jpeg(photo, limits, rng), Truth(writer_seed, severity, paper, view, cells)


def _project(box: tuple[float, float, float, float], view: Matrix) -> NDArray[np.float32]:
    return np.asarray(cv2.perspectiveTransform(np.array([corners(box)]), view)[0], dtype=np.float32)
