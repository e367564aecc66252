"""Words and numbers that stand on the paper beside digits of one kind."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.reader.rows.measured import Row

CRAMPED, CRAMPED_SHARE = 0.25, 0.3  # digit heights, and of the photo's median gap: letters stand closer than digits
WRONG = np.log(0.005)  # of 1,342 digits none looked as unlike its label as that
WRONG_ALONE = np.log(0.05)  # … and 1 of 100 as that: enough for one or two that stand apart from all rows
RUN = 3  # neighbours at least are a word
WORD, MIXED, ALIKE = 0.6, 0.3, 0.7  # share of letters that look unlike the label; at most this share alike, if fewer do
CLOSE = 0.3  # digit heights: the neighbour of a letter that is as near is of its word


def words_in(row: Row, label: int, *, long_rows: bool, apart: float) -> NDArray[np.bool_]:
    """Tell which glyphs are words or other numbers: many neighbours that look unlike the label, or cramped as print.

    One glyph among others is never refused for its looks, only rows, runs, and one or two that stand alone.
    """
    count, unlike, looks = len(row.glyphs), row.readings[:, label] < WRONG, row.readings.argmax(axis=1)
    if count < RUN:
        return np.full(count, long_rows and bool((row.readings[:, label] < WRONG_ALONE).any()))
    if row.gap < min(CRAMPED, CRAMPED_SHARE * apart):
        return np.ones(count, bool)
    words = np.zeros(count, bool)
    places = np.flatnonzero(unlike)
    for start in places:
        for end in places[places >= start + RUN - 1]:
            if _foreign(unlike[start : end + 1], looks[start : end + 1]):
                words[start : end + 1] = True
    close = np.array([after.x - before.right < CLOSE * row.height for before, after in pairwise(row.glyphs)])
    for place in [*range(count - 1), *range(count - 2, -1, -1)]:
        if close[place] and words.any():
            words[place : place + 2] = words[place : place + 2].any()
    return words


def _foreign(unlike: NDArray[np.bool_], looks: NDArray[np.intp]) -> bool:
    """Tell whether most of these are unlike their label, or many and not one like the other."""
    if unlike.mean() >= WORD:
        return True
    return bool(
        unlike.sum() >= max(MIXED * len(unlike), 2) and np.bincount(looks[unlike]).max() <= ALIKE * unlike.sum()
    )
