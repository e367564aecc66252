"""Two readings of the same digits, compared pair by pair: gain, its interval, its p, and how many digits would tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from pipeline import resampling

CONFIDENCE = 0.95
POWER = 0.8  # of the digits that are said to be needed: Connor's own example, and the usual choice

Right = NDArray[np.bool_]
"""(N,) whether each digit was read right."""


@dataclass(frozen=True)
class Pairs:
    """How many of ``n`` digits were read right only after (``fixed``) and only before (``broken``)."""

    n: int
    fixed: int
    broken: int

    @classmethod
    def of(cls, before: Right, after: Right) -> "Pairs":
        """Count the pairs."""
        return cls(len(before), int(np.sum(after & ~before)), int(np.sum(before & ~after)))

    @property
    def gain(self) -> float:
        """Accuracy after less accuracy before, -1..1."""
        return (self.fixed - self.broken) / self.n

    @property
    def differing(self) -> int:
        """How many digits only one of the two read right."""
        return self.fixed + self.broken


def interval(pairs: Pairs) -> tuple[float, float]:
    """Return the 95% score interval of the gain.

    T. Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
    Statistics in Medicine 17 (1998) 891-908; recommended by M. W. Fagerland, S. Lydersen and P. Laake, "Recommended
    tests and confidence intervals for paired binomial proportions", Statistics in Medicine 33 (2014) 2850-2875.

    Returns
    -------
    tuple of two floats
        Low and high end, -1 <= low <= gain <= high <= 1.
    """
    return -_upper(pairs.n, pairs.broken, pairs.fixed), _upper(pairs.n, pairs.fixed, pairs.broken)


def _upper(n: int, fixed: int, broken: int) -> float:
    """Return the gain above the observed one at which Tango's statistic is -1.96."""
    from scipy.optimize import brentq

    gain, z = (fixed - broken) / n, NormalDist().inv_cdf((1 + CONFIDENCE) / 2)

    def excess(delta: float) -> float:
        linear = (2 * n - fixed + broken) * delta - fixed - broken
        constant = -broken * delta * (1 - delta)
        share = (math.sqrt(max(0.0, linear * linear - 8 * n * constant)) - linear) / (4 * n)  # broken, most likely
        variance = n * (2 * share + delta * (1 - delta))
        return fixed - broken - n * delta + z * math.sqrt(max(0.0, variance))

    beside = gain + 1e-9  # at the gain itself the variance may be 0, a root that is none; the next is over 1 / n away
    return 1.0 if fixed - broken == n else float(brentq(excess, beside, 1.0, xtol=1e-12))


def mcnemar(pairs: Pairs) -> float:
    """Return the exact two-sided p of no gain: of the differing digits, each was as likely fixed as broken.

    Q. McNemar, Psychometrika 12 (1947) 153-157, with binomial probabilities.
    """
    from scipy.stats import binomtest

    return float(binomtest(pairs.fixed, pairs.differing).pvalue) if pairs.differing else 1.0


def digits_needed(pairs: Pairs) -> int | None:
    """Return of how many digits in all McNemar's test would tell the observed gain at 5%, with 80% power.

    R. J. Connor, "Sample size for testing differences in proportions for the paired-sample design", Biometrics 43
    (1987) 207-211, with the observed shares of fixed and broken digits taken for the true ones. His formula is of the
    asymptotic test: for few digits it may give fewer than the exact test needs (:func:`least_to_tell`), and then the
    larger number is returned.

    Returns
    -------
    int or None
        None where the observed gain is zero: no number of digits tells that.
    """
    if pairs.fixed == pairs.broken:
        return None
    differing, gain = pairs.differing / pairs.n, pairs.gain
    alpha, beta = NormalDist().inv_cdf((1 + CONFIDENCE) / 2), NormalDist().inv_cdf(POWER)
    connor = math.ceil((alpha * math.sqrt(differing) + beta * math.sqrt(differing - gain * gain)) ** 2 / gain**2)
    return max(connor, -(-least_to_tell() * pairs.n // pairs.differing))


@dataclass(frozen=True)
class ByWriter:
    """One entry a writer, W in all.

    Attributes
    ----------
    n : (W,) int64
        Digits, at least one each.
    fixed, broken : (W,) int64
        Digits that were read right only after, and only before.
    """

    n: NDArray[np.int64]
    fixed: NDArray[np.int64]
    broken: NDArray[np.int64]

    @classmethod
    def of(cls, before: Right, after: Right, writers: Sequence[str | None]) -> "ByWriter":
        """Count, over the digits whose writer is known."""
        known = np.array([writer is not None for writer in writers], dtype=bool)
        names, places = np.unique(np.array([w for w in writers if w is not None], dtype=str), return_inverse=True)
        counted = (np.ones(len(known), dtype=bool), after & ~before, before & ~after)
        n, fixed, broken = (np.bincount(places[these[known]], minlength=len(names)) for these in counted)
        return cls(n.astype(np.int64), fixed.astype(np.int64), broken.astype(np.int64))

    @property
    def net(self) -> NDArray[np.int64]:
        """(W,) digits fixed less digits broken."""
        return self.fixed - self.broken

    @property
    def pairs(self) -> Pairs:
        """The digits of all these writers."""
        return Pairs(int(self.n.sum()), int(self.fixed.sum()), int(self.broken.sum()))


def writers_interval(by_writer: ByWriter, seed: int = 0) -> tuple[float, float]:
    """Return the 95% interval of the gain when writers, not digits, are what was chosen by chance.

    Whole writers are drawn anew: see :func:`pipeline.resampling.ends`. The interval is never narrower than Tango's for
    as many independent digits: where no digit differs every draw gives the same, which does not make it certain. With
    few writers it is itself rough; ``writers_p`` is exact.

    Parameters
    ----------
    by_writer : ByWriter
        At least two writers.
    seed : int
        The same seed gives the same interval.
    """
    low, high = resampling.ends(by_writer.net, by_writer.n, seed=seed)
    least, most = interval(by_writer.pairs)
    return min(low, least), max(high, most)


def writers_p(by_writer: ByWriter) -> float:
    """Return the exact two-sided p of no gain for writers in general: each writer's net was as likely its opposite.

    The sign-flip test of R. A. Fisher, "The Design of Experiments" (1935), section 21, on the total over all writers;
    McNemar's exact test where every writer wrote one digit. Writers whose net is 0 tell nothing.
    """
    nets = np.abs(by_writer.net[by_writer.net != 0])
    reach = int(nets.sum())
    chances = np.zeros(2 * reach + 1)  # of each total, from -reach to reach
    chances[reach] = 1.0
    for net in nets:
        chances = (np.roll(chances, net) + np.roll(chances, -net)) / 2  # nothing is rolled over the ends
    total = abs(int(by_writer.net.sum()))
    return min(1.0, float(chances[np.abs(np.arange(-reach, reach + 1)) >= total].sum()))


def least_to_tell() -> int:
    """Return how many digits (or writers) must differ, all one way, before an exact test can give p below 0.05: 6."""
    return math.ceil(1 + math.log2(1 / (1 - CONFIDENCE)))
