"""Which folds of a training take the same steps."""

import math
from collections.abc import Sequence

import numpy as np

from pipeline.learning.architectures import ARCHITECTURES
from pipeline.learning.recipes import Recipe
from pipeline.learning.task import Task
from pipeline.learning.training_set import TrainingSet
from pipeline.params import Model

# On a CPU. The more, the quicker each (lenet5, batch 16: two 1.06 ms a fold, three 0.98, five 0.90, one 1.80), but the
# fewer cores have work: five folds are two tasks.
AT_MOST = 3
# Of its digits: what a fold may leave out of each epoch, to take no more steps than those beside it. MNIST's folds by
# writer differ by 0.2%, those of a few writers' sheets by up to a half.
LEFT_OUT = 0.01


def tasks_of(digits: TrainingSet, model: Model, recipe: Recipe, seed: int, device: str) -> list[list[Task]]:
    """Return the folds that a recipe trains, those of the same steps together; its precision is not auto."""
    sizes = [len(digits.plain(fold)) for fold in range(recipe.run_folds)]
    return [
        [Task(digits, fold, model, recipe, seed, device, beside=_others(group, fold)) for fold in group]
        for group in groups(sizes, model, recipe, device)
    ]


def groups(sizes: Sequence[int], model: Model, recipe: Recipe, device: str) -> list[list[int]]:
    """Return which folds take the same steps: each its own, but of a small network two or three; on a GPU, all of them.

    The number of workers has no say, for it must not change the weights. Folds that train on as many digits as
    ``sizes`` says train by themselves where these differ by more than :data:`LEFT_OUT`, and where the schedule is
    ``plateau``, which lowers each fold's rate by its own loss.
    """
    folds = len(sizes)
    alike = min(sizes) >= (1 - LEFT_OUT) * max(sizes)
    if not (ARCHITECTURES[model.arch].together and alike) or recipe.schedule == "plateau":
        count = folds
    else:
        count = math.ceil(folds / AT_MOST) if device == "cpu" else 1
    return [[int(fold) for fold in group] for group in np.array_split(np.arange(folds), count)]


def _others(group: Sequence[int], fold: int) -> tuple[int, ...]:
    return tuple(other for other in group if other != fold)
