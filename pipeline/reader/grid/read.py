"""Photos of ruled tables: printed, or drawn by hand; one digit a cell."""

from itertools import product

import cv2
import numpy as np

from pipeline.params import Sheets
from pipeline.reader.grid.cells import read_cells
from pipeline.reader.grid.lattice import Lattice, find_lattice
from pipeline.reader.grid.table import Table, flatten, spacing
from pipeline.reader.page import ink_map_colour
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Crop, Reason, Reject
from pipeline.reader.ruling.ruled import SIDE, find_lines

OPEN = (0.25, 0.6, 0.85)  # of a cell that lines go on: surely a frame below the first, a cell above the last; between
# them the strings decide, or else the middle value
UNEVEN = 1.7  # times the median distance between lines: in a wider gap a line was missed
Sides = tuple[bool, bool, bool, bool]


def read_grid(
    rgb: Rgb, label: int | None, strings: tuple[str, ...] | None, limits: Sheets
) -> tuple[list[Crop], list[Reject]]:
    """Read the digits of a photo of a table.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        Upright photo.
    label : int or None
        The digit on the whole photo; used where ``strings`` is None.
    strings : tuple of str or None
        The digits of each row, top to bottom, one a cell.
    limits : Sheets

    Returns
    -------
    list of Crop, list of Reject
        One of the two for each cell, or a single reject of the photo.
    """
    if strings is not None and len({len(string) for string in strings}) > 1:
        lengths = ", ".join(str(len(string)) for string in strings)
        detail = f"expected `rows` (sheets.yaml) of one length, as a table's are, found {lengths}"
        return [], [Reject(Reason.ROW_COUNT, detail, advice="write one digit a cell into `rows`")]
    table = find_grid(rgb, None if strings is None else (len(strings), len(strings[0])))
    if isinstance(table, Reject):
        return [], [table]
    rows, columns = table.cells.shape[:2]
    if strings is not None:
        return read_cells(table, np.array([[int(digit) for digit in string] for string in strings]), limits)
    if label is None:
        detail = f"found {rows} rows and {columns} columns, but no `rows` or `label` (sheets.yaml)"
        return [], [Reject(Reason.NO_LABEL, detail, advice="write the digits of each row into `rows`")]
    return read_cells(table, np.full((rows, columns), label), limits)


def find_grid(rgb: Rgb, expected: tuple[int, int] | None = None) -> Table | Reject:
    """Find a table and flatten it.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    expected : rows and columns, where they are known
        A table with others is a ``row-count`` reject.

    Returns
    -------
    Table, or Reject with ``not-registered`` or ``row-count``
    """
    factor = min(SIDE / max(rgb.shape[:2]), 1.0)
    small = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else rgb
    ink = ink_map_colour(np.asarray(small, dtype=np.uint8))
    across, down = find_lines(ink), find_lines(np.ascontiguousarray(ink.T))
    lattice = find_lattice(across, down, ink.shape)
    if lattice is None:
        detail = f"no table: {len(across)} long lines from left to right, {len(down)} from top to bottom"
        advice = "retake: the whole table, upright, in even light; or rule it with a darker pen"
        return Reject(Reason.NOT_REGISTERED, detail, advice=advice)
    sides = _open_sides(lattice, expected)
    if isinstance(sides, Reject):
        return sides
    return _uneven(lattice) or flatten(rgb, lattice, factor, sides)


def _open_sides(lattice: Lattice, expected: tuple[int, int] | None) -> Sides | Reject:
    """Tell where there are cells beyond the outermost lines: above, below, to the left, to the right."""
    ruled = len(lattice.across) - 1, len(lattice.down) - 1
    if expected is None:
        above, below, left, right = (bool(beyond >= OPEN[1]) for beyond in lattice.beyond)
        return above, below, left, right
    choices = [[False] if go < OPEN[0] else [True] if go >= OPEN[2] else [False, True] for go in lattice.beyond]
    fitting = [
        sides
        for sides in product(*choices)
        if (ruled[0] + sides[0] + sides[1], ruled[1] + sides[2] + sides[3]) == expected
    ]
    if len(fitting) == 1:
        above, below, left, right = fitting[0]
        return above, below, left, right
    rows, columns = (
        " to ".join(
            str(n + ruled[axis]) for n in sorted({sum(pair) for pair in product(*choices[2 * axis : 2 * axis + 2])})
        )
        for axis in (0, 1)
    )
    detail = (
        f"expected {expected[0]} rows and {expected[1]} columns (sheets.yaml), found {rows} rows and {columns} columns"
    )
    advice = "correct `rows`, or retake: the whole table and no other lines"
    return Reject(Reason.ROW_COUNT, detail, advice=advice)


def _uneven(lattice: Lattice) -> Reject | None:
    for name, gaps in zip(("rows", "columns"), spacing(lattice), strict=True):
        widest = float(gaps.max() / np.median(gaps))
        if widest > UNEVEN:
            place = int(gaps.argmax())
            detail = f"the {name} are uneven: number {place + 1} is {widest:.1f} times the median, limit {UNEVEN:g}"
            return Reject(
                Reason.NOT_REGISTERED, f"{detail}; a line may be missing", advice="draw the line again and retake"
            )
    return None
