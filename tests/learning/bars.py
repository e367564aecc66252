"""A task that the smallest network learns in a second: bars at ten places, and copies of them."""

from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.learning.loop import train_together
from pipeline.learning.recipes import Recipe
from pipeline.learning.task import Task
from pipeline.learning.trained import TrainedFold
from pipeline.learning.training_set import TrainingSet
from pipeline.parallel import Report
from pipeline.params import Model

MLP = Model(arch="mlp", activation="relu")
RECIPE = Recipe(
    folds=2,
    run_folds=2,
    epochs=3,
    plain_epochs=1,
    batch_size=16,
    optimizer="adamw",
    learning_rate=0.003,
    schedule="one-cycle",
    weight_decay=0.01,
    label_smoothing=0.05,
    precision="float32",
)
WILD: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 9.0, "schedule": "constant", "weight_decay": 9.0}
"""Decay at this rate multiplies weights by -80 a step: the loss is soon not finite."""


def bars(count: int) -> TrainingSet:
    """Two folds of bars; the second half are copies of the first, each with grain of its own."""
    rng = np.random.default_rng(0)
    labels = (np.arange(count) % 10).astype(np.uint8)
    images = rng.integers(0, 40, (count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 3 + 2 * label : 6 + 2 * label] += 200
    folds = np.tile(np.arange(count // 2) // 10 % 2, 2).astype(np.int8)
    return TrainingSet(images, labels, folds, np.tile(np.arange(count // 2), 2))


DIGITS = bars(320)  # a fold trains on 80 a time: 5 full batches


def task(fold: int = 0, digits: TrainingSet = DIGITS, model: Model = MLP, **changes: Any) -> Task:
    return Task(digits, fold, model, replace(RECIPE, **changes), seed=0, device="cpu")


def silent(advance: int = 1, note: str = "") -> None:
    """Show no bar."""


def train_fold(task: Task, report: Report) -> TrainedFold:
    """Train one fold by itself."""
    (fold,) = train_together([task], report)
    return fold
