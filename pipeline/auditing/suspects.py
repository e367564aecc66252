"""How far a digit's label can be believed, by cleanlab's statistics on probabilities of networks that never saw it."""

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint8]
"""(N,) in 0..9."""

Probabilities = NDArray[np.float64]
"""(N, 10): for each digit image, the probability of each digit."""


def scores(labels: Labels, probabilities: Probabilities) -> NDArray[np.float64]:
    """Return each label's score, 0 (wrong) to 1 (right): cleanlab's self-confidence, the probability of the label.

    C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70
    (2021) 1373-1411. It depends on the digit's own probabilities alone, so that the scores of train and test digits,
    of large and small sources, can stand in one ranking.

    Parameters
    ----------
    labels : (N,) uint8
    probabilities : (N, 10) float64

    Returns
    -------
    (N,) float64
    """
    if not len(labels):
        return np.zeros(0)
    from cleanlab.rank import get_label_quality_scores

    given = labels.astype(np.int64)
    return np.asarray(get_label_quality_scores(given, probabilities, method="self_confidence"), dtype=np.float64)


def ranking(scored: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the places of (N,) scores from the least to the greatest; equal scores keep their order."""
    return np.argsort(scored, kind="stable")


def clearly_others(labels: Labels, probabilities: Probabilities) -> NDArray[np.bool_]:
    """Return which digits are clearly others than their labels, by confident learning.

    A digit is clearly a 7 when its probability of a 7 is at least what digits with the label 7 have on average: what
    is clear is measured on the network itself, however sure of itself it is (Northcutt et al., 2021, the off-diagonal
    of the confident joint). One call a set of networks: the sureness of one says nothing about another's.

    Parameters
    ----------
    labels : (N,) uint8
    probabilities : (N, 10) float64

    Returns
    -------
    (N,) bool
    """
    misread = np.asarray(probabilities.argmax(axis=1) != labels)
    present = np.unique(labels)
    if not misread.any() or len(present) < 2:  # cleanlab wants two classes; with one there is no other to compare with
        return np.zeros(len(labels), dtype=bool)
    from cleanlab.filter import find_label_issues

    # n_jobs=1: more would start processes, for milliseconds of work.
    found = find_label_issues(labels.astype(np.int64), probabilities, filter_by="confident_learning", n_jobs=1)
    return np.asarray(misread & found & np.isin(probabilities.argmax(axis=1), present), dtype=np.bool_)
