"""Which strokes belong to the digit of a cell, and which were left by lines or belong to a neighbour."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.alike import NoDigitError
from pipeline.reader.grid.cell_sheet import Sheet
from pipeline.reader.records import Reason
from pipeline.reader.strokes import Labels, Part

MAX_SHARE = 0.12  # of a part's ink in another cell: more is two digits that touch
THIN, WIDE = 0.5, 0.65  # of the pen's width: a part that is nowhere wider was left by a line; beside one, the second
CRUMB = 0.3  # … and of a part that was kept upon a line: a stroke that can't be told from the line whole
REST = 0.35  # of a part that lies where a line was: more is the line's rest
LONG = 0.8  # of a cell: ink so long beside a line is a line, ruled twice
ALONG = 2.0  # pen widths: what is left beside a line may be a stroke if it is as long as this
NEAR = 0.25  # of the digit's height: a stroke further away is not the digit's; a line's rest nearer than this may be
APART = 0.4  # of NEAR: a slip of the pen beside a digit is at least so far from it
Window = tuple[slice, slice]


def strokes_of(pieces: list[Part], labels: Labels, sheet: Sheet, window: Window, number: int) -> list[Part]:
    """Return the strokes of the digit in a cell.

    Parameters
    ----------
    pieces : list of Part
        All ink in a window around the cell.
    labels : (h, w) int32
        Of the window.
    sheet : Sheet
    window : rows and columns of the table
    number : int
        Of the cell, from 1.

    Raises
    ------
    NoDigitError
        Where a stroke lies in two cells, or cannot be told from a line.
    """
    written, rests = _sorted(pieces, labels, sheet, window)
    own = sheet.owners[window]
    chosen = _belonging(written, labels, own, number)
    if not chosen:
        return []
    main = max(chosen, key=lambda part: part.area)
    gaps = cv2.distanceTransform((labels != main.index + 1).astype(np.uint8), cv2.DIST_L2, 5)
    near = NEAR * max(main.height, main.width)
    for rest in rests:
        if gaps[labels == rest.index + 1].min() < near and (own[labels == rest.index + 1] == number).mean() > 0.3:
            detail = f"{max(rest.width, rest.height)} px of ink run along a line, near the digit"
            raise NoDigitError(Reason.TOUCHES_NEIGHBOUR, detail, "write clear of the lines")
    return [part for part in chosen if not _slip(part, main, labels, beside=sheet.beside[window], gaps=gaps, near=near)]


def _sorted(pieces: list[Part], labels: Labels, sheet: Sheet, window: Window) -> tuple[list[Part], list[Part]]:
    """Part what was written from what lines left, of which the rests that may be strokes are returned too."""
    depth = cv2.distanceTransform((labels > 0).astype(np.uint8), cv2.DIST_L2, 3)
    beside, rim, lines, own = (
        layer[window] for layer in (sheet.beside, sheet.outermost, sheet.table.lines, sheet.owners)
    )
    written, rests = [], []
    for part in pieces:
        pixels = labels == part.index + 1
        near, length = (beside | rim)[pixels], max(part.width, part.height)
        thick = 2 * depth[pixels].max() - 1
        shares = np.sort(np.bincount(own[pixels])) / part.area
        ruled = near.all() and (length > LONG * sheet.table.cell or rim[pixels].all())
        across = near.mean() > 0.9 and len(shares) > 1 and shares[-2] > MAX_SHARE
        speck = near.all() and length < ALONG * sheet.width
        upon = lines[pixels].mean() >= REST
        if upon and length >= ALONG * sheet.width and thick >= CRUMB * sheet.width and not rim[pixels].all():
            rests.append(part)
            continue
        if speck or thick < (WIDE if near.all() else THIN) * sheet.width or ruled or across:
            continue
        if not upon:
            written.append(part)
    return written, rests


def _slip(
    part: Part, main: Part, labels: Labels, *, beside: NDArray[np.bool_], gaps: NDArray[np.float32], near: float
) -> bool:
    """Tell a slip of the pen that ruled the lines from a stroke of the digit: it starts at a line, beside the digit."""
    pixels = labels == part.index + 1
    if part is main or gaps[pixels].min() < APART * near or not beside[pixels].any():
        return False
    return min(part.right, main.right) <= max(part.x, main.x)


def _belonging(pieces: list[Part], labels: Labels, own: NDArray[np.int32], number: int) -> list[Part]:
    """Return the parts whose main mass is in the cell; refuse a part that lies in two."""
    chosen = []
    for part in pieces:
        shares = np.bincount(own[labels == part.index + 1], minlength=number + 1) / part.area
        elsewhere = float(shares[1:].sum() - shares[number])
        if shares[number] > MAX_SHARE and elsewhere > MAX_SHARE:
            detail = f"{elsewhere:.0%} of a stroke lies in other cells, limit {MAX_SHARE:.0%}"
            raise NoDigitError(Reason.TOUCHES_NEIGHBOUR, detail, "keep digits in their cells")
        if shares[number] >= 0.5:
            chosen.append(part)
    return chosen


def mask_of(chosen: list[Part], labels: Labels) -> NDArray[np.bool_]:
    """Return where the parts are."""
    wanted = np.zeros(int(labels.max()) + 1, bool)
    wanted[[part.index + 1 for part in chosen]] = True
    return np.asarray(wanted[labels])
