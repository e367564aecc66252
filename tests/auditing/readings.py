"""Readings of made-up digits: what a good network says of what was written."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.auditing.findings import Readings


def read_as(written: Sequence[int], seed: int = 0, sure: float = 0.95) -> NDArray[np.float64]:
    """Return (N, 10): ``sure`` or more of each digit that was written, the rest at random among the others."""
    rng = np.random.default_rng(seed)
    rest = rng.dirichlet(np.ones(10), len(written)) * (1 - sure)
    rest[np.arange(len(written)), list(written)] += sure
    return np.asarray(rest)


def readings(written: Sequence[int], labels: Sequence[int], seed: int = 0) -> Readings:
    """Return readings of plain digits: what is read as another digit than its label is so clearly."""
    given = np.array(labels, dtype=np.uint8)
    clear = np.array(written) != given
    return Readings(given, read_as(written, seed), clear, np.zeros(len(given), dtype=bool))
