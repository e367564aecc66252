"""Printed boxes become crops: each gives the ink that was written in it, whole, or says why not."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.alike import Found, NoDigitError, like_each_other
from pipeline.reader.records import Corners, Crop, Ink, Reason, Reject
from pipeline.reader.template.canvas import Canvas
from pipeline.reader.template.pens import ABOVE_GRAIN, CUT, SPECK_MM2, pale_ink, pen_of, quiet
from pipeline.reader.template.pieces import Pieces, find_pieces
from pipeline.template import Cell, Template

REACH_MM = 7.0  # around a box: how far a stroke that leaves it is followed
NO_GLARE = "retake: so that no lamp or flash is mirrored in the paper"
DARK = 2.2  # times the darkest grain: ink that is that dark somewhere was written
DIRT_MM2 = 1.2  # … and one smaller than this, and far from the digit
MAX_SHARE = 0.12  # of a piece's ink in another box: more is two digits that touch
NEAR_MM = 2.0  # ink between two boxes belongs to a digit that is nearer than this
MARGIN = 4  # pixels of paper around a crop
EDGE = 2  # pixels beyond a stroke's cut that its grey edge may take
_GROWN = np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8)


def read_boxes(
    canvas: Canvas,
    template: Template,
    corners: NDArray[np.float32],
    shape: tuple[int, ...],
    limits: Sheets,
    *,
    washed: NDArray[np.bool_],
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
    washed : (N,) bool
        Which boxes are in glare.

    Returns
    -------
    list of Crop, list of Reject
        Each cell gives one of them.
    """
    canvas, smooth, peaks, paper = quiet(canvas, template)
    low, high = corners.min(axis=1), corners.max(axis=1)
    outside = (low < 0).any(axis=1) | (high > np.array([shape[1] - 1, shape[0] - 1])).any(axis=1)
    pens: dict[int, float] = {}
    rejects: list[Reject] = []
    for number, (cell, places) in enumerate(zip(template.cells, corners, strict=True), start=1):
        try:
            if outside[number - 1]:
                advice = "retake: the whole sheet"
                raise NoDigitError(Reason.TOUCHES_EDGE, "the box lies partly outside the photo", advice)
            if washed[number - 1]:
                seen = pale_ink(smooth, cell, float(peaks[number - 1]))
                raise NoDigitError(Reason.TOO_FAINT, "glare: the box's own lines are washed out", NO_GLARE, seen)
            pens[number] = pen_of(smooth, cell, float(peaks[number - 1]), paper[number - 1], limits)
        except NoDigitError as refusal:
            rejects.append(refusal.at(cell.row, cell.col, cell.label, places))
    found = []
    pieces = _pieces(smooth, template, pens, paper)
    for number, pen in pens.items():
        cell, places = template.cells[number - 1], corners[number - 1]
        try:
            found.append(_read_box(canvas, pieces, number, cell, pen, corners=places))
        except NoDigitError as refusal:
            rejects.append(refusal.at(cell.row, cell.col, cell.label, places))
    faint = sum(reject.reason == Reason.TOO_FAINT for reject in rejects)
    crops, unlike = like_each_other(found, faint, limits)
    return crops, sorted(rejects + unlike, key=lambda reject: (reject.row, reject.col))


def _pieces(smooth: Canvas, template: Template, pens: dict[int, float], grain: NDArray[np.float64]) -> Pieces:
    """Find the ink of all boxes, each by its own pen; where nothing was written, by the usual one."""
    levels = np.full(len(template.cells), float(np.median(list(pens.values()) or [255.0])))
    for number, pen in pens.items():
        levels[number - 1] = pen
    return find_pieces(
        smooth, template, CUT * levels, grain * np.array([[DARK], [ABOVE_GRAIN]]), SPECK_MM2 * smooth.scale**2
    )


def _read_box(canvas: Canvas, pieces: Pieces, number: int, cell: Cell, pen: float, *, corners: Corners) -> Found:
    try:
        chosen = _belonging(canvas, pieces, number, cell)
    except NoDigitError as refusal:
        within = canvas.place(cell.box_mm, NEAR_MM)
        pressed = pieces.mask(np.flatnonzero(pieces.inside[number]).tolist(), within).view(np.uint8)
        refusal.ink = _inked(canvas.ink, pressed, within, pen)
        raise
    if not chosen:
        raise NoDigitError(Reason.BLANK, f"no stroke larger than a dot of {SPECK_MM2:g} mm²")
    left, top = pieces.edges[chosen, :2].min(axis=0)
    right, bottom = pieces.edges[chosen, 2:].max(axis=0)
    where = (slice(int(top), int(bottom)), slice(int(left), int(right)))
    solid, strokes = pieces.mask(chosen, where).view(np.uint8), len(chosen)
    return _found(canvas.ink, solid, where, pen, cell=cell, corners=corners, strokes=strokes)


def _belonging(canvas: Canvas, pieces: Pieces, number: int, cell: Cell) -> list[int]:
    """Return the pieces whose main mass is in the box and those just outside that are near to them."""
    rows, cols = canvas.place(cell.box_mm, REACH_MM)
    within = (
        (pieces.edges[:, 0] > cols.start) & (pieces.edges[:, 2] < cols.stop)
        & (pieces.edges[:, 1] > rows.start) & (pieces.edges[:, 3] < rows.stop)
    )  # fmt: skip
    mine, elsewhere = pieces.inside[number], pieces.elsewhere(number)
    shared = (mine > MAX_SHARE * pieces.area) & (elsewhere > MAX_SHARE * pieces.area)
    endless = (mine >= SPECK_MM2 * canvas.scale**2) & ~within
    if (shared | endless).any():
        share = float((elsewhere / pieces.area)[shared | endless].max())
        detail = f"{share:.0%} of a stroke lies in other boxes, limit {MAX_SHARE:.0%}"
        if not shared.any():
            detail = f"a stroke goes on for {REACH_MM:g} mm and more beyond the box"
        raise NoDigitError(Reason.TOUCHES_NEIGHBOUR, detail, "keep digits in their boxes")
    half = 0.5 * pieces.area
    chosen = _without_dirt(pieces, (mine >= half).nonzero()[0].tolist(), canvas.scale)
    between = ((mine < half) & (elsewhere < half) & within).nonzero()[0].tolist()
    if chosen and between:
        here = (rows, cols)
        away = cv2.distanceTransform((~pieces.mask(chosen, here)).astype(np.uint8), cv2.DIST_L2, 5) / canvas.scale
        chosen += [piece for piece in between if away[pieces.mask([piece], here)].min() < NEAR_MM]
    return chosen


def _without_dirt(pieces: Pieces, chosen: list[int], scale: float) -> list[int]:
    """Leave out dots that are too small for a stroke of their own and too far from the digit for a part of it."""
    if len(chosen) < 2:
        return chosen
    left, top, right, bottom = pieces.edges[max(chosen, key=lambda piece: pieces.area[piece])]
    low, high = pieces.edges[chosen, :2], pieces.edges[chosen, 2:]
    apart = np.maximum(low - (right, bottom), (left, top) - high).max(axis=1)
    dirt = (pieces.area[chosen] < DIRT_MM2 * scale**2) & (apart > NEAR_MM * scale)
    return [piece for piece, out in zip(chosen, dirt.tolist(), strict=True) if not out]


def _found(
    ink: Ink,
    solid: NDArray[np.uint8],
    where: tuple[slice, slice],
    pen: float,
    *,
    cell: Cell,
    corners: Corners,
    strokes: int,
) -> Found:
    depth = cv2.distanceTransform(cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5)
    height, width = solid.shape
    area = cv2.countNonZero(solid)
    return Found(
        crop=Crop(_inked(ink, solid, where, pen), cell.label, cell.row, cell.col, corners),
        height=float(height),
        width=float(width),
        area=float(area),
        line=4 * float(depth.sum()) / area - 1,  # a strip w wide has a mean depth of (w + 1) / 4
        patch=2 * float(depth.max()),
        strokes=strokes,
    )


def _inked(ink: Ink, solid: NDArray[np.uint8], where: tuple[slice, slice], pen: float) -> Ink:
    """Return the ink of a window's solid pixels and the edges of their strokes, with a margin of paper."""
    around = cv2.dilate(cv2.copyMakeBorder(solid, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT), _GROWN)
    return np.asarray(cv2.multiply(_with_margin(ink, where), around, scale=255 / pen), dtype=np.uint8)


def _with_margin(ink: Ink, where: tuple[slice, slice]) -> Ink:
    """Return a window with ``MARGIN`` pixels more on each side, paper where the canvas ends."""
    ends = [(part.start - MARGIN, part.stop + MARGIN, length) for part, length in zip(where, ink.shape, strict=True)]
    inner = ink[tuple(slice(max(start, 0), min(stop, length)) for start, stop, length in ends)]
    if inner.shape == tuple(stop - start for start, stop, _ in ends):
        return inner
    return np.pad(inner, [(max(-start, 0), max(stop - length, 0)) for start, stop, length in ends])
