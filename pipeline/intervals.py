"""How sure an accuracy is when digits of one hand fail together: its interval by resampling writers."""

import math

import numpy as np
from numpy.typing import NDArray

from pipeline.scores import wilson

DRAWS = 10_000  # the ends are quantiles near 0.025 and beyond: some hundred draws must lie outside them
AT_ONCE = 1000  # draws; 1,000 times 5,000 writers are 40 MB

Counts = NDArray[np.int64]
"""(W,): a count for each writer."""


def by_writers(right: Counts, n: Counts, *, seed: int) -> tuple[float, float]:
    """Return the 95% interval of an accuracy, as if other writers had written.

    Whole writers are drawn with replacement, as many as there are, and the share of their digits that was read right
    is taken (A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8). The ends
    are percentiles of these shares, widened for few writers as T. C. Hesterberg does it ("What Teachers Should Know
    About the Bootstrap", The American Statistician 69 (2015) 371-386, section 5.3): at ``Phi(-sqrt(W / (W - 1)) t)``
    with Student's ``t`` of W - 1 degrees of freedom, in place of 0.025. The interval is never narrower than Wilson's
    for as many independent digits: without an error all draws are alike, which is no certainty.

    With two to four writers the percentiles are the worst and the best writer's accuracy, and cannot be more: nothing
    is known about the spread of people. Measured on 3,000 simulated collections each of 60 to 169 digits a writer whose
    accuracies are beta distributed with mean 0.98 and deviation 0.015, this interval holds the mean in 90% of the
    cases with 3 writers, 92% with 5, 93% with 10 and 95% with 30; plain percentiles in 72%, 80%, 87% and 93%, and
    Wilson's, which takes digits for independent, in 80 to 84%. Where accuracies are more skewed it holds less: with
    mean 0.995 and deviation 0.01, in 88% of 400 collections with 30 writers.

    Parameters
    ----------
    right, n : (W,) integers
        Digits read right and digits, of each writer; W at least 2, ``0 <= right <= n``, ``n`` at least 1.
    seed : int

    Returns
    -------
    tuple of two floats
        Low and high end, 0 <= low <= sum(right) / sum(n) <= high <= 1.

    Raises
    ------
    ValueError
        If there are fewer than two writers, or the counts cannot be.
    """
    writers = len(n)
    if writers < 2 or right.shape != n.shape or n.min() < 1 or right.min() < 0 or (right > n).any():
        raise ValueError(f"expected 0 <= right <= n and n >= 1 for two writers or more, got {right} of {n}")
    rng = np.random.default_rng(seed)
    evenly = np.full(writers, 1 / writers)
    blocks = (rng.multinomial(writers, evenly, size=AT_ONCE) for _ in range(DRAWS // AT_ONCE))
    shares = np.concatenate([(times @ right) / (times @ n) for times in blocks])
    tail = _tail(writers)
    low, high = np.quantile(shares, [tail, 1 - tail])
    least, most = wilson(int(right.sum()), int(n.sum()))
    return min(float(low), least), max(float(high), most)


def _tail(writers: int) -> float:
    """Return Hesterberg's share of draws beyond each end of a 95% interval."""
    from scipy.special import ndtr, stdtrit

    return float(ndtr(-math.sqrt(writers / (writers - 1)) * stdtrit(writers - 1, 0.975)))
