"""A row's readings are aligned with its labels: which label belongs to which place, if not its own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import CLASSES

UNKNOWN = -1  # the label of a place whose digit was not read
SLIP = 0.01  # of written digits are others than they should be; MNIST's published label errors are 0.15% of its test
MISTAKEN = 0.01  # of readings say nothing; misread are 0.3% of MNIST's digits by our network, 1% by LeNet-5
GAP = float(np.log(0.001))  # a row skips a label, or a place, once in so many; every shift has one of each
SURE = float(np.log(20))  # odds, the rarity of shifts included, from which a shift is told


@dataclass(frozen=True)
class Aligned:
    """How a row of W places and its W labels belong together.

    Attributes
    ----------
    partners : (W,) int64
        The place whose label belongs to each place's digit; UNKNOWN where none does.
    evidence : float
        Natural logarithm of the odds of this against every label standing at its own place; 0 where all do.
    """

    partners: NDArray[np.int64]
    evidence: float

    @property
    def shifted(self) -> bool:
        """Whether some label belongs to another place than its own."""
        return self.evidence > 0


def align(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> Aligned:
    """Return the likeliest way in which a row's digits are its labels, in order.

    Each place holds the digit of a label, now and then by a slip another digit than that; labels are left out and
    places hold digits too many. The best of all ways is found by dynamic programming over both (Needleman and Wunsch,
    J. Mol. Biol. 48 (1970) 443-453), with the logarithms of likelihood ratios as its scores. Labels that are all
    alike look alike wherever they stand, and are never told to be shifted.

    Parameters
    ----------
    probabilities : (W, 10) float64
        For each place the probabilities of the ten digits; NaN where no digit was read.
    labels : (W,) int64
        0..9, or UNKNOWN where no digit was read.
    """
    pair = pairing(probabilities, labels)
    own = float(np.trace(pair))
    stay = Aligned(np.arange(len(labels)), 0.0)
    if not len(labels) or float(pair.max(axis=1).sum()) - own + 2 * GAP <= SURE:  # even the best shift is too rare
        return stay
    best = _best(pair)
    evidence = float(best[-1, -1]) - own
    return Aligned(_walked(best, pair), evidence) if evidence > SURE else stay


def pairing(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (W, W): how much likelier place i's image is with label j than with any digit, as natural logarithm.

    With the right label, at most log(10): 2.3. 0 where image or label are not known.
    """
    believed = (1 - MISTAKEN) * probabilities + MISTAKEN / CLASSES
    right = believed[:, np.maximum(labels, 0)]
    likely = (1 - SLIP) * right + SLIP * (1 - right) / (CLASSES - 1)
    told = np.isfinite(likely) & (labels != UNKNOWN)
    return np.asarray(np.log(np.where(told, CLASSES * likely, 1.0)))


def _best(pair: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (W + 1, W + 1): the score of the best way through the first i places and the first j labels."""
    width = len(pair)
    best = np.zeros((width + 1, width + 1))
    best[0] = best[:, 0] = GAP * np.arange(width + 1)
    for i in range(width):
        for j in range(width):
            best[i + 1, j + 1] = max(best[i, j] + pair[i, j], best[i, j + 1] + GAP, best[i + 1, j] + GAP)
    return best


def _walked(best: NDArray[np.float64], pair: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return each place's partner on the best way; of equal ways the one that pairs first, from the end."""
    i = j = len(pair)
    partners = np.full(len(pair), UNKNOWN, dtype=np.int64)
    while i and j:
        if best[i, j] == best[i - 1, j - 1] + pair[i - 1, j - 1]:
            i, j = i - 1, j - 1
            partners[i] = j
        elif best[i, j] == best[i - 1, j] + GAP:
            i -= 1
        else:
            j -= 1
    return partners
