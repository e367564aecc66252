"""What may be wrong with a digit, by name."""

from enum import StrEnum


class Verdict(StrEnum):
    """Why a digit is a suspect; the first that fits, from the top."""

    ROW_SHIFTED = "row-shifted"
    """The labels of its whole row stand at the wrong places, all by the same number of places."""

    PLACE_SKIPPED = "place-skipped"
    """From some place of its row on, the labels stand one or more places off: a digit too few or too many."""

    NO_DIGIT = "no-digit"
    """It looks like no digit: a bad crop."""

    ANOTHER_ROW = "another-row"
    """Most digits of its row are clearly others than their labels: the row's labels are another's."""

    OTHER_DIGIT = "other-digit"
    """It is clearly another digit: a slip of the pen, or a wrong label."""

    AMBIGUOUS = "ambiguous"
    """It is read as another digit, and that is not clear."""
