"""Which folds of a training take the same steps."""

import math

import numpy as np

from pipeline.learning.architectures import ARCHITECTURES
from pipeline.learning.recipes import Recipe
from pipeline.learning.task import Task
from pipeline.learning.training_set import TrainingSet
from pipeline.params import Model

# On a CPU. The more, the quicker each (lenet5, batch 16: two 1.06 ms a fold, three 0.98, five 0.90, one 1.80), but the
# fewer cores have work: five folds are two tasks.
AT_MOST = 3


def tasks_of(digits: TrainingSet, model: Model, recipe: Recipe, seed: int, device: str) -> list[list[Task]]:
    """Return the folds that a recipe trains, those of the same steps together; its precision is not auto."""
    return [
        [Task(digits, fold, model, recipe, seed, device, beside=tuple(set(group) - {fold})) for fold in group]
        for group in groups(model, recipe, device)
    ]


def groups(model: Model, recipe: Recipe, device: str) -> list[list[int]]:
    """Return which folds take the same steps: each its own, but of a small network two or three; on a GPU, all of them.

    The number of workers has no say, for it must not change the weights. The schedule ``plateau`` lowers each fold's
    rate by its own loss, and so trains it by itself.
    """
    folds = recipe.run_folds
    if not ARCHITECTURES[model.arch].together or recipe.schedule == "plateau":
        count = folds
    else:
        count = math.ceil(folds / AT_MOST) if device == "cpu" else 1
    return [[int(fold) for fold in group] for group in np.array_split(np.arange(folds), count)]
