"""Digits of one sheet have one writer and one pen: what differs too much from the others is no digit."""

from dataclasses import dataclass

import numpy as np

from pipeline.params import Sheets
from pipeline.reader.records import Corners, Crop, Ink, Reason, Reject

MAX_LENGTH = 2.4  # a digit's line, in diagonals of its ink: simulated digits have at most 2.0, scribbles 2.5 and more
MAX_PATCH, PATCH_LENGTH = 2.3, 1.5  # of the line's width: digits have at most 1.8; a filled loop alone is shorter
SPOILT = "a scribble: leave a spoilt box or cell out"


@dataclass(frozen=True)
class Found:
    """The ink of one box or cell, before it is compared with the others; lengths in pixels of the flat sheet."""

    crop: Crop
    height: float
    width: float
    area: float
    line: float  # how wide the pen's line is
    patch: float  # how wide the widest solid patch is
    strokes: int  # separate ones


class NoDigitError(Exception):
    """A box or a cell gives no digit."""

    def __init__(self, reason: Reason, detail: str, advice: str = "", ink: Ink | None = None) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.advice = reason, detail, advice
        self.ink = ink  # what a person may still take for a digit

    def at(self, row: int, col: int, label: int, corners: Corners) -> Reject:
        """Return it as the reject of a place."""
        return Reject(self.reason, self.detail, row, col, label, corners, self.advice, self.ink)


def like_each_other(found: list[Found], faint: int, limits: Sheets) -> tuple[list[Crop], list[Reject]]:
    """Compare each digit with the other digits of its sheet: they have one writer and one pen.

    Where most of the ink is too faint to read there is nothing to compare with: what is left may be the scribbles.

    Parameters
    ----------
    found : list of Found
    faint : int
        How many boxes hold ink that is too faint; 0 where that says nothing about the others.
    limits : Sheets
    """
    crops: list[Crop] = []
    rejects: list[Reject] = []
    typical = float(np.median([one.height for one in found] or [1.0]))
    line = float(np.median([one.line for one in found] or [1.0]))
    for one in found:
        crop = one.crop
        try:
            if faint > len(found):
                detail = f"{faint} of the sheet's {faint + len(found)} boxes with ink are too faint to compare with"
                raise NoDigitError(Reason.TOO_FAINT, detail, "retake: with more light, in focus")
            _check_size(one, typical, limits)
            check_count(one.strokes, limits)
            _check_line(one, line)
            crops.append(crop)
        except NoDigitError as refusal:
            refusal.ink = crop.ink
            rejects.append(refusal.at(crop.row, crop.col, crop.label, crop.corners))
    return crops, rejects


def _check_size(one: Found, typical: float, limits: Sheets) -> None:
    height = one.height / typical
    if height < limits.min_digit_height:
        detail = f"{height:.2f} of the sheet's median digit height, limit {limits.min_digit_height:g}"
        raise NoDigitError(Reason.TOO_SMALL, f"{detail} (sheets.min_digit_height)", "a dot or a speck: rub it out")


def check_count(strokes: int, limits: Sheets) -> None:
    """Refuse more separate strokes than a digit has. Raises NoDigitError."""
    if strokes > limits.max_cell_parts:
        detail = f"{strokes} separate strokes, limit {limits.max_cell_parts} (sheets.max_cell_parts)"
        raise NoDigitError(Reason.TOO_MANY_PARTS, detail, SPOILT)


def _check_line(one: Found, line: float) -> None:
    length = one.area / line / float(np.hypot(one.height, one.width))
    patch = one.patch / line
    if patch > MAX_PATCH and length > PATCH_LENGTH:
        detail = f"a solid patch {patch:.1f} times as wide as the pen's line, limit {MAX_PATCH:g}"
        raise NoDigitError(Reason.TOO_MANY_PARTS, detail, SPOILT)
    if length > MAX_LENGTH:
        detail = f"a line {length:.1f} times as long as the digit is large, limit {MAX_LENGTH:g}"
        raise NoDigitError(Reason.TOO_MANY_PARTS, detail, SPOILT)
