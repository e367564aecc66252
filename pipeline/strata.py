"""Which digits stand for many: of each source so many, of each label its share, by their ids and a seed alone."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import digits
from pipeline.splits import draw


def of_each_source(table: pa.Table, limit: int, seed: int) -> pa.Table:
    """Return at least one row of a digit table in its order: at most ``limit`` of each source (0: all)."""
    ids, sources = (np.array(digits.strings(table, name)) for name in ("id", "source"))
    labels = digits.labels(table)
    members = [np.flatnonzero(sources == source) for source in np.unique(sources)]
    kept = [places[chosen(ids[places].tolist(), labels[places], limit, seed)] for places in members]
    return table.take(pa.array(np.sort(np.concatenate(kept)))).combine_chunks()


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
