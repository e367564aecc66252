"""A finished run becomes rows of results, added to those that are kept."""

from dataclasses import asdict, dataclass
from datetime import date as Date  # noqa: N812  # a field of Result is called date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline import results
from pipeline.errors import BadInputError
from pipeline.finished import Finished
from pipeline.results import Epoch, Result, RowT
from pipeline.scores import HANDWRITING, MNIST

FIXED = ("architecture", "recipe", "trained_on", "normalize", "folds_run", "epochs", "precision")  # of a name's seeds


@dataclass(frozen=True)
class Origin:
    """What no file of a run says of it."""

    name: str
    command: str
    processor: str
    cores: int
    date: Date
    commit: str


def results_of(run: Finished, origin: Origin) -> list[Result]:
    """Return a row a test source. Raises BadInputError if a value is not possible, the name for instance."""
    from pipeline.learning.anatomy import anatomy

    common: dict[str, Any] = {
        **vars(origin),
        "architecture": run.train.architecture,
        "recipe": run.train.recipe.name,
        "trained_on": "+".join(sorted(run.trained_on, key=lambda name: (name != MNIST, name))),
        "normalize": run.params.sheets.normalize,
        "seed": run.params.train.seed,
        "folds_run": len(run.train.fold),
        "epochs": run.train.recipe.epochs,
        "parameters": run.train.parameters,
        "multiply_adds": anatomy(run.train.architecture, run.params.model.activation).multiply_adds,
        **run.timing.model_dump(exclude={"fold", "folds_trained_now"}),
    }
    if run.timing.folds_trained_now < len(run.train.fold):  # what is left of the wall time says nothing of the training
        common |= {"seconds": None, "digits_per_second": None}
    drawn = run.simulated | {HANDWRITING} if run.simulated & set(run.scores) else frozenset()
    return [
        _row(Result, common | scores.model_dump() | {"source": source, "simulated": source in drawn})
        for source, scores in run.scores.items()
    ]


def epochs_of(run: Finished, name: str) -> list[Epoch]:
    """Return a row a fold and epoch. A fold's processor time is shared out evenly over its epochs."""
    last = {point.fold: point.epoch for point in run.curves}
    rows = []
    for point in run.curves:
        spent = run.timing.fold[str(point.fold)].processor_seconds * point.epoch / last[point.fold]
        common = {"name": name, "seed": run.params.train.seed, "processor_seconds": round(spent, 2)}
        rows.append(_row(Epoch, common | asdict(point)))
    return rows


def _row(kind: type[RowT], values: dict[str, Any]) -> RowT:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        if problem["loc"] == ("name",):
            raise BadInputError(
                f"NAME: expected letters, digits and . _ + -, the first a letter or digit, got {problem['input']!r}"
            ) from error
        column, got = (f" `{problem['loc'][0]}`", f", got {problem['input']!r}") if problem["loc"] else ("", "")
        raise BadInputError(
            f"a result{column}: {problem['msg']}{got}; run `dvc repro` anew, or mend --command"
        ) from error


def added(known: list[Result], new: list[Result], *, replace: bool, origin: Path) -> list[Result]:
    """Return the results with the new run's rows, which take the place of those of the same name and seed.

    Parameters
    ----------
    known : list of Result
    new : list of Result
        Of one run, at least one.
    replace : bool
        Whether there may be rows of the same name and seed.
    origin : Path
        The file, for messages.

    Raises
    ------
    BadInputError
        If there are such rows and may not be, or the name stands for another kind of run or other test digits.
    """
    first = new[0]
    others = [row for row in known if (row.name, row.seed) != (first.name, first.seed)]
    if len(others) < len(known) and not replace:
        raise BadInputError(
            f"{origin}: expected a new run, got `{first.name}` with seed {first.seed}, which is there; "
            "choose another name, or --replace it"
        )
    for seed in dict.fromkeys(row.seed for row in others if row.name == first.name):
        _demand_one_kind([row for row in others if (row.name, row.seed) == (first.name, seed)], new, origin)
    return [*others, *new]


def _demand_one_kind(known: list[Result], new: list[Result], origin: Path) -> None:
    """Raise BadInputError where two seeds of one name differ in more: their mean would be of nothing."""
    for row in known:
        for what in FIXED:
            _demand_equal(what, getattr(row, what), getattr(new[0], what), row, origin)
    _demand_equal("test digits", _tested(known), _tested(new), known[0], origin)


def _demand_equal(what: str, was: str | int, got: str | int, of: Result, origin: Path) -> None:
    if was != got:
        raise BadInputError(
            f"{origin}: `{of.name}`: expected {what} {was} as with seed {of.seed}, got {got}; "
            "one name is for runs that differ in their seed alone: choose another"
        )


def _tested(rows: list[Result]) -> str:
    """Return how many test digits each source has: ``10,000 of mnist, 498 of ptddigits``."""
    return ", ".join(f"{row.n:,} of {row.source}" for row in sorted(rows, key=lambda row: row.key))


def keep(run: Finished, origin: Origin, place: Path, *, replace: bool) -> list[Result]:
    """Add a run to the results at ``place`` and to the curves beside them, and return its results.

    The results are written last: a run that was killed in between can be added again.

    Raises
    ------
    BadInputError
        As :func:`added` and :func:`results_of` do, or if a file at ``place`` is not valid.
    """
    new = results_of(run, origin)
    if not new:
        raise BadInputError("expected scores of at least one test source, got none; run `dvc repro`")
    together = added(results.read(place, Result), new, replace=replace, origin=place)
    beside = curves_beside(place)
    key = (new[0].name, new[0].seed)
    others = [row for row in results.read(beside, Epoch) if (row.name, row.seed) != key]
    results.write(beside, [*others, *epochs_of(run, origin.name)], Epoch)
    results.write(place, together, Result)
    return new


def curves_beside(place: Path) -> Path:
    """Return where the curves of the results at ``place`` are: ``results-curves.csv`` beside ``results.csv``."""
    return place.with_name(f"{place.stem}-curves.csv")
