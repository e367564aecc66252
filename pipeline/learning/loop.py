"""The training loop: folds' networks from their first weights to their last."""

import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from pipeline.learning.device import exact, out_of_memory
from pipeline.learning.in_training import FoldInTraining
from pipeline.learning.schedule import make_optimizer, plateau, rate_at
from pipeline.learning.stacked import Stack
from pipeline.learning.step import CapturedStep, StackedStep, Step
from pipeline.learning.task import Task
from pipeline.learning.trained import TrainedFold
from pipeline.learning.training_set import TrainingSet
from pipeline.parallel import Report

PROGRESS = 100  # steps of a training's bar: per cent


def train_together(tasks: Sequence[Task], report: Report) -> list[TrainedFold]:
    """Train one fold, or several that share all else in the same steps; what is random in each comes from (seed, fold).

    The schedule ``plateau`` takes one fold. The weights are those after the last epoch, also where ``plateau`` stopped.

    Raises
    ------
    NotFiniteError
        If a loss is not finite.
    BadInputError
        If the device's memory is too small.
    """
    start, processor_start = time.perf_counter(), time.process_time()
    recipe = tasks[0].recipe
    with out_of_memory(recipe.batch_size), exact(tasks[0].own_seed, tasks[0].device):
        training = _Training(tasks, report)
        factor, stop = 1.0, False
        while training.number < recipe.epochs and not stop:
            losses = training.epoch(factor)
            if recipe.schedule == "plateau":
                factor, stop = plateau(losses)
        training.bar.at(recipe.epochs)
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - processor_start
    return [fold.result(seconds, processor_seconds / len(tasks)) for fold in training.folds]


class _Training:
    """Folds in training, with their digits on their device and the step that trains them all."""

    def __init__(self, tasks: Sequence[Task], report: Report) -> None:
        self.number = 0  # epochs that are done
        self.folds = [FoldInTraining(task) for task in tasks]
        self.bar = _Bar(tasks[0].recipe.epochs, report)
        self._recipe, self._device = tasks[0].recipe, tasks[0].device
        self._images, self._labels = _resident(tasks[0].digits, self._device)
        self._stack = Stack([fold.network for fold in self.folds]) if len(self.folds) > 1 else None
        self._step = self._make_step()
        self._captured: dict[torch.Size, CapturedStep] = {}  # by the shape of a batch

    def _make_step(self) -> Step:
        recipe = self._recipe
        network = self.folds[0].network if self._stack is None else self._stack
        optimizer = make_optimizer(network, recipe.optimizer, recipe.learning_rate, recipe.weight_decay)
        kind = Step if self._stack is None else StackedStep
        smoothing, precision = recipe.label_smoothing, recipe.precision
        return kind(network, optimizer, self._images, self._labels, label_smoothing=smoothing, precision=precision)

    def epoch(self, factor: float) -> list[float]:
        """Train for one epoch at ``factor`` times the schedule's rate; return the first fold's validation losses."""
        order, size = self._order()
        train_losses = self._train(order, size, factor)
        if self._stack is not None:
            self._stack.write_back([fold.network for fold in self.folds])
        for fold, loss in zip(self.folds, train_losses, strict=True):
            fold.finish_epoch(self._images, self._labels, loss, len(order))
        self.number += 1
        accuracy = float(np.mean([fold.epochs[-1].validation_accuracy for fold in self.folds]))
        self.bar.note(f"epoch {self.number}/{self._recipe.epochs}, validation {accuracy:.2%}")
        return [epoch.validation_loss for epoch in self.folds[0].epochs]

    def _order(self) -> tuple[Tensor, int]:
        """Return the rows of the next epoch, (R,) int64, or (R, F) for F folds, and how many a step takes.

        All batches are full; the few digits that are left over sit the epoch out, as do those that a fold has more
        than another one beside it.
        """
        orders = [fold.order() for fold in self.folds]
        fewest = min(map(len, orders))
        size = min(self._recipe.batch_size, fewest)
        shown = [order[: fewest // size * size] for order in orders]
        return (shown[0] if self._stack is None else torch.stack(shown, dim=1)).to(self._device), size

    def _train(self, order: Tensor, size: int, factor: float) -> list[float]:
        """Show the rows once and return each fold's mean loss."""
        recipe = self._recipe
        self._step.network.train()
        self._step.total.zero_()
        batches = len(order) // size
        step = self._taken_by(order[:size].shape)
        for batch, chosen in enumerate(torch.split(order, size)):
            # Epochs may differ in length: the schedule counts each as a whole.
            place = self.number * batches + batch
            step(chosen, factor * rate_at(place, recipe.epochs * batches, recipe.learning_rate, recipe.schedule))
            self.bar.at(self.number + (batch + 1) / batches)
        return [float(total) / batches for total in self._step.total.reshape(-1)]

    def _taken_by(self, shape: torch.Size) -> Callable[[Tensor, float], None]:
        if self._device != "cuda":
            return self._step
        if shape not in self._captured:
            self._captured[shape] = CapturedStep(self._step, shape)
        return self._captured[shape]


class _Bar:
    """A training's bar, moved by whole per cents."""

    def __init__(self, epochs: int, report: Report) -> None:
        self._epochs = epochs
        self._report = report
        self._shown = 0
        self._note = f"epoch 0/{epochs}"

    def at(self, epochs: float) -> None:
        """Move the bar to this many epochs."""
        shown = int(PROGRESS * epochs / self._epochs)
        if shown > self._shown:
            self._report(shown - self._shown, self._note)
            self._shown = shown

    def note(self, text: str) -> None:
        """Show a text beside the bar."""
        self._note = text
        self._report(0, text)


def _resident(digits: TrainingSet, device: str) -> tuple[Tensor, Tensor]:
    """Return (N, 28, 28) uint8 and (N,) int64 on the device."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # nobody writes to it
        images = torch.from_numpy(digits.images)
    return images.to(device), torch.from_numpy(digits.labels.astype(np.int64)).to(device)
