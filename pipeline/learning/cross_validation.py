"""K folds, each a network of its own: side by side on CPU cores, and not again where they were trained before."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pipeline import store
from pipeline.learning.architectures import build, parameter_count
from pipeline.learning.loop import PROGRESS, Task, train_fold
from pipeline.learning.placement import place_folds
from pipeline.learning.recipes import Recipe
from pipeline.learning.trained import TrainedFold
from pipeline.learning.training_set import TrainingSet
from pipeline.parallel import Report, each_with_bar
from pipeline.params import Model

HERE = Path(__file__).parent
# What a fold's numbers come from besides its digits and parameters.
CODE = (
    "architectures/*.py",
    "device.py",
    "loop.py",
    "predict.py",
    "schedule.py",
    "step.py",
    "trained.py",
    "training_set.py",
    "weights.py",
)
LIBRARIES = ("torch", "numpy", "safetensors")


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
    digits: TrainingSet, model: Model, recipe: Recipe, *, seed: int, device: str = "cpu", workers: int
) -> Training:
    """Train the first ``recipe.run_folds`` networks, side by side on CPU cores, one after another on a GPU.

    The weights depend on digits, parameters and hardware, not on the number of workers. A fold that the same code
    trained before on the same digits, parameters and kind of processor is taken from the user's cache.

    Parameters
    ----------
    digits : TrainingSet
    model : Model
    recipe : Recipe
    seed : 0..2**32-1
        Of the first weights, dropout and the order of digits, with the fold's number.
    device : ``auto``, ``cpu``, ``cuda`` or ``mps``
    workers : int
        Processes side by side; 0 is one a core.

    Raises
    ------
    BadInputError
        If the device is absent, a loss is not finite, or memory runs out.
    """
    place = place_folds(device, recipe.precision)
    recipe = replace(recipe, precision=place.precision)
    tasks = [Task(digits, fold, model, recipe, seed, place.device) for fold in range(recipe.run_folds)]
    keys = _keys(tasks, place.hardware)
    known = {task.fold: found for task, key in zip(tasks, keys, strict=True) if (found := _kept(key)) is not None}
    waiting = [_Kept(task, key) for task, key in zip(tasks, keys, strict=True) if task.fold not in known]
    workers = place.at_once(len(waiting), workers)
    start = time.perf_counter()
    titles = [f"fold {kept.task.fold}" for kept in waiting]
    gpu = place.device != "cpu"
    trained = each_with_bar(_train_and_keep, waiting, titles=titles, steps=PROGRESS, workers=workers, gpu=gpu)
    seconds = time.perf_counter() - start
    folds = sorted([*known.values(), *trained], key=lambda result: result.fold)
    parameters = parameter_count(build(model.arch, model.activation, 0))
    return Training(folds, recipe, parameters, seconds, place.device, workers, len(known))


@dataclass(frozen=True)
class _Kept:
    """A fold to train, and the key that it is to be kept under."""

    task: Task
    key: str


def _train_and_keep(kept: _Kept, report: Report) -> TrainedFold:
    """Train a fold and keep it at once: should the run end here, it is there for the next one."""
    result = train_fold(kept.task, report)
    if (place := store.store()) is not None:
        place.put(kept.key, result.to_bytes())
    return result


def _kept(key: str) -> TrainedFold | None:
    place = store.store()
    content = None if place is None else place.get(key)
    try:
        return None if content is None else TrainedFold.from_bytes(content)
    except ValueError:  # damaged: as good as none
        return None


def _keys(tasks: Sequence[Task], hardware: str) -> list[str]:
    """Return what each fold is kept under: a hash of all that its numbers come from."""
    digits, code = tasks[0].digits.digest(), _code()
    # How many folds are trained and in how many processes changes none of them.
    parts = [
        [digits, code, hardware, task.fold, task.model.model_dump(), {**asdict(task.recipe), "run_folds": 0}, task.seed]
        for task in tasks
    ]
    return ["fold " + hashlib.blake2b(json.dumps(part).encode(), digest_size=16).hexdigest() for part in parts]


def _code() -> str:
    return store.code_digest(HERE, (path for pattern in CODE for path in HERE.glob(pattern)), LIBRARIES)
