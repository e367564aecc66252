"""Trained folds, each kept under all that its numbers come from, so that nothing is trained twice."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline import store
from pipeline.learning.loop import train_together
from pipeline.learning.task import Task
from pipeline.learning.trained import TrainedFold
from pipeline.parallel import Report

HERE = Path(__file__).parent
# What a fold's numbers come from besides its digits and parameters.
CODE = (
    "architectures/*.py",
    "device.py",
    "in_training.py",
    "loop.py",
    "predict.py",
    "schedule.py",
    "stacked.py",
    "step.py",
    "task.py",
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


def train_and_keep(together: Sequence[KeptTask], report: Report) -> list[TrainedFold]:
    """Train folds in the same steps and keep them at once: should the run end here, they are there for the next."""
    results = train_together([kept.task for kept in together], report)
    if (place := store.store()) is not None:
        for kept, result in zip(together, results, strict=True):
            place.put(kept.key, result.to_bytes())
    return results


def known_fold(key: str) -> TrainedFold | None:
    """Return the fold that an earlier run kept under a key, or None."""
    place = store.store()
    content = None if place is None else place.get(key)
    try:
        return None if content is None else TrainedFold.from_bytes(content)
    except ValueError:  # damaged: as good as none
        return None


def kept_tasks(together: Sequence[Sequence[Task]], hardware: str) -> list[list[KeptTask]]:
    """Return each fold with its key of :func:`keys`, those of the same steps together as they came."""
    found = iter(keys([task for group in together for task in group], hardware))
    return [[KeptTask(task, next(found)) for task in group] for group in together]


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
    # How many folds are trained, but for those beside a fold, and in how many processes changes none of them.
    parts = [
        [
            digests[id(task.digits)],
            code,
            hardware,
            task.fold,
            task.beside,
            task.model.model_dump(),
            {**asdict(task.recipe), "run_folds": 0},
            task.seed,
        ]
        for task in tasks
    ]
    return ["fold " + hashlib.blake2b(json.dumps(part).encode(), digest_size=16).hexdigest() for part in parts]
