"""K folds, each a network of its own: side by side on CPU cores, and not again where they were trained before."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.learning.architectures import build, parameter_count
from pipeline.learning.kept import KeptTask, kept_tasks, known_fold, train_and_keep
from pipeline.learning.loop import PROGRESS
from pipeline.learning.placement import Placement
from pipeline.learning.recipes import Recipe
from pipeline.learning.together import tasks_of
from pipeline.learning.trained import TrainedFold
from pipeline.learning.training_set import TrainingSet
from pipeline.parallel import each_with_bar
from pipeline.params import Model


@dataclass(frozen=True)
class Training:
    """What all folds give."""

    folds: list[TrainedFold]
    recipe: Recipe  # with its precision decided
    parameters: int  # of one network
    seconds: float  # wall time of the folds that were trained now
    device: str
    workers: int
    reused: int  # folds that an earlier run trained


def train_folds(
    digits: TrainingSet, model: Model, recipe: Recipe, *, seed: int, place: Placement, workers: int
) -> Training:
    """Train the first ``recipe.run_folds`` networks, side by side on CPU cores, on a GPU as many as ``workers`` says.

    The weights depend on digits, parameters and hardware, not on the number of workers. A fold that the same code
    trained before on the same digits, parameters and kind of processor is taken from the user's cache.

    Parameters
    ----------
    digits : TrainingSet
    model : Model
    recipe : Recipe
    seed : 0..2**32-1
        Of the first weights, dropout and the order of digits, with the fold's number.
    place : Placement
        Where they train, and in which precision, whatever the recipe says of that.
    workers : int
        Processes side by side; 0 is one a core, or one a GPU.

    Raises
    ------
    BadInputError
        If a loss is not finite, or memory runs out.
    """
    recipe = replace(recipe, precision=place.precision)
    groups = kept_tasks(tasks_of(digits, model, recipe, seed, place.device), place.hardware)
    known = {one.task.fold: found for group in groups for one in group if (found := known_fold(one.key)) is not None}
    waiting = [group for group in groups if any(one.task.fold not in known for one in group)]
    workers = place.at_once(len(waiting), workers)
    start = time.perf_counter()
    gpu = place.device != "cpu"
    trained = each_with_bar(
        train_and_keep, waiting, titles=[_title(group) for group in waiting], steps=PROGRESS, workers=workers, gpu=gpu
    )
    seconds = time.perf_counter() - start
    now = {fold.fold: fold for group in trained for fold in group}
    folds = [now.get(fold) or known[fold] for fold in range(recipe.run_folds)]
    parameters = parameter_count(build(model.arch, model.activation, 0))
    return Training(folds, recipe, parameters, seconds, place.device, workers, len(folds) - len(now))


def _title(group: Sequence[KeptTask]) -> str:
    names = ", ".join(str(one.task.fold) for one in group)
    return f"fold {names}" if len(group) == 1 else f"folds {names}"
