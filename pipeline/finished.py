"""What a finished run left in its metrics files, read and checked to be of one run."""

from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline import curves
from pipeline import params as parameters
from pipeline.errors import BadInputError
from pipeline.learning.recipes import recipe_for, recipe_name
from pipeline.metrics_files import Evaluation, Merge, OutOfFold, Scores, Sheets, Timing, Train, checked
from pipeline.metrics_json import load as content_of
from pipeline.scores import HANDWRITING


@dataclass(frozen=True)
class Files:
    """Where a run leaves what it says."""

    params: Path
    train: Path
    timing: Path
    evaluate: Path
    out_of_fold: Path  # that `evaluate` wrote: of the networks that it read with
    merge: Path
    sheets: Path
    curves: Path


@dataclass(frozen=True)
class Finished:
    """One run."""

    params: parameters.Params
    train: Train
    timing: Timing
    scores: dict[str, Scores]  # by test source
    unseen: OutOfFold  # train digits by source, each read by a network that was not trained on it
    trained_on: frozenset[str]  # sources
    simulated: frozenset[str]  # collections
    curves: tuple[curves.Point, ...]  # one a fold and epoch


def load(files: Files) -> Finished:
    """Read a run.

    Raises
    ------
    BadInputError
        If a file is missing, lacks a key, or does not belong to the same run as the others.
    """
    params = parameters.load(files.params)
    train = checked(Train, content_of(files.train), files.train)
    timing = checked(Timing, content_of(files.timing), files.timing)
    scores = checked(Evaluation, {"source": content_of(files.evaluate)}, files.evaluate, wrapped=1).source
    unseen = checked(OutOfFold, content_of(files.out_of_fold), files.out_of_fold)
    merge = checked(Merge, content_of(files.merge), files.merge)
    sheets = checked(Sheets, content_of(files.sheets), files.sheets)
    trained_on = frozenset(name for name, n in merge.digits.items() if n.train)
    simulated = frozenset(name for name, c in sheets.collections.items() if c.simulated)
    run = Finished(params, train, timing, scores, unseen, trained_on, simulated, curves.load(files.curves))
    _demand_one_run(run, files)
    return run


def _demand_one_run(run: Finished, files: Files) -> None:
    arch, folds, settings = run.params.model.arch, set(run.train.fold), run.params.train
    if run.train.architecture != arch:
        raise _of_another_run(files.train, f"{arch} as in {files.params}", run.train.architecture)
    asked = {
        "name": recipe_name(run.params.model, settings),
        **asdict(recipe_for(arch, settings)),
        "seed": settings.seed,
    }
    for key, found in {**run.train.recipe.model_dump(), "seed": run.train.seed}.items():
        if key != "precision" and asked.get(key) != found:  # precision: `auto` there, decided here
            raise _of_another_run(files.train, f"{key} {asked.get(key)} as in {files.params}", str(found))
    drawn = {str(point.fold) for point in run.curves}
    for path, found in ((files.timing, set(run.timing.fold)), (files.curves, drawn)):
        if found != folds:
            raise _of_another_run(path, f"folds {_list(folds)} as in {files.train}", _list(found))
    _demand_evaluated(run, files)
    wanted = run.params.merge.train_sources
    if wanted != "all" and not run.trained_on <= set(wanted):  # a source may have test digits alone
        raise _of_another_run(files.merge, f"train digits of {_list(set(wanted))}", _list(set(run.trained_on)))


def _demand_evaluated(run: Finished, files: Files) -> None:
    """Raise BadInputError where `evaluate` has read with other networks than `train` says: both count errors alike."""
    trained = run.train.out_of_fold
    read = [counts for source, counts in run.unseen.sources.items() if source != HANDWRITING]
    n, errors = sum(counts.n for counts in read), sum(counts.errors for counts in read)
    if (n, errors) != (trained.n, trained.errors):
        expected = f"{trained.errors:,} errors in {trained.n:,} train digits as in {files.train}"
        raise _of_another_run(files.out_of_fold, expected, f"{errors:,} in {n:,}")


def _of_another_run(path: Path, expected: str, got: str) -> BadInputError:
    return BadInputError(f"{path}: expected {expected}, got {got}: two runs are mixed; run `dvc repro`")


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
