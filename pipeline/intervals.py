"""How sure an accuracy is when digits of one hand fail together: its interval by resampling writers."""

from pipeline import resampling
from pipeline.resampling import Counts
from pipeline.scores import wilson


def by_writers(right: Counts, n: Counts, *, seed: int) -> tuple[float, float]:
    """Return the 95% interval of an accuracy, as if other writers had written.

    Whole writers are drawn anew: see :func:`pipeline.resampling.ends`. The interval is never narrower than Wilson's for
    as many independent digits: without an error every draw gives the same, which does not make it certain.

    Measured on 3,000 simulated collections each of 60 to 169 digits a writer whose accuracies are beta distributed with
    mean 0.98 and deviation 0.015, this interval holds the mean in 90% of the cases with 3 writers, 92% with 5, 93% with
    10 and 95% with 30; plain percentiles in 72%, 80%, 87% and 93%, and Wilson's, which takes digits for independent, in
    80 to 84%. Where accuracies are more skewed it holds less: with mean 0.995 and deviation 0.01, in 88% of 400
    collections with 30 writers.

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
    if len(n) < 2 or right.shape != n.shape or n.min() < 1 or right.min() < 0 or (right > n).any():
        raise ValueError(f"expected 0 <= right <= n and n >= 1 for two writers or more, got {right} of {n}")
    low, high = resampling.ends(right, n, seed=seed)
    least, most = wilson(int(right.sum()), int(n.sum()))
    return min(low, least), max(high, most)
