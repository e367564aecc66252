"""Trained folds, each kept under all that its numbers come from, so that nothing is trained twice."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline import store
from pipeline.learning.loop import Task, train_fold
from pipeline.learning.trained import TrainedFold
from pipeline.parallel import Report

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
class KeptTask:
    """A fold to train, and the key that it is kept under."""

    task: Task
    key: str


def train_and_keep(kept: KeptTask, report: Report) -> TrainedFold:
    """Train a fold and keep it at once: should the run end here, it is there for the next one."""
    result = train_fold(kept.task, report)
    if (place := store.store()) is not None:
        place.put(kept.key, result.to_bytes())
    return result


def known_fold(key: str) -> TrainedFold | None:
    """Return the fold that an earlier run kept under a key, or None."""
    place = store.store()
    content = None if place is None else place.get(key)
    try:
        return None if content is None else TrainedFold.from_bytes(content)
    except ValueError:  # damaged: as good as none
        return None


def kept_tasks(tasks: Sequence[Task], hardware: str) -> list[KeptTask]:
    """Return each fold with its key of :func:`keys`."""
    return [KeptTask(task, key) for task, key in zip(tasks, keys(tasks, hardware), strict=True)]


def keys(tasks: Sequence[Task], hardware: str) -> list[str]:
    """Return what each fold is kept under: a hash of all that its numbers come from; a set of digits is read once.

    Parameters
    ----------
    tasks : sequence of Task
    hardware : str
        What of the machine that trains changes the last bits: ``Placement.hardware``.
    """
    code = store.code_digest(HERE, (path for pattern in CODE for path in HERE.glob(pattern)), LIBRARIES)
    digests = {id(digits): digits.digest() for digits in {id(task.digits): task.digits for task in tasks}.values()}
    # How many folds are trained and in how many processes changes none of them.
    parts = [
        [
            digests[id(task.digits)],
            code,
            hardware,
            task.fold,
            task.model.model_dump(),
            {**asdict(task.recipe), "run_folds": 0},
            task.seed,
        ]
        for task in tasks
    ]
    return ["fold " + hashlib.blake2b(json.dumps(part).encode(), digest_size=16).hexdigest() for part in parts]
