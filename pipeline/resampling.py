"""As if other writers had written: a share's 95% interval by drawing whole writers anew."""

import math

import numpy as np
from numpy.typing import NDArray

DRAWS = 10_000  # the ends are quantiles near 0.025 and beyond: some hundred draws must lie outside them
AT_ONCE = 1_000_000  # numbers of a draw in memory at a time: 8 MB

Counts = NDArray[np.int64]
"""(W,): a count for each writer."""


def ends(counted: Counts, n: Counts, *, seed: int) -> tuple[float, float]:
    """Return the 95% interval of ``sum(counted) / sum(n)``, as if other writers had written.

    Whole writers are drawn with replacement, as many as there are, each with all digits (A. C. Davison and D. V.
    Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8). The ends are percentiles of the share over
    10,000 draws, widened for few writers as T. C. Hesterberg does it ("What Teachers Should Know About the Bootstrap",
    The American Statistician 69 (2015) 371-386, section 5.3): at ``Phi(-sqrt(W / (W - 1)) t)`` with Student's ``t`` of
    W - 1 degrees of freedom, in place of 0.025.

    With two to four writers these are the least and the greatest share of one writer, and cannot be more: nothing is
    known about the spread of people. Where all writers have one share, every draw gives the same, which does not make
    it certain.

    Parameters
    ----------
    counted, n : (W,) integers
        What is counted (it may be negative) and the digits, of each writer; W at least 2, ``n`` at least 1.
    seed : int
        The same seed gives the same interval.

    Raises
    ------
    ValueError
        If there are fewer than two writers, or one has no digit.
    """
    writers = len(n)
    if writers < 2 or counted.shape != n.shape or n.min() < 1:
        raise ValueError(f"expected two writers or more with a digit each, got {counted} of {n}")
    generator, evenly = np.random.default_rng(seed), np.full(writers, 1 / writers)
    rounds = max(1, AT_ONCE // writers)
    shares = []
    for start in range(0, DRAWS, rounds):
        times = generator.multinomial(writers, evenly, size=min(rounds, DRAWS - start))
        shares.append((times @ counted) / (times @ n))
    tail = _tail(writers)
    low, high = np.quantile(np.concatenate(shares), [tail, 1 - tail])
    return float(low), float(high)


def _tail(writers: int) -> float:
    """Return Hesterberg's share of draws beyond each end of a 95% interval."""
    from scipy.special import ndtr, stdtrit

    return float(ndtr(-math.sqrt(writers / (writers - 1)) * stdtrit(writers - 1, 0.975)))
