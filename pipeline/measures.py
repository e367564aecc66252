"""All that metrics say about read digits: errors, writers, calibration, and what can be read surely, by source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import calibration, intervals, scores, selective
from pipeline.prediction_columns import probabilities_of
from pipeline.scores import DECIMALS

SEED = 0  # of the draws of writers


@dataclass(frozen=True)
class Answers:
    """N digits and how they were read.

    Attributes
    ----------
    sources, writers : N texts, a writer None where unknown
    labels : (N,) integers in 0..9
    probabilities : (N, 10) float32
    """

    sources: tuple[str, ...]
    writers: tuple[str | None, ...]
    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]

    @classmethod
    def of(cls, table: pa.Table) -> "Answers":
        """Take them from a table with ``source, writer, label`` and ``p0`` to ``p9``."""
        return cls(
            tuple(table.column("source").to_pylist()),
            tuple(table.column("writer").to_pylist()),
            table.column("label").to_numpy(),
            probabilities_of(table),
        )

    @cached_property
    def groups(self) -> dict[str, "Answers"]:
        """The parts by source, and ``handwriting``, as :func:`pipeline.scores.groups` names them."""
        return {name: self.where(chosen) for name, chosen in scores.groups(self.sources).items()}

    def where(self, chosen: NDArray[np.bool_]) -> "Answers":
        """Return those of the N digits that are chosen."""
        places = np.flatnonzero(chosen)
        sources = tuple(self.sources[place] for place in places)
        names = tuple(self.writers[place] for place in places)
        return Answers(sources, names, self.labels[chosen], self.probabilities[chosen])

    @cached_property
    def predictions(self) -> NDArray[np.uint8]:
        """(N,): the most probable digit, the smallest on a tie."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.uint8)

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """(N,): whether the prediction is the label."""
        return np.asarray(self.predictions == self.labels)

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """(N,): the prediction's probability."""
        return np.asarray(self.probabilities.max(axis=1))

    def bins(self, temperature: float = 1.0) -> list[calibration.Bin]:
        """Return the bins of the reliability diagram, after a temperature where one is given."""
        sure = self.confidence if temperature == 1 else calibration.scaled(self.probabilities, temperature).max(axis=1)
        return calibration.bins(sure, self.right)


@dataclass(frozen=True)
class Settled:
    """What out-of-fold rows settle and test rows are only measured with."""

    temperature: float
    threshold: float | None  # None: too few digits, or too many errors, for any

    @classmethod
    def on(cls, out_of_fold: Answers) -> "Settled":
        """Settle both on out-of-fold rows of all sources together."""
        temperature = calibration.fitted_temperature(out_of_fold.probabilities, out_of_fold.labels)
        return cls(temperature, selective.threshold(out_of_fold.confidence, out_of_fold.right))


def by_source(answers: Answers, tracked: Sequence[int], settled: Settled) -> dict[str, dict[str, Any]]:
    """Return :func:`measured` for ``mnist``, each collection and ``handwriting``, those that are there."""
    return {name: measured(group, tracked, settled) for name, group in answers.groups.items()}


def measured(answers: Answers, tracked: Sequence[int], settled: Settled) -> dict[str, Any]:
    """Return one source's metrics.

    Returns
    -------
    dict
        What :func:`pipeline.scores.summary` has, then ``worst_digit``, ``writers`` (left out below two known ones),
        ``calibration`` (before and after the temperature) and ``selective``. Shares have 6 decimals.
    """
    found = scores.summary(scores.confusion(answers.labels, answers.predictions), tracked)
    return {
        **found,
        "worst_digit": worst_digit(found["by_digit"]),
        **writers(answers.right, answers.writers),
        "calibration": _calibration(answers, settled.temperature),
        "selective": selective.read_from(answers.confidence, answers.right, settled.threshold),
    }


def worst_digit(by_digit: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the digit with the lowest recall, the smallest on a tie, and its recall."""
    recall = {int(digit): entry["recall"] for digit, entry in by_digit.items() if "recall" in entry}
    digit = min(recall, key=lambda digit: (recall[digit], digit))
    return {"digit": digit, "recall": recall[digit]}


def writers(right: NDArray[np.bool_], names: Sequence[str | None]) -> dict[str, Any]:
    """Return ``writers``: their number, the accuracy's interval by resampling them, and the worst of them.

    Digits of unknown writers take no part; where there are some, ``unknown`` says how many. The worst writer has the
    lowest accuracy, on a tie the most digits, then the first name.

    Parameters
    ----------
    right : (N,) bool
    names : N texts or None

    Returns
    -------
    dict
        Empty where fewer than two writers are known.
    """
    known = np.array([name is not None for name in names])
    found, place = np.unique(np.array([name for name in names if name is not None], dtype=str), return_inverse=True)
    if len(found) < 2:
        return {}
    n = np.bincount(place)
    good = np.bincount(place[right[known]], minlength=len(found))
    low, high = intervals.by_writers(good, n, seed=SEED)
    worst = min(range(len(found)), key=lambda writer: (good[writer] / n[writer], -n[writer], found[writer]))
    entry: dict[str, Any] = {
        "n": len(found),
        "ci95_low": round(low, DECIMALS),
        "ci95_high": round(high, DECIMALS),
        "worst": {
            "writer": str(found[worst]),
            "n": int(n[worst]),
            "errors": int(n[worst] - good[worst]),
            "accuracy": round(float(good[worst] / n[worst]), DECIMALS),
        },
    }
    return {"writers": entry if known.all() else {**entry, "unknown": int((~known).sum())}}


def _calibration(answers: Answers, temperature: float) -> dict[str, float]:
    found = {
        "ece": calibration.calibration_error(answers.bins()),
        "ece_scaled": calibration.calibration_error(answers.bins(temperature)),
        "nll": calibration.log_loss(answers.probabilities, answers.labels),
        "nll_scaled": calibration.scaled_log_loss(answers.probabilities, answers.labels, temperature),
    }
    return {name: round(value, DECIMALS) for name, value in found.items()}
