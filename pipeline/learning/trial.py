"""Rows of a sweep, side by side: each fold is trained once and leaves a score, also where its loss was not finite."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline import store
from pipeline.learning.in_training import NotFiniteError
from pipeline.learning.kept import KeptTask, known_fold, train_and_keep
from pipeline.learning.placement import Placement
from pipeline.learning.trained import TrainedFold
from pipeline.parallel import each


@dataclass(frozen=True)
class Score:
    """What a fold came to; accuracy and loss are NaN, and all counts 0, where it diverged."""

    accuracy: float  # of the digits that the fold validates, 0..1
    loss: float
    digits_trained: int
    digits_validated: int
    epochs: int
    processor_seconds: float

    @classmethod
    def of(cls, fold: TrainedFold) -> "Score":
        """Return what a fold came to after its last epoch."""
        return cls(
            fold.epochs[-1].validation_accuracy,
            fold.epochs[-1].validation_loss,
            fold.digits_trained,
            len(fold.probabilities),
            len(fold.epochs),
            fold.processor_seconds,
        )


DIVERGED = Score(math.nan, math.nan, 0, 0, 0, 0.0)


def known_score(key: str) -> Score | None:
    """Return what an earlier run made of a fold, or None."""
    place = store.store()
    if place is None:
        return None
    if _diverged(key) in place:
        return DIVERGED
    fold = known_fold(key)
    return None if fold is None else Score.of(fold)


def scores(together: Sequence[Sequence[KeptTask]], place: Placement, workers: int) -> Iterator[list[Score]]:
    """Yield the scores of folds that take the same steps, in the order of the tasks, as they are ready.

    Raises
    ------
    BadInputError
        If the device's memory is too small.
    """
    workers = place.at_once(len(together), workers)
    yield from each(_scores, together, workers=workers, title="trainings", gpu=place.device != "cpu")


def _scores(together: Sequence[KeptTask]) -> list[Score]:
    try:
        return [Score.of(fold) for fold in train_and_keep(together, _unseen)]
    except NotFiniteError:
        if (place := store.store()) is not None:
            for kept in together:
                place.put(_diverged(kept.key), b"its loss was not finite, or that of a fold beside it")
        return [DIVERGED for _ in together]


def _diverged(key: str) -> str:
    """Return what is kept for a fold that diverged: beside its key, where a training would take it for damaged."""
    return f"{key} diverged"


def _unseen(advance: int = 1, note: str = "") -> None:
    """Show nothing: the bar counts whole trainings, of one network or of those that take the same steps."""
