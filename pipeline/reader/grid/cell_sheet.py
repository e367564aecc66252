"""What all cells of a table have in common: its paper's grain, its pen, and where lines and cells are."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.grid.table import Table
from pipeline.reader.records import Ink
from pipeline.reader.ruling.erasing import pen

GRAIN = 5.0  # times the table's median ink: less is grain
BESIDE = 0.12  # of a cell beside a line: ink that stays in there may be left by the line
RIM = 0.15  # of a cell along the photo's edge: ink that stays in there is a frame that was cut off


@dataclass(frozen=True)
class Sheet:
    """What all cells of a table have in common."""

    table: Table
    smooth: Ink
    owners: NDArray[np.int32]  # (H, W): number of the cell that a pixel lies in, from 1; 0 outside
    beside: NDArray[np.bool_]  # (H, W): near a line
    outermost: NDArray[np.bool_]  # (H, W): near the photo's edge
    grain: float
    full: float  # the pen's ink
    width: float  # of the pen
    limits: Sheets


def sheet_of(table: Table, limits: Sheets) -> Sheet:
    """Measure a table."""
    owners = np.zeros(table.ink.shape, np.int32)
    for number, corners in enumerate(table.cells.reshape(-1, 4, 2), start=1):
        cv2.fillConvexPoly(owners, np.round(corners).astype(np.int32), number)
    smooth = np.asarray(cv2.GaussianBlur(table.ink, (0, 0), 0.8), dtype=np.uint8)
    reach = 2 * max(round(BESIDE * table.cell), 2) + 1
    beside = cv2.dilate(table.lines.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    edge = 2 * max(round(RIM * table.cell), 2) + 1
    outermost = cv2.dilate((~table.inside).astype(np.uint8), np.ones((edge, edge), np.uint8)) > 0
    written = np.where((owners > 0) & ~beside, table.ink, 0).astype(np.uint8)
    full, width = pen(written)
    grain = GRAIN * float(np.median(smooth[(owners > 0) & ~beside])) if (owners > 0).any() else 0.0
    return Sheet(table, smooth, owners, beside, outermost, grain, full, width, limits)
