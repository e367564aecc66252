"""What stages write as metrics, as far as it is read again, checked."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, ValidationError

from pipeline.checked import Section
from pipeline.errors import BadInputError


class Read(Section):
    """What is read of a metrics file; whatever else it holds is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)


ReadT = TypeVar("ReadT", bound=Read)


def checked(kind: type[ReadT], content: Any, path: Path, *, wrapped: int = 0) -> ReadT:
    """Return what a metrics file holds, or raise BadInputError with the first key that is not as it should be.

    ``wrapped`` outer keys are not the file's own, and not named.
    """
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(map(str, problem["loc"][wrapped:])) or "the file"
        got = "none" if problem["type"] == "missing" else f"{problem['input']!r:.80}"
        raise BadInputError(
            f"{path}: `{key}`: expected what this version's `dvc repro` writes, got {got} ({problem['msg']}); run it"
        ) from error


class Errors(Read):
    """How many of ``n`` digits were read wrong."""

    n: int
    errors: int


class OutOfFold(Read):
    """metrics/out_of_fold.json."""

    sources: dict[str, Errors]


class Recipe(Read):
    """How the networks were trained: beside these, whatever else decides it."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True, allow_inf_nan=False)

    name: str
    epochs: int


class Train(Read):
    """metrics/train.json."""

    architecture: str
    parameters: int
    seed: int
    recipe: Recipe
    out_of_fold: Errors
    fold: dict[str, Any]


class FoldTiming(Read):
    """What one fold cost."""

    processor_seconds: float


class Timing(Read):
    """metrics/timing.json."""

    seconds: float
    digits_per_second: float | None = None  # absent where folds were trained earlier
    folds_trained_now: int
    digits_seen: int
    processor_seconds: float
    precision: str
    device: str
    workers: int
    fold: dict[str, FoldTiming]


class Scores(Read):
    """One test source of metrics/evaluate.json."""

    n: int
    errors: int
    accuracy: float
    ci95_low: float
    ci95_high: float


class Evaluation(Read):
    """metrics/evaluate.json."""

    source: dict[str, Scores]


class Counts(Read):
    """Digits of one source in metrics/merge.json."""

    train: int


class Merge(Read):
    """metrics/merge.json."""

    digits: dict[str, Counts]


class Collection(Read):
    """One collection of metrics/sheets.json."""

    simulated: bool = False


class Sheets(Read):
    """metrics/sheets.json."""

    collections: dict[str, Collection]
