"""What a sweep's rows came to, their order, and how much each of its factors matters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.csv_text import csv_text
from pipeline.params import SweptValue

CHANCE = 0.1  # the accuracy of a network that says the same digit of everything, as one of NaNs does
PLACES = 6  # of the table, as in metrics/curves.csv
COUNTS = ("folds", "digits_trained", "digits_validated", "epochs")


@dataclass(frozen=True)
class Outcome:
    """What one row came to: means over its folds."""

    number: int  # from 1
    values: Mapping[str, SweptValue]  # by factor, such as train.batch_size
    accuracy: float | None  # of digits held back from training, 0..1; None: a loss was not finite
    loss: float | None
    folds: int
    digits_trained: float  # a fold
    digits_validated: int  # of all folds
    epochs: float  # a fold
    processor_seconds: float  # of all folds, when they were trained

    @property
    def worth(self) -> float:
        """The accuracy; where the row diverged, :data:`CHANCE`."""
        return CHANCE if self.accuracy is None else self.accuracy


def ranked(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the best first: by accuracy, then loss, then number; diverged rows are last."""

    def place(outcome: Outcome) -> tuple[bool, float, float, int]:
        return outcome.accuracy is None, -outcome.worth, outcome.loss or 0.0, outcome.number

    return sorted(outcomes, key=place)


def by_value(outcomes: Sequence[Outcome], factor: str) -> dict[SweptValue, list[Outcome]]:
    """Return the rows with each of a factor's values, in the order of the grid."""
    groups: dict[SweptValue, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.values[factor], []).append(outcome)
    return groups


def mean_worth(outcomes: Sequence[Outcome]) -> float:
    """Return the rows' mean accuracy, 0..1, diverged ones at :data:`CHANCE`."""
    return sum(outcome.worth for outcome in outcomes) / len(outcomes)


def strongest_first(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the factors, first the one whose values' mean accuracies lie furthest apart."""

    def apart(factor: str) -> float:
        means = [mean_worth(group) for group in by_value(outcomes, factor).values()]
        return max(means) - min(means)

    return sorted(outcomes[0].values, key=lambda factor: -apart(factor))


def as_csv(outcomes: Sequence[Outcome]) -> str:
    """Return what metrics/sweep.csv holds: a line a row in the order of the grid, and no times."""
    header = ("row", *outcomes[0].values, "status", "validation_accuracy", "validation_loss", *COUNTS)
    return csv_text(header, ((one.number, *one.values.values(), *_cells(one)) for one in outcomes))


def _cells(outcome: Outcome) -> list[str]:
    if outcome.accuracy is None or outcome.loss is None:
        return ["diverged", "", "", str(outcome.folds), *[""] * (len(COUNTS) - 1)]
    counts = (outcome.folds, outcome.digits_trained, outcome.digits_validated, outcome.epochs)
    numbers = [f"{number:.1f}".removesuffix(".0") for number in counts]
    return ["trained", f"{outcome.accuracy:.{PLACES}f}", f"{outcome.loss:.{PLACES}f}", *numbers]
