"""What the reader's steps hand on: crops that may become digits, and rejects that say why not."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""(H, W) uint8 as a camera sees it: 0 = black, 255 = white."""

Ink = NDArray[np.uint8]
"""(H, W) uint8 with the light taken out: 0 = paper, 255 = the pen's full ink."""

Corners = NDArray[np.float32]
"""(4, 2) float32: x, y in pixels of the upright photo; top left, top right, bottom right, bottom left as read."""


Homography = NDArray[np.float64]
"""(3, 3) float64: places on a flat sheet to photo pixels, whose centres are whole numbers."""

UNLABELLED = -1
"""In the place of a label that nobody has said: it is refused wherever digits become rows of a table."""


def whole_photo(height: int, width: int) -> Corners:
    """Return the corners of a photo of this many pixels."""
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)


class Reason(StrEnum):
    """Why a photo, row, cell or component gave no digit."""

    NOT_AN_IMAGE = "not-an-image"
    TOO_LARGE = "too-large"
    BAD_SHEETS_YAML = "bad-sheets-yaml"
    NO_COLLECTION = "no-collection"
    BAD_NAME = "bad-name"
    NOT_REGISTERED = "not-registered"
    NO_DIGIT = "no-digit"
    NO_LABEL = "no-label"
    ROW_COUNT = "row-count"
    BLANK = "blank"
    TOO_FAINT = "too-faint"
    TOO_SMALL = "too-small"
    TOO_MANY_PARTS = "too-many-parts"
    TOUCHES_EDGE = "touches-edge"
    TOUCHES_NEIGHBOUR = "touches-neighbour"
    BLURRED = "blurred"
    TURN_UNSURE = "turn-unsure"
    UNLIKE_LABELS = "unlike-labels"
    WRONG_SHEET = "wrong-sheet"
    LINKS_OUTSIDE = "links-outside"
    DROPPED = "dropped"
    READER_FAILED = "reader-failed"

    @property
    def needs_retake(self) -> bool:
        """Whether the photo, or what sheets.yaml says of it, should be changed: not so where it was written so."""
        return self not in (
            Reason.BLANK,
            Reason.TOO_SMALL,
            Reason.TOO_MANY_PARTS,
            Reason.TOUCHES_NEIGHBOUR,
            Reason.DROPPED,
        )


NOTHING_THERE = (Reason.BLANK, Reason.DROPPED)
"""Rejects that nobody has to look at."""


@dataclass(frozen=True)
class Crop:
    """Pixels cut for one digit, upright, foreign ink (lines, hints, neighbours) already removed."""

    ink: Ink
    label: int
    row: int
    col: int
    corners: Corners


@dataclass(frozen=True)
class Reject:
    """Something on a photo, or the photo itself, that gave no digit."""

    reason: Reason
    detail: str  # the measurement and the limit that it broke
    row: int | None = None
    col: int | None = None
    label: int | None = None
    corners: Corners | None = None  # None: the whole photo
    advice: str = ""  # to the person with the camera or the pen
    ink: Ink | None = field(default=None, compare=False, repr=False)  # as a crop's, where a person may accept it


@dataclass(frozen=True)
class Findings:
    """What a layout found on a photo."""

    crops: list[Crop]
    rejects: list[Reject]
    writer: str | None = None  # where the sheet itself says who wrote it
    sharp_enough: bool = True  # whether more pixels of the same photo could give nothing more
    turn: int = 0  # degrees clockwise that bring the photo upright; corners are on the turned photo
