"""Recorded results by run: seeds together, beside what the report reached."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import get_args

from pipeline import params, published
from pipeline.errors import BadInputError
from pipeline.results import Result
from pipeline.scores import HANDWRITING, MNIST

ORDER = get_args(params.Architecture)
COMPARED = ("report", "ours")  # recipes whose result stands beside the report's figure
BACKWARD = 3  # a training step costs about three readings: one forward, two for the gradients of outputs and weights


@dataclass(frozen=True)
class Score:
    """What a run reached on one test source: the mean over its seeds."""

    results: tuple[Result, ...]  # at least one, a seed each

    @property
    def first(self) -> Result:
        """The run's first seed; all seeds have its name, network, recipe and source."""
        return self.results[0]

    @cached_property
    def accuracy(self) -> float:
        """Mean accuracy, 0..1."""
        return fmean(result.accuracy for result in self.results)

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Mean ends of the seeds' 95% intervals: all read the same digits, so more seeds don't make it narrower."""
        return fmean(r.ci95_low for r in self.results), fmean(r.ci95_high for r in self.results)

    @cached_property
    def processor_seconds(self) -> float:
        """Mean processor time of a training."""
        return fmean(result.processor_seconds for result in self.results)

    @cached_property
    def seconds(self) -> float | None:
        """Mean wall time of a training, over the seeds of which it is known."""
        known = [result.seconds for result in self.results if result.seconds is not None]
        return fmean(known) if known else None

    @cached_property
    def training_multiply_adds(self) -> float:
        """Mean multiply-adds of a training, about."""
        return fmean(BACKWARD * result.multiply_adds * result.digits_seen for result in self.results)

    @property
    def published(self) -> float | None:
        """The report's accuracy on such digits; None where there is none to compare with."""
        one = self.first
        if one.recipe not in COMPARED or one.simulated:
            return None
        return published.figure(one.architecture, one.source, one.n, one.trained_on)


def scores_of(results: Iterable[Result]) -> list[Score]:
    """Put seeds together. In the order of `params.yaml`'s architectures, then names, then sources."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in sorted(results, key=lambda r: (ORDER.index(r.architecture), r.name, r.key)):
        groups.setdefault((result.name, result.source), []).append(result)
    ordered = [Score(tuple(group)) for group in groups.values()]
    return sorted(ordered, key=lambda s: (ORDER.index(s.first.architecture), s.first.name, s.first.key[2]))


def distinct(scores: Sequence[Score]) -> list[Score]:
    """Leave out ``handwriting`` where it is one collection, which has a score of its own."""
    collections = {(s.first.name, s.first.n) for s in scores if s.first.source not in (MNIST, HANDWRITING)}
    return [s for s in scores if s.first.source != HANDWRITING or (s.first.name, s.first.n) not in collections]


def best(scores: Iterable[Score], architecture: str, source: str, *, mnist_alone: bool | None = None) -> Score | None:
    """Return an architecture's most accurate run on a source's real digits; of MNIST, on the official test set.

    ``mnist_alone``: whether MNIST alone was trained on; None: either.
    """
    chosen = [
        s
        for s in scores
        if s.first.architecture == architecture
        and s.first.source == source
        and not s.first.simulated
        and mnist_alone in (None, s.first.trained_on == MNIST)
        and (source != MNIST or s.first.n == published.OFFICIAL_MNIST_TEST)
    ]
    return max(chosen, key=lambda s: s.accuracy, default=None)


def named(wanted: Sequence[str], known: Iterable[str], what: str) -> None:
    """Raise BadInputError on the first wanted name that is not known, with the nearest that is."""
    valid = sorted(set(known))
    for name in wanted:
        if name not in valid:
            near = difflib.get_close_matches(name, valid, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"valid: {', '.join(valid) or 'none'}"
            raise BadInputError(f"expected {what}, got `{name}`; {hint}")
