"""Which digits stand for many: as many of each label as its share, by their ids and a seed alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.splits import draw


def chosen(ids: Sequence[str], labels: NDArray[np.uint8], limit: int, seed: int) -> NDArray[np.intp]:
    """Return the places of at most ``limit`` digits, in their order.

    The digits of a label stand in an order of their own, which ids and seed give. The k-th of n (from 0) is taken when
    the share (k + 1/2) / n of all is: so every label has its share at every limit (Webster's method of giving out
    seats), and a larger limit only adds digits.

    Parameters
    ----------
    ids : N str
    labels : (N,) uint8
    limit : int
        0 takes all.
    seed : int
    """
    if not limit or len(ids) <= limit:
        return np.arange(len(ids))
    drawn = np.array([draw(name, seed) for name in ids])
    turn = np.empty(len(ids))
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        turn[places[np.argsort(drawn[places], kind="stable")]] = (np.arange(len(places)) + 0.5) / len(places)
    return np.sort(np.lexsort((drawn, turn))[:limit])
