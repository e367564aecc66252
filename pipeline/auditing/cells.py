"""Which digits a digit is compared with where there are too many to compare each with every other."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]

PER_ROOT = 2  # cells for each root of the number of digits: finding a digit's cell costs less than comparing it
# Of full MNIST's digits 98.0% meet their nearest so, and of the tenth whose nearest is nearest all do; with 32 cells
# 94.6% and 99.9%. A digit is then compared with a seventh of 70,000, with a twentieth of a million.
MET = 64
AT_ONCE = 4096  # digits a step: with the 2,000 cells of a million digits 33 MB of products
SEED = 0  # which digits the cells lie around changes what is missed, rarely what is found


def comparisons(vectors: NDArray[np.float32]) -> Iterator[tuple[Places, Places]]:
    """Yield (digits, the digits to compare them with), both in their order: each digit once among the first.

    The cells are those of an inverted file (J. Sivic and A. Zisserman, Video Google, 2003; the index `IVF` of Faiss)
    around digits drawn by chance. The digits of a cell are compared with those of the 64 cells that lie nearest to it.

    Parameters
    ----------
    vectors : (N, D) float32 of length 1 (0 for an empty image), N at least 1
    """
    count = min(len(vectors), round(PER_ROOT * len(vectors) ** 0.5))
    centres = vectors[np.sort(np.random.default_rng(SEED).choice(len(vectors), count, replace=False))]
    cell = np.concatenate([(some @ centres.T).argmax(axis=1) for some in _steps(vectors)])
    members = np.split(np.argsort(cell, kind="stable"), np.cumsum(np.bincount(cell, minlength=count))[:-1])
    near = np.argsort(-(centres @ centres.T), axis=1, kind="stable")[:, :MET]
    for own, cells in zip(members, near, strict=True):
        if len(own):
            yield own, np.sort(np.concatenate([members[other] for other in cells]))


def _steps(vectors: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(vectors), AT_ONCE):
        yield vectors[start : start + AT_ONCE]
