"""Command `sweep`: a network for every combination of params.yaml's grid, side by side, none of them trained twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import digits as table_of
from pipeline import parallel, store
from pipeline import params as parameters
from pipeline.atomic import write_text
from pipeline.factors import Outcome, as_csv, ranked
from pipeline.learning.grid import Row, row_of, rows_of

if TYPE_CHECKING:
    from pipeline.learning.kept import KeptTask
    from pipeline.learning.placement import Placement
    from pipeline.learning.training_set import TrainingSet
    from pipeline.learning.trial import Score


def tasks_of(rows: Sequence[Row], digits: Path, augmented: Path) -> tuple[list[list[list["KeptTask"]]], "Placement"]:
    """Return the folds that each row trains, on train digits alone, and where; equal folds share their digits.

    A row's folds are in groups, each of which takes the same steps.

    Distorted copies are read only where a row's recipe shows them.

    Raises
    ------
    BadInputError
        If a file cannot be used, or there are too few writers for the folds, or the device is absent.
    """
    from pipeline.learning import together
    from pipeline.learning.kept import kept_tasks
    from pipeline.learning.placement import place_folds

    device = rows[0].params.train.device  # as in all rows
    places = {precision: place_folds(device, precision) for precision in {row.recipe.precision for row in rows}}
    groups = []
    for row, training_set in zip(rows, _training_sets(rows, digits, augmented), strict=True):
        place = places[row.recipe.precision]
        recipe = replace(row.recipe, precision=place.precision)
        groups.append(together.tasks_of(training_set, row.params.model, recipe, row.params.train.seed, place.device))
    kept = iter(kept_tasks([group for its in groups for group in its], place.hardware))
    return [[next(kept) for _ in its] for its in groups], place


def _training_sets(rows: Sequence[Row], digits: Path, augmented: Path) -> Iterator["TrainingSet"]:
    """Yield each row's digits; rows with the same folds get the same object, and all the same pixels."""
    from pipeline.learning.folds import assign_folds
    from pipeline.learning.training_set import TrainingSet

    originals = table_of.of_split(table_of.load(digits), "train")
    pixels: dict[bool, TrainingSet] = {}
    known: dict[tuple[int, int, bool], TrainingSet] = {}
    for row in rows:
        copied = row.recipe.distorts
        key = (row.recipe.folds, row.params.train.seed, copied)
        if key not in known:
            fold_of = assign_folds(originals, *key[:2])
            if copied not in pixels:
                copies = table_of.load(augmented) if copied else originals.slice(0, 0)
                pixels[copied] = TrainingSet.of(originals, copies, fold_of)
            known[key] = replace(pixels[copied], folds=fold_of[pixels[copied].parents])
        yield known[key]


def outcome_of(row: Row, scores: Sequence["Score"]) -> Outcome:
    """Put a row's folds together; one that diverged makes the row diverged."""
    count = len(scores)
    diverged = any(score.epochs == 0 for score in scores)
    return Outcome(
        row.number,
        row.values,
        None if diverged else sum(score.accuracy for score in scores) / count,
        None if diverged else sum(score.loss for score in scores) / count,
        count,
        sum(score.digits_trained for score in scores) / count,
        sum(score.digits_validated for score in scores),
        sum(score.epochs for score in scores) / count,
        sum(score.processor_seconds for score in scores),
    )


def trained(
    rows: Sequence[Row],
    tasks: Sequence[Sequence[Sequence["KeptTask"]]],
    known: Mapping[str, "Score"],
    place: "Placement",
    workers: int,
) -> Iterator[list[Outcome]]:
    """Yield what the rows that are done came to, in the order of the grid: at the start, and after every network.

    Parameters
    ----------
    rows : sequence of Row
    tasks : sequence of sequence of sequence of KeptTask
        Each row's groups of folds.
    known : mapping of str to Score
        By key: what earlier runs made of some folds.
    place : Placement
    workers : int
        Tasks side by side; 0 is one a core.
    """
    from pipeline.learning.trial import scores

    found = dict(known)
    groups = {tuple(_keys([group])): group for row in tasks for group in row}  # equal rows share theirs
    waiting = {keys: group for keys, group in groups.items() if not known.keys() >= set(keys)}
    yield _done(rows, tasks, found)
    for keys, its in zip(waiting, scores(list(waiting.values()), place, workers), strict=True):
        found.update(zip(keys, its, strict=True))
        yield _done(rows, tasks, found)


def _done(
    rows: Sequence[Row], tasks: Sequence[Sequence[Sequence["KeptTask"]]], found: Mapping[str, "Score"]
) -> list[Outcome]:
    keys = [_keys(groups) for groups in tasks]
    return [
        outcome_of(row, [found[key] for key in its])
        for row, its in zip(rows, keys, strict=True)
        if found.keys() >= set(its)
    ]


def _keys(groups: Sequence[Sequence["KeptTask"]]) -> list[str]:
    return [one.key for group in groups for one in group]


def sweep(*, row: int | None = None, params: Path, digits: Path, augmented: Path, table: Path, pictures: Path) -> None:
    """Train every combination of values in params.yaml, write the table and its pictures, and print them.

    Parameters
    ----------
    row : int or None
        Only print the run that repeats this row of the table, from 1.
    params, digits, augmented : Path
        What is read; the distorted copies only where a recipe shows some.
    table, pictures : Path
        What is written: a CSV file, a line a row, and a folder.
    """
    settings = parameters.load(params)
    rows = rows_of(settings, params)
    if row is not None:
        print(row_of(rows, row).command)
        return
    try:
        with parallel.on(settings.parallel):
            outcomes = _all_trained(rows, digits, augmented, settings.parallel.workers, table)
    except KeyboardInterrupt:
        print("stopped: the same command goes on with the networks that are left")
        raise
    _show(rows, outcomes, pictures)
    print(f"{table}, {pictures}: all rows; `mnist-cn sweep --row N` prints the run that repeats any of them")


def _all_trained(rows: Sequence[Row], digits: Path, augmented: Path, workers: int, table: Path) -> list[Outcome]:
    from pipeline.learning.trial import known_score

    tasks, place = tasks_of(rows, digits, augmented)
    keys = {key for groups in tasks for key in _keys(groups)}
    known = {key: score for key in keys if (score := known_score(key)) is not None}
    print(f"{len(rows)} rows, {len(keys)} networks: {len(known)} trained before, {len(keys) - len(known)} to train")
    if store.store() is None:
        why = f"{store.PLACE} is empty" if store.folder() is None else "the folder for it cannot be used"
        print(f"nothing is kept, {why}: after a stop, all of it is trained again")
    outcomes: list[Outcome] = []
    for outcomes in trained(rows, tasks, known, place, workers):
        if outcomes:
            write_text(table, as_csv(outcomes))
    return outcomes


def _show(rows: Sequence[Row], outcomes: Sequence[Outcome], pictures: Path) -> None:
    from rich.console import Console

    from pipeline.pictures import sweep_bars, sweep_factors
    from pipeline.pictures.sweep_tables import tables

    sweep_bars.draw(pictures / "bars.png", outcomes)
    sweep_factors.draw(pictures / "factors.png", outcomes)
    Console().print(tables(outcomes))
    best = ranked(outcomes)[0]
    if best.accuracy is not None:  # else the table has said that no row was trained to its end
        print(f"row {best.number}, the best, again: {rows[best.number - 1].command}")
