"""How good predictions are: counts, shares and their intervals, from plain arrays of digits 0-9."""

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import BadInputError

DIGITS = range(10)
MNIST = "mnist"
HANDWRITING = "handwriting"  # all collections together
DECIMALS = 6  # what Git and `dvc metrics diff` show; one digit in 70,000 is 0.000014

Digits = NDArray[np.integer[Any]]
"""(N,) integers in 0..9."""

Counts = NDArray[np.int64]
"""(10, 10): how many digits with the row's label were read as the column's digit."""


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a proportion.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209-212;
    without continuity correction.

    Parameters
    ----------
    successes : 0..n
    n : at least 1
    confidence : in 0..1, both ends excluded

    Returns
    -------
    tuple of two floats
        Low and high end, 0 <= low <= successes / n <= high <= 1.

    Raises
    ------
    ValueError
        If ``n`` is below 1 or ``successes`` is not in 0..n.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"expected 0 <= successes <= n and n >= 1, got {successes} of {n}")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / n
    middle = share + z * z / (2 * n)
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)
    return max(0.0, min(low, share)), min(1.0, max(high, share))  # rounding alone can cross these at 0 and n


def confusion(labels: Digits, predictions: Digits) -> Counts:
    """Count each pair of label (row) and prediction (column)."""
    pairs = labels.astype(np.int64) * len(DIGITS) + predictions.astype(np.int64)
    return np.bincount(pairs, minlength=len(DIGITS) ** 2).reshape(len(DIGITS), len(DIGITS)).astype(np.int64)


def summary(counts: Counts, tracked: Sequence[int]) -> dict[str, Any]:
    """Return one source's metrics, shares rounded to 6 decimals.

    Parameters
    ----------
    counts : (10, 10), at least one digit
    tracked : the digits that ``tracked`` reports

    Returns
    -------
    dict
        ``n, errors, accuracy, ci95_low, ci95_high, by_digit.<d>.{n, recall, precision}`` and
        ``tracked.<d>.{recall, precision, top_confusion, top_confusion_n}``. A share that has no denominator is left
        out: recall of a digit with no rows, precision of a digit that was never predicted. ``top_confusion``, the
        digit that ``d`` was most often misread as (the smallest on a tie), is left out where nothing was misread.
    """
    n, right = int(counts.sum()), int(np.trace(counts))
    low, high = wilson(right, n)
    return {
        "n": n,
        "errors": n - right,
        "accuracy": round(right / n, DECIMALS),
        "ci95_low": round(low, DECIMALS),
        "ci95_high": round(high, DECIMALS),
        "by_digit": {str(d): {"n": int(counts[d].sum()), **_recall_and_precision(counts, d)} for d in DIGITS},
        "tracked": {str(d): {**_recall_and_precision(counts, d), **_top_confusion(counts, d)} for d in tracked},
    }


def groups(sources: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Return which of the N digits belong to ``mnist``, to each collection, and to ``handwriting``.

    Only groups with at least one digit are there: first ``mnist``, then the collections by name, then ``handwriting``.

    Returns
    -------
    dict of (N,) bool

    Raises
    ------
    BadInputError
        If a collection is called ``handwriting``, in small or large letters.
    """
    collections = sorted(set(sources) - {MNIST})
    for name in collections:
        if name.casefold() == HANDWRITING:  # casefold: the name becomes a file name, also where case is ignored
            raise BadInputError(
                f"raw/{name}: expected another name: `{HANDWRITING}` stands for all collections; rename the folder"
            )
    column = np.array(sources, dtype=object)
    found = {name: column == name for name in ([MNIST] if MNIST in sources else []) + collections}
    return {**found, HANDWRITING: column != MNIST} if collections else found


def distinct(sources: Iterable[str]) -> list[str]:
    """Return the sources in their order, without ``handwriting`` where it is one collection, which is there itself."""
    names = list(sources)
    alone = sum(name not in (MNIST, HANDWRITING) for name in names) == 1
    return [name for name in names if not (alone and name == HANDWRITING)]


def _recall_and_precision(counts: Counts, digit: int) -> dict[str, float]:
    right, given, predicted = counts[digit, digit], counts[digit].sum(), counts[:, digit].sum()
    recall = {"recall": round(float(right / given), DECIMALS)} if given else {}
    return {**recall, "precision": round(float(right / predicted), DECIMALS)} if predicted else recall


def _top_confusion(counts: Counts, digit: int) -> dict[str, int]:
    misread = counts[digit].copy()
    misread[digit] = 0
    top = int(misread.argmax())
    return {"top_confusion": top, "top_confusion_n": int(misread[top])} if misread[top] else {"top_confusion_n": 0}
