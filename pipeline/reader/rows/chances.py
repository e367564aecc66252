"""What each glyph of a row is where nobody has said its digits: one digit, several that touch, a piece, or foreign."""

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from pipeline.reader.rows.align import (
    BROKEN,
    FOREIGN,
    LENGTHS,
    ODD,
    THREE_TOUCH,
    TWO_TOUCH,
    UNREAD,
    WIDTHS,
    Seen,
    habit,
    like,
    pieces,
)
from pipeline.reader.rows.measured import Row

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Chances:
    """Probabilities of N glyphs, each (N,); of a glyph the four sum to 1."""

    alone: Table  # one digit, all of it and nothing else
    touching: Table  # two or three digits
    piece: Table  # of a digit whose other piece is a neighbour
    foreign: Table


def chances(row: Row) -> Chances:
    """Weigh all ways in which a row can be digits, whichever these are.

    As :func:`pipeline.reader.rows.align.align` weighs the ways in which it can be a string, with the same sizes and
    odds, but each digit may be any of the ten, all alike.
    """
    seen = row.seen()
    wide, long = habit(seen, row.readings.argmax(axis=1))
    width, length = np.log(WIDTHS) + wide, np.log(LENGTHS) + long
    alone = np.array([_alone(one, width, length) for one in seen])
    joint = np.logaddexp(
        *(odds + _mean_like(seen, width, length, count) for odds, count in ((TWO_TOUCH, 2), (THREE_TOUCH, 3)))
    )
    foreign = np.array([FOREIGN + ODD * one.odd for one in seen])
    broken = np.array([BROKEN + _mean(pieces(a, b, width, length)) for a, b in pairwise(seen)])
    single = np.logaddexp(np.logaddexp(alone, joint), foreign)
    ahead, behind = _sums(single, broken), _sums(single[::-1], broken[::-1])[::-1]
    own = ahead[:-1] + behind[1:] - ahead[-1]
    both = np.exp(ahead[:-2] + broken + behind[2:] - ahead[-1]) if len(seen) > 1 else np.zeros(0)
    piece = np.append(both, 0) + np.append(0, both)
    return Chances(np.exp(alone + own), np.exp(joint + own), piece, np.exp(foreign + own))


def _alone(one: Seen, width: Table, length: Table) -> float:
    reading = np.zeros(len(width)) if one.reading is None else one.reading - UNREAD
    return _mean(like(one, width, length) + reading) - ODD * one.odd


def _mean_like(seen: list[Seen], width: Table, length: Table, count: int) -> Table:
    """Return the log odds that each glyph is ``count`` digits side by side, whichever they are."""
    together = np.array(list(product(range(len(width)), repeat=count)))
    widths, lengths = (np.log(np.exp(size)[together].sum(axis=1)) for size in (width, length))
    return np.array([_mean(like(one, widths, lengths)) for one in seen])


def _mean(odds: Table) -> float:
    """Return the logarithm of the mean of odds that are given as logarithms."""
    return float(np.logaddexp.reduce(odds) - np.log(len(odds)))


def _sums(single: Table, broken: Table) -> Table:
    """Return (N + 1,): the logarithm of the sum over all ways to walk through the first i glyphs."""
    total = np.zeros(len(single) + 1)
    for i in range(1, len(total)):
        total[i] = total[i - 1] + single[i - 1]
        if i > 1:
            total[i] = np.logaddexp(total[i], total[i - 2] + broken[i - 2])
    return total
