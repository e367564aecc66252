"""Printed boxes become crops: each gives the ink that was written in it, whole, or says why not."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.canvas import Canvas, grain, owners
from pipeline.reader.records import Corners, Crop, Ink, Reason, Reject
from pipeline.reader.strokes import Labels, Part, parts
from pipeline.template import Cell, Template

REACH_MM = 7.0  # around a box: how far a stroke that leaves it is followed
INSET_MM = 1.0  # a box's middle begins here, free of its lines
CUT = 0.42  # of the pen's ink: where a stroke's edge is
ABOVE_GRAIN = 1.5  # times the darkest grain of the paper between the boxes: less is grain
PALEST = 4  # times paler than the limit is blank, whatever it looks like
FAINT, FAINT_MM2 = 0.6, 2.5  # ink too pale to read is a stroke, not grain, if this share of its peak connects so much
SPECK_MM2 = 0.35  # a dot smaller than this is dirt; the shortest cap of a 5 is five times as large
MAX_SHARE = 0.12  # of a part's ink in another box: more is two digits that touch
NEAR_MM = 2.0  # ink between two boxes belongs to a digit that is nearer than this
MAX_LENGTH = 2.4  # a digit's line, in diagonals of its ink: simulated digits have at most 2.0, scribbles 2.5 and more
MAX_PATCH, PATCH_LENGTH = 2.3, 1.5  # of the line's width: digits have at most 1.8; a filled loop alone is shorter
MARGIN = 4  # pixels of paper around a crop
EDGE = 2  # pixels beyond a stroke's cut that its grey edge may take


@dataclass(frozen=True)
class Sheet:
    """What all boxes of a photo have in common."""

    canvas: Canvas
    smooth: Canvas
    grain: float  # 0..255
    owners: NDArray[np.uint8]  # (H, W): number of the box that a pixel lies in, from 1; 0 between boxes
    limits: Sheets


@dataclass(frozen=True)
class Found:
    """The ink of one box, before it is compared with the other boxes; lengths in pixels of the canvas."""

    crop: Crop
    height: float
    width: float
    area: float
    line: float  # how wide the pen's line is
    patch: float  # how wide the widest solid patch is


class _NoDigitError(Exception):
    """A box gives no digit."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def read_boxes(
    canvas: Canvas, template: Template, corners: NDArray[np.float32], shape: tuple[int, ...], limits: Sheets
) -> tuple[list[Crop], list[Reject]]:
    """Read every cell of a registered sheet.

    Parameters
    ----------
    canvas : Canvas
        Printed lines and hints already taken out.
    template : Template
    corners : (N, 4, 2) float32
        Of each cell's box, in photo pixels.
    shape : height and width of the photo
    limits : Sheets

    Returns
    -------
    list of Crop, list of Reject
        Each cell gives one of them.
    """
    smooth = canvas.smooth()
    sheet = Sheet(canvas, smooth, grain(smooth, template), owners(canvas, template), limits)
    found, rejects = [], []
    for number, (cell, places) in enumerate(zip(template.cells, corners, strict=True), start=1):
        try:
            _check_inside(places, shape)
            found.append(_read_box(sheet, number, cell, places))
        except _NoDigitError as refusal:
            rejects.append(Reject(refusal.reason, refusal.detail, cell.row, cell.col, cell.label, places))
    crops = []
    for one in found:
        try:
            _check_like_others(one, found, limits)
            crops.append(one.crop)
        except _NoDigitError as refusal:
            crop = one.crop
            rejects.append(Reject(refusal.reason, refusal.detail, crop.row, crop.col, crop.label, crop.corners))
    return crops, sorted(rejects, key=lambda reject: (reject.row, reject.col))


def _check_inside(corners: Corners, shape: tuple[int, ...]) -> None:
    if corners.min() < 0 or corners[:, 0].max() > shape[1] - 1 or corners[:, 1].max() > shape[0] - 1:
        raise _NoDigitError(Reason.TOUCHES_EDGE, "the box lies partly outside the photo; retake: the whole sheet")


def _read_box(sheet: Sheet, number: int, cell: Cell, corners: Corners) -> Found:
    peak = _pen(sheet, cell)
    window = sheet.canvas.place(cell.box_mm, REACH_MM)
    pieces, labels = parts(sheet.canvas.ink[window], CUT * peak)
    chosen = _belonging(pieces, labels, sheet.owners[window], number, sheet.canvas.scale)
    if not chosen:
        raise _NoDigitError(Reason.BLANK, f"no stroke larger than a dot of {SPECK_MM2:g} mm²")
    limit = sheet.limits.max_cell_parts
    if len(chosen) > limit:
        detail = f"{len(chosen)} separate strokes, limit {limit} (sheets.max_cell_parts); leave a spoilt box out"
        raise _NoDigitError(Reason.TOO_MANY_PARTS, detail)
    return _found(sheet.canvas.ink[window], _mask(chosen, labels), peak, cell, corners)


def _pen(sheet: Sheet, cell: Cell) -> float:
    """Return the ink of the pen in a box, 0..255; refuse a box where there is none or too little."""
    peak, limit = sheet.smooth.peak(cell.box_mm, -INSET_MM), sheet.limits.min_ink_contrast
    contrast = f"ink contrast {peak / 255:.2f}, limit {limit:g} (sheets.min_ink_contrast)"
    if peak < max(ABOVE_GRAIN * sheet.grain, limit * 255 / PALEST):
        raise _NoDigitError(Reason.BLANK, f"{contrast}; the paper's own grain has {sheet.grain / 255:.2f}")
    if peak < limit * 255:
        pale, _ = parts(sheet.smooth.cut(cell.box_mm, -INSET_MM), FAINT * peak)
        if max((part.area for part in pale), default=0) < FAINT_MM2 * sheet.canvas.scale**2:
            raise _NoDigitError(Reason.BLANK, contrast)
        raise _NoDigitError(Reason.TOO_FAINT, f"{contrast}; use a darker pen")
    return peak


def _belonging(pieces: list[Part], labels: Labels, own: NDArray[np.uint8], number: int, scale: float) -> list[Part]:
    """Return the parts whose main mass is in the box and those just outside that are near to them."""
    chosen, between = [], []
    for part in pieces:
        if part.area < SPECK_MM2 * scale**2:
            continue
        shares = np.bincount(own[labels == part.index + 1], minlength=number + 1) / part.area
        elsewhere = float(shares[1:].sum() - shares[number])
        runs_out = part.x == 0 or part.y == 0 or part.right == own.shape[1] or part.bottom == own.shape[0]
        if shares[number] > MAX_SHARE and (elsewhere > MAX_SHARE or runs_out):
            detail = f"{elsewhere:.0%} of a stroke lies in other boxes, limit {MAX_SHARE:.0%}"
            raise _NoDigitError(Reason.TOUCHES_NEIGHBOUR, f"{detail}; keep digits in their boxes")
        if shares[number] >= 0.5:
            chosen.append(part)
        elif elsewhere < 0.5 and not runs_out:
            between.append(part)
    if between and chosen:
        away = cv2.distanceTransform((~_mask(chosen, labels)).astype(np.uint8), cv2.DIST_L2, 5) / scale
        chosen += [part for part in between if away[labels == part.index + 1].min() < NEAR_MM]
    return chosen


def _mask(chosen: list[Part], labels: Labels) -> NDArray[np.bool_]:
    wanted = np.zeros(int(labels.max()) + 1, bool)
    wanted[[part.index + 1 for part in chosen]] = True
    return np.asarray(wanted[labels])


def _found(ink: Ink, mask: NDArray[np.bool_], peak: float, cell: Cell, corners: Corners) -> Found:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    around = cv2.dilate(mask.astype(np.uint8), np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8))
    full = np.clip(ink * (255 / peak), 0, 255) * around
    crop = np.pad(full, MARGIN)[rows[0] : rows[-1] + 1 + 2 * MARGIN, cols[0] : cols[-1] + 1 + 2 * MARGIN]
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)
    return Found(
        crop=Crop(crop.astype(np.uint8), cell.label, cell.row, cell.col, corners),
        height=float(rows[-1] - rows[0] + 1),
        width=float(cols[-1] - cols[0] + 1),
        area=float(mask.sum()),
        line=4 * float(depth[depth > 0].mean()) - 1,  # a strip w wide has a mean depth of (w + 1) / 4
        patch=2 * float(depth.max()),
    )


def _check_like_others(one: Found, found: list[Found], limits: Sheets) -> None:
    """Compare a digit with the other digits of its sheet: they have one writer and one pen."""
    height = one.height / float(np.median([other.height for other in found]))
    line = float(np.median([other.line for other in found]))
    length = one.area / line / float(np.hypot(one.height, one.width))
    if height < limits.min_digit_height:
        detail = f"{height:.2f} of the sheet's median digit height, limit {limits.min_digit_height:g}"
        raise _NoDigitError(Reason.TOO_SMALL, f"{detail} (sheets.min_digit_height); a dot or a speck")
    patch = one.patch / line
    if patch > MAX_PATCH and length > PATCH_LENGTH:
        detail = f"a solid patch {patch:.1f} times as wide as the pen's line, limit {MAX_PATCH:g}"
        raise _NoDigitError(Reason.TOO_MANY_PARTS, f"{detail}: a scribble; leave a spoilt box out")
    if length > MAX_LENGTH:
        detail = f"a line {length:.1f} times as long as the digit is large, limit {MAX_LENGTH:g}"
        raise _NoDigitError(Reason.TOO_MANY_PARTS, f"{detail}: a scribble; leave a spoilt box out")
