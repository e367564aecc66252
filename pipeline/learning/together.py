"""Which folds of a training take the same steps."""

import numpy as np

from pipeline.learning.architectures import ARCHITECTURES
from pipeline.learning.recipes import Recipe
from pipeline.learning.task import Task
from pipeline.learning.training_set import TrainingSet
from pipeline.params import Model


def tasks_of(digits: TrainingSet, model: Model, recipe: Recipe, seed: int, device: str) -> list[list[Task]]:
    """Return the folds that a recipe trains, those of the same steps together; its precision is not auto."""
    return [
        [Task(digits, fold, model, recipe, seed, device, beside=tuple(set(group) - {fold})) for fold in group]
        for group in groups(model, recipe, device)
    ]


def groups(model: Model, recipe: Recipe, device: str) -> list[list[int]]:
    """Return which folds take the same steps: each its own, but of a small network two, and three at an odd end.

    On a GPU all of a small network's: there, a step of five takes as long as one of one. The number of workers has no
    say, for it must not change the weights. The schedule ``plateau`` lowers each fold's rate by its own loss, and so
    trains it by itself.
    """
    folds = recipe.run_folds
    if not ARCHITECTURES[model.arch].together or recipe.schedule == "plateau":
        count = folds
    else:
        count = max(folds // 2, 1) if device == "cpu" else 1
    return [[int(fold) for fold in group] for group in np.array_split(np.arange(folds), count)]
