"""A table's cells become crops: each gives the ink that was written in it, whole, or says why not."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.erasing import pen
from pipeline.reader.records import Corners, Crop, Ink, Reason, Reject
from pipeline.reader.strokes import Labels, Part, parts
from pipeline.reader.table import Table

REACH = 0.5  # of a cell around it: how far a stroke that leaves it is followed
INSET = 0.08  # of a cell: its middle begins here, free of what lines left
CUT = 0.42  # of the pen's ink: where a stroke's edge is
PEAK = 99.0  # percentile of a cell's ink that is the pen's
GRAIN = 5.0  # times the table's median ink: less is grain
PALEST = 4  # times paler than the limit is blank, whatever it looks like
SPECK = 1.5  # of the pen's width squared: less is dirt
MAX_SHARE = 0.12  # of a part's ink in another cell: more is two digits that touch
BESIDE = 0.06  # of a cell beside a line: ink that stays in there was left by the line
THIN = 0.5  # of the pen's width: a part that is nowhere wider was left by a line
MAX_LENGTH = 2.4  # a digit's line, in diagonals of its ink; scribbles have more
MAX_PATCH, PATCH_LENGTH = 2.3, 1.5  # of the line's width: a solid patch of a scribble
MARGIN = 4  # pixels of paper around a crop
EDGE = 2  # pixels beyond a stroke's cut that its grey edge may take


@dataclass(frozen=True)
class Found:
    """The ink of one cell before it is compared with the others; lengths in pixels of the flat table."""

    crop: Crop
    height: float
    width: float
    area: float
    line: float  # how wide the pen's line is
    patch: float  # how wide the widest solid patch is


@dataclass(frozen=True)
class Sheet:
    """What all cells of a table have in common."""

    table: Table
    smooth: Ink
    owners: NDArray[np.int32]  # (H, W): number of the cell that a pixel lies in, from 1; 0 outside
    beside: NDArray[np.bool_]  # (H, W): near a line
    grain: float
    full: float  # the pen's ink
    width: float  # of the pen
    limits: Sheets


class _NoDigitError(Exception):
    """A cell gives no digit."""

    def __init__(self, reason: Reason, detail: str, advice: str) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.advice = reason, detail, advice


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
    sheet = _sheet(table, limits)
    found, rejects = [], []
    for row, col in np.ndindex(*labels.shape):
        try:
            found.append(_read_cell(sheet, row, col, int(labels[row, col])))
        except _NoDigitError as no:
            corners = table.in_photo[row, col]
            rejects.append(Reject(no.reason, no.detail, row, col, int(labels[row, col]), corners, no.advice))
    crops = []
    for one in found:
        try:
            _check_like_others(one, found, limits)
            crops.append(one.crop)
        except _NoDigitError as no:
            crop = one.crop
            rejects.append(Reject(no.reason, no.detail, crop.row, crop.col, crop.label, crop.corners, no.advice))
    return crops, sorted(rejects, key=lambda reject: (reject.row, reject.col))


def _sheet(table: Table, limits: Sheets) -> Sheet:
    owners = np.zeros(table.ink.shape, np.int32)
    for number, corners in enumerate(table.cells.reshape(-1, 4, 2), start=1):
        cv2.fillConvexPoly(owners, np.round(corners).astype(np.int32), number)
    smooth = np.asarray(cv2.GaussianBlur(table.ink, (0, 0), 0.8), dtype=np.uint8)
    reach = 2 * max(round(BESIDE * table.cell), 2) + 1
    beside = cv2.dilate(table.lines.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    written = np.where((owners > 0) & ~beside, table.ink, 0).astype(np.uint8)
    full, width = pen(written)
    grain = GRAIN * float(np.median(smooth[(owners > 0) & ~beside])) if (owners > 0).any() else 0.0
    return Sheet(table, smooth, owners, beside, grain, full, width, limits)


def _read_cell(sheet: Sheet, row: int, col: int, label: int) -> Found:
    table, number = sheet.table, row * sheet.table.cells.shape[1] + col + 1
    corners = table.cells[row, col]
    peak = _peak(sheet, corners, number)
    window = _window(corners, REACH * table.cell, table.ink.shape)
    pieces, labels = parts(table.ink[window], CUT * peak)
    pieces = [part for part in pieces if part.area >= SPECK * sheet.width**2]
    chosen = _belonging(_written(pieces, labels, sheet, window), labels, sheet.owners[window], number)
    if not chosen:
        raise _NoDigitError(Reason.BLANK, f"no stroke larger than a dot of {SPECK * sheet.width**2:.0f} px", "")
    limit = sheet.limits.max_cell_parts
    if len(chosen) > limit:
        detail = f"{len(chosen)} separate strokes, limit {limit} (sheets.max_cell_parts)"
        raise _NoDigitError(Reason.TOO_MANY_PARTS, detail, "leave a spoilt cell out")
    mask = _mask(chosen, labels)
    outside = cv2.dilate((~table.inside[window]).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if (mask & outside).any():
        detail = "the digit is cut off by the photo's edge"
        raise _NoDigitError(Reason.TOUCHES_EDGE, detail, "retake with a margin around the table")
    crop = Crop(_cut(table.ink[window], mask, peak), label, row, col, table.in_photo[row, col])
    return _measured(crop, mask)


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
        raise _NoDigitError(Reason.BLANK, contrast, "")
    if peak < limit * 255:
        raise _NoDigitError(Reason.TOO_FAINT, contrast, "use a darker pen")
    return peak


def _written(pieces: list[Part], labels: Labels, sheet: Sheet, window: tuple[slice, slice]) -> list[Part]:
    """Leave out what lines left: slivers, and what stays beside a line."""
    depth = cv2.distanceTransform((labels > 0).astype(np.uint8), cv2.DIST_L2, 3)
    kept = []
    for part in pieces:
        own = labels == part.index + 1
        if 2 * depth[own].max() - 1 < THIN * sheet.width or sheet.beside[window][own].all():
            continue
        kept.append(part)
    return kept


def _belonging(pieces: list[Part], labels: Labels, own: NDArray[np.int32], number: int) -> list[Part]:
    """Return the parts whose main mass is in the cell; refuse a part that lies in two."""
    chosen = []
    for part in pieces:
        shares = np.bincount(own[labels == part.index + 1], minlength=number + 1) / part.area
        elsewhere = float(shares[1:].sum() - shares[number])
        if shares[number] > MAX_SHARE and elsewhere > MAX_SHARE:
            detail = f"{elsewhere:.0%} of a stroke lies in other cells, limit {MAX_SHARE:.0%}"
            raise _NoDigitError(Reason.TOUCHES_NEIGHBOUR, detail, "keep digits in their cells")
        if shares[number] >= 0.5:
            chosen.append(part)
    return chosen


def _mask(chosen: list[Part], labels: Labels) -> NDArray[np.bool_]:
    wanted = np.zeros(int(labels.max()) + 1, bool)
    wanted[[part.index + 1 for part in chosen]] = True
    return np.asarray(wanted[labels])


def _cut(ink: Ink, mask: NDArray[np.bool_], peak: float) -> Ink:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    around = cv2.dilate(mask.astype(np.uint8), np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8))
    full = np.clip(ink * (255 / peak), 0, 255) * around
    crop = np.pad(full, MARGIN)[rows[0] : rows[-1] + 1 + 2 * MARGIN, cols[0] : cols[-1] + 1 + 2 * MARGIN]
    return np.asarray(crop, dtype=np.uint8)


def _measured(crop: Crop, mask: NDArray[np.bool_]) -> Found:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)
    line = 4 * float(depth[depth > 0].mean()) - 1  # a strip w wide has a mean depth of (w + 1) / 4
    height, width = float(rows[-1] - rows[0] + 1), float(cols[-1] - cols[0] + 1)
    return Found(crop, height, width, float(mask.sum()), line, 2 * float(depth.max()))


def _check_like_others(one: Found, found: list[Found], limits: Sheets) -> None:
    """Compare a digit with the other digits of its table: they have one writer and one pen."""
    height = one.height / float(np.median([other.height for other in found]))
    line = float(np.median([other.line for other in found]))
    length = one.area / line / float(np.hypot(one.height, one.width))
    if height < limits.min_digit_height:
        detail = f"{height:.2f} of the table's median digit height, limit {limits.min_digit_height:g}"
        raise _NoDigitError(Reason.TOO_SMALL, f"{detail} (sheets.min_digit_height)", "a dot or a speck")
    patch = one.patch / line
    if patch > MAX_PATCH and length > PATCH_LENGTH:
        detail = f"a solid patch {patch:.1f} times as wide as the pen's line, limit {MAX_PATCH:g}: a scribble"
        raise _NoDigitError(Reason.TOO_MANY_PARTS, detail, "leave a spoilt cell out")
    if length > MAX_LENGTH:
        detail = f"a line {length:.1f} times as long as the digit is large, limit {MAX_LENGTH:g}: a scribble"
        raise _NoDigitError(Reason.TOO_MANY_PARTS, detail, "leave a spoilt cell out")
