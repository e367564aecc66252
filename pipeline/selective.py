"""Reading only what is certain: from which confidence on nearly every digit is read right, and how many those are."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.scores import DECIMALS

TARGET = 0.999  # of the digits read at least so many right: one wrong in a thousand
STEPS = 10**8  # a threshold has 8 decimals: float32 numbers just below 1 are 6e-8 apart


def threshold(confidence: NDArray[np.floating], right: NDArray[np.bool_], target: float = TARGET) -> float | None:
    """Return the lowest confidence from which on the share read right is, by its Wilson interval, above the target.

    The rule: the low end of the 95% interval, and not the share itself, must reach the target. Chosen by the share,
    a threshold just about holds where it was chosen and fails elsewhere every other time: with the out-of-fold rows of
    full MNIST and `digitnet` divided by writers into two halves, 200 times, the other half fell short of 99.9% in 103
    of them; by this rule in 17, with 97.9% of the digits read in place of 98.7%. No threshold passes with fewer than
    3,838 digits, all right. The idea is that of Y. Geifman and R. El-Yaniv, "Selective Classification for Deep Neural
    Networks", NeurIPS 2017, with Wilson's interval for their bound and without their correction for trying many
    thresholds.

    The low end is above the target where ``share - target >= z sqrt(target (1 - target) / n)``: Wilson's interval
    holds all proportions that this test does not reject.

    Parameters
    ----------
    confidence : (N,) floating
        Probability of the prediction, 0..1, of out-of-fold rows.
    right : (N,) bool
    target : float
        In 0..1, both ends excluded.

    Returns
    -------
    float or None
        With 8 decimals, so that a metrics file holds what was applied; None where no threshold passes.
    """
    order = np.argsort(confidence, kind="stable")
    ascending = confidence[order].astype(np.float64)
    tried = np.unique(np.floor(ascending * STEPS) / STEPS)
    first = np.searchsorted(ascending, tried)
    n = len(ascending) - first
    right_from = np.append(np.cumsum(right[order][::-1])[::-1], 0)
    kept = n > 0
    share = right_from[first][kept] / n[kept]
    z = NormalDist().inv_cdf(0.975)
    passed = share - target >= z * math.sqrt(target * (1 - target)) / np.sqrt(n[kept])
    return float(tried[kept][passed.argmax()]) if passed.any() else None


def read_from(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], lowest: float | None, target: float = TARGET
) -> dict[str, Any]:
    """Return how many digits have at least the confidence ``lowest`` and how many of these are wrong.

    Returns
    -------
    dict
        ``target, threshold, read, n, errors, accuracy``: ``read`` is the share of the N digits, ``n`` their number.
        ``threshold`` is left out where there is none, and nothing is read then; ``accuracy`` where nothing is read.
    """
    chosen = np.zeros(len(right), dtype=bool) if lowest is None else confidence.astype(np.float64) >= lowest
    n, good = int(chosen.sum()), int(right[chosen].sum())
    return {
        "target": target,
        **({} if lowest is None else {"threshold": lowest}),
        "read": round(n / len(right), DECIMALS),
        "n": n,
        "errors": n - good,
        **({"accuracy": round(good / n, DECIMALS)} if n else {}),
    }
