"""What a sheet says about itself: its layout, its writer and the digits of its rows, as the text of a printed code.

A sheet for a writer or with more room for some digits carries a QR code (ISO/IEC 18004, version 1, correction level
Q: a quarter of the code may be lost) with a text such as ``12A4W07``:

- ``1``: the layout, that is, where boxes, markers and codes are and how rows follow from the focus;
- ``2A4``: the focus digits, three hexadecimal figures, bit n for digit n; ``000`` for none;
- ``W07``: the writer's id, up to twelve of A-Z, 0-9 and ``-``; none where nobody is named. A code has no lower case:
  ids are upper case there and lower case everywhere else, so that ``--writer W07`` and ``--writer w07`` are one writer.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import BadInputError

LAYOUT = "1"
SIDE = 21  # modules of a QR code of version 1
LONGEST = 12  # characters of a writer's id: version 1 with level Q holds 16
HALF_ROWS = 20  # a sheet has ten rows of two halves, of five boxes each

Modules = NDArray[np.bool_]
"""(n, n) bool, True = black: 21 a side for a code, 6 for a marker."""


class UnknownLayoutError(ValueError):
    """A code that this version of the reader does not know."""


@dataclass(frozen=True)
class SheetCode:
    """What the code of a sheet says."""

    writer: str | None = None  # lower case
    focus: tuple[int, ...] = ()  # digits that get more boxes, rising

    def text(self) -> str:
        """Return what the code holds."""
        bits = sum(1 << digit for digit in self.focus)
        return f"{LAYOUT}{bits:03X}{(self.writer or '').upper()}"


def stated(writer: str | None, focus: str | None) -> SheetCode:
    """Return the code of a sheet as a user asks for it: ``w07`` and ``2,5,7,9``.

    Raises
    ------
    BadInputError
        For a writer's id that the code cannot hold, and for a focus that names no digits.
    """
    if writer is not None and not re.fullmatch(rf"[A-Za-z0-9-]{{1,{LONGEST}}}", writer):
        raise BadInputError(f"--writer: expected 1 to {LONGEST} of a-z, 0-9 and -, such as w07, got {writer!r}")
    if focus is not None and not re.fullmatch(r"[0-9](,[0-9])*", focus):
        raise BadInputError(f"--focus: expected digits with commas between, such as 2,5,7,9, got {focus!r}")
    digits = {int(digit) for digit in focus.split(",")} if focus else set()
    return SheetCode(writer.lower() if writer else None, tuple(sorted(digits)))


def parsed(text: str) -> SheetCode:
    """Return what a code's text says, or raise :class:`UnknownLayoutError`."""
    found = re.fullmatch(rf"{LAYOUT}([0-3][0-9A-F]{{2}})([A-Z0-9-]{{0,{LONGEST}}})", text)
    if not found:
        raise UnknownLayoutError(f"a sheet of layout {text[:1]!r}, this version of mnist-cn knows {LAYOUT!r}")
    bits = int(found[1], 16)
    return SheetCode(found[2].lower() or None, tuple(digit for digit in range(10) if bits >> digit & 1))


def half_rows(focus: tuple[int, ...]) -> tuple[int, ...]:
    """Return the digit of each half row, from the top: rising, so that a digit's boxes follow each other.

    Without a focus each digit has two halves, a row. With one the other digits have a half each (five boxes), and the
    focus digits share the rest evenly, the smaller ones first where it does not come out even.
    """
    others = [digit for digit in range(10) if digit not in focus]
    if not focus:
        return tuple(digit for digit in range(10) for _ in range(2))
    share, left = divmod(HALF_ROWS - len(others), len(focus))
    counts = dict.fromkeys(others, 1) | {digit: share + (place < left) for place, digit in enumerate(sorted(focus))}
    return tuple(digit for digit in range(10) for _ in range(counts[digit]))


def modules_of(text: str) -> Modules:
    """Return the QR code of a text: version 1, level Q, its quiet zone left off."""
    import cv2

    wanted = cv2.QRCodeEncoder.Params()
    wanted.version = 1
    wanted.correction_level = cv2.QRCODE_ENCODER_CORRECT_LEVEL_Q
    wanted.mode = cv2.QRCODE_ENCODER_MODE_ALPHANUMERIC
    black = np.asarray(cv2.QRCodeEncoder.create(wanted).encode(text)) == 0
    rows, cols = np.flatnonzero(black.any(axis=1)), np.flatnonzero(black.any(axis=0))
    return np.asarray(black[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1])
