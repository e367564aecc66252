"""Which digits a digit is compared with where there are too many to compare each with every other."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]

PER_ROOT = 2  # cells for each root of the number of digits: finding a digit's cells costs less than comparing it
# Of a million distorted MNIST digits 99.7% meet their nearest so, of those that stand there twice, paler and half a
# pixel off, all; with 16 cells 98.8% and 99.2%. Each is then compared with a fiftieth of the million.
MET = 32
AT_ONCE = 4096  # digits a step: with the 2,000 cells of a million digits 33 MB of products
SEED = 0  # which digits the cells lie around changes what is missed, rarely what is found


def comparisons(vectors: NDArray[np.float32]) -> Iterator[tuple[Places, Places]]:
    """Yield (digits, the digits to compare them with): a cell's digits, and who lies near enough to meet them.

    The cells are those of an inverted file (J. Sivic and A. Zisserman, Video Google, 2003; the index `IVF` of Faiss)
    around digits drawn by chance. A digit meets the digits of the 32 cells that lie nearest to it, its own among them.

    Parameters
    ----------
    vectors : (N, D) float32 of length 1 (0 for an empty image), N at least 1
    """
    count = min(len(vectors), round(PER_ROOT * len(vectors) ** 0.5))
    centres = vectors[np.sort(np.random.default_rng(SEED).choice(len(vectors), count, replace=False))]
    met = np.empty((len(vectors), min(MET, count)), dtype=np.int32)
    own = np.empty(len(vectors), dtype=np.int32)
    for start in range(0, len(vectors), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        likeness = vectors[some] @ centres.T
        met[some] = np.argpartition(-likeness, met.shape[1] - 1, axis=1)[:, : met.shape[1]]
        nearest = np.take_along_axis(likeness, met[some], axis=1).argmax(axis=1)
        own[some] = np.take_along_axis(met[some], nearest[:, None], axis=1)[:, 0]
    for asked, members in zip(_by_cell(met.ravel(), count), _by_cell(own, count), strict=True):
        if len(members):
            yield asked // met.shape[1], members


def _by_cell(cell: NDArray[np.int32], count: int) -> list[Places]:
    """Return for each cell the places that name it, ascending."""
    return np.split(np.argsort(cell, kind="stable"), np.cumsum(np.bincount(cell, minlength=count))[:-1])
