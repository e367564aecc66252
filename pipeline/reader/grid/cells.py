"""A table's cells become crops: each gives the ink that was written in it, whole, or says why not."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.alike import Found, NoDigitError, check_count, like_each_other
from pipeline.reader.grid.cell_parts import mask_of, strokes_of
from pipeline.reader.grid.cell_sheet import Sheet, sheet_of
from pipeline.reader.grid.table import Table, crooked
from pipeline.reader.records import Corners, Crop, Ink, Reason, Reject
from pipeline.reader.ruling.hidden import lacks_stroke
from pipeline.reader.strokes import Labels, Part, parts

CROOKED = 1.5  # times: lines ruled by hand, perspective and curled paper stay below 1.35
REACH = 0.9  # of a cell around it: how far a stroke that leaves it is followed
CUT = 0.42  # of the pen's ink: where a stroke's edge is
PEAK = 99.0  # percentile of a cell's ink that is the pen's
PALEST = 4  # times paler than the limit is blank, whatever it looks like
SPECK = 1.5  # of the pen's width squared: less is dirt
SMALL, PALE_PIECE = 0.1, 0.65  # of the largest piece's area, of the pen's ink: a 5's caps have 0.11 and 1.09 at least
MARGIN = 4  # pixels of paper around a crop
EDGE = 2  # pixels beyond a stroke's cut that its grey edge may take


def read_cells(table: Table, labels: NDArray[np.int_], limits: Sheets) -> tuple[list[Crop], list[Reject]]:
    """Read every cell.

    Parameters
    ----------
    table : Table
    labels : (rows, columns) int
    limits : Sheets

    Returns
    -------
    list of Crop, list of Reject
        Each cell gives one of them.
    """
    sheet, factors = sheet_of(table, limits), crooked(table)
    found, rejects = [], []
    for row, col in np.ndindex(*labels.shape):
        try:
            _check_straight(float(factors[row, col]))
            found.append(_read_cell(sheet, row, col, int(labels[row, col])))
        except NoDigitError as refusal:
            rejects.append(refusal.at(row, col, int(labels[row, col]), table.in_photo[row, col]))
    crops, unlike = like_each_other(found, 0, limits)
    return crops, sorted(rejects + unlike, key=lambda reject: (reject.row, reject.col))


def _check_straight(factor: float) -> None:
    if factor > CROOKED:
        detail = f"a side {factor:.1f} times as long or as short as others of its row or column, limit {CROOKED:g}"
        advice = "rule the table straighter, or retake it from straight above"
        raise NoDigitError(Reason.NOT_REGISTERED, f"{detail}: a stroke may pass for a line", advice)


def _read_cell(sheet: Sheet, row: int, col: int, label: int) -> Found:
    table, number = sheet.table, row * sheet.table.cells.shape[1] + col + 1
    corners = table.cells[row, col]
    peak = _peak(sheet, corners, number)
    window = _window(corners, REACH * table.cell, table.ink.shape)
    pieces, labels = parts(table.ink[window], CUT * peak)
    pieces = [part for part in pieces if part.area >= SPECK * sheet.width**2]
    written = mask_of(pieces, labels) & (sheet.owners[window] == number)
    try:
        chosen = _as_dark(strokes_of(pieces, labels, sheet, window, number), labels, table.ink[window], peak)
        if not chosen:
            raise NoDigitError(Reason.BLANK, f"no stroke larger than a dot of {SPECK * sheet.width**2:.0f} px", "")
        written = mask_of(chosen, labels)
        check_count(len(chosen), sheet.limits)
        _check_whole(written, table, window, sheet.width)
    except NoDigitError as refusal:
        refusal.ink = _cut(table.ink[window], written, peak) if written.any() else None
        raise
    crop = Crop(_cut(table.ink[window], written, peak), label, row, col, table.in_photo[row, col])
    return _measured(crop, written, len(chosen))


def _check_whole(mask: NDArray[np.bool_], table: Table, window: tuple[slice, slice], pen: float) -> None:
    if lacks_stroke(mask, table.hidden[window], (0, 0), pen):
        detail = "a line of the table runs along one of its strokes and cannot be told from it"
        raise NoDigitError(Reason.TOUCHES_NEIGHBOUR, detail, "write clear of the lines")
    outside = cv2.dilate((~table.inside[window]).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if (mask & outside).any():
        detail = "the digit is cut off by the photo's edge"
        raise NoDigitError(Reason.TOUCHES_EDGE, detail, "retake with a margin around the table")


def _as_dark(chosen: list[Part], labels: Labels, ink: Ink, peak: float) -> list[Part]:
    """Leave out small pieces that are nowhere as dark as the pen: dots and dashes of a line."""
    largest = max((part.area for part in chosen), default=0)
    return [
        part
        for part in chosen
        if part.area >= SMALL * largest or ink[labels == part.index + 1].max() >= PALE_PIECE * peak
    ]


def _window(corners: Corners, reach: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    low, high = np.floor(corners.min(axis=0) - reach), np.ceil(corners.max(axis=0) + reach)
    left, top = (max(int(value), 0) for value in low)
    return slice(top, max(min(int(high[1]), shape[0]), top + 1)), slice(
        left, max(min(int(high[0]), shape[1]), left + 1)
    )


def _peak(sheet: Sheet, corners: Corners, number: int) -> float:
    """Return the ink of the pen in a cell, 0..255; refuse a cell where there is none or too little."""
    window = _window(corners, 0, sheet.smooth.shape)
    own = (sheet.owners[window] == number) & ~sheet.beside[window]
    peak = float(np.percentile(sheet.smooth[window][own], PEAK)) if own.any() else 0.0
    limit = sheet.limits.min_ink_contrast
    contrast = f"ink contrast {peak / 255:.2f}, limit {limit:g} (sheets.min_ink_contrast)"
    if peak < max(sheet.grain, limit * 255 / PALEST):
        raise NoDigitError(Reason.BLANK, contrast, "")
    if peak < limit * 255:
        faint = sheet.smooth[window] * own
        raise NoDigitError(Reason.TOO_FAINT, contrast, "use a darker pen", _cut(faint, faint > CUT * peak, peak))
    return peak


def _cut(ink: Ink, mask: NDArray[np.bool_], peak: float) -> Ink:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    around = cv2.dilate(mask.astype(np.uint8), np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8))
    full = np.clip(ink * (255 / peak), 0, 255) * around
    crop = np.pad(full, MARGIN)[rows[0] : rows[-1] + 1 + 2 * MARGIN, cols[0] : cols[-1] + 1 + 2 * MARGIN]
    return np.asarray(crop, dtype=np.uint8)


def _measured(crop: Crop, mask: NDArray[np.bool_], strokes: int) -> Found:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)
    line = 4 * float(depth[depth > 0].mean()) - 1  # a strip w wide has a mean depth of (w + 1) / 4
    height, width = float(rows[-1] - rows[0] + 1), float(cols[-1] - cols[0] + 1)
    return Found(crop, height, width, float(mask.sum()), line, 2 * float(depth.max()), strokes)
