"""The training loop: one fold's network from its first weights to its last."""

import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from pipeline.errors import BadInputError
from pipeline.learning.architectures import build
from pipeline.learning.device import exact, out_of_memory
from pipeline.learning.predict import logits, place
from pipeline.learning.recipes import Recipe
from pipeline.learning.schedule import make_optimizer, plateau, rate_at
from pipeline.learning.step import CapturedStep, Step
from pipeline.learning.trained import Epoch, TrainedFold
from pipeline.learning.training_set import Rows, TrainingSet
from pipeline.learning.weights import weights_bytes
from pipeline.parallel import Report
from pipeline.params import Model

PROGRESS = 100  # steps of a fold's bar: per cent


class NotFiniteError(BadInputError):
    """A loss that is infinite or no number."""


@dataclass(frozen=True)
class Task:
    """One fold to train."""

    digits: TrainingSet
    fold: int
    model: Model
    recipe: Recipe  # its precision not auto
    seed: int
    device: str


def train_fold(task: Task, report: Report) -> TrainedFold:
    """Train one fold's network; everything random comes from (seed, fold).

    With the schedule ``plateau`` the weights are those after the epoch of the lowest validation loss, else the last.

    Raises
    ------
    NotFiniteError
        If a loss is not finite.
    BadInputError
        If the device's memory is too small.
    """
    start, processor_start = time.perf_counter(), time.process_time()
    seed = int(np.random.SeedSequence([task.seed, task.fold]).generate_state(1)[0])
    with out_of_memory(task.recipe.batch_size), exact(seed, task.device):
        fold = _Fold(task, seed, report)
        epochs: list[Epoch] = []
        best = math.inf
        factor, stop = 1.0, False
        while len(epochs) < task.recipe.epochs and not stop:
            epochs.append(fold.epoch(len(epochs), factor))
            _check_finite(epochs[-1], task)
            if task.recipe.schedule != "plateau" or epochs[-1].validation_loss < best:
                best = epochs[-1].validation_loss
                kept_epoch, weights, probabilities = len(epochs), weights_bytes(fold.network), fold.probabilities
            if task.recipe.schedule == "plateau":
                factor, stop = plateau([row.validation_loss for row in epochs])
        fold.bar.at(task.recipe.epochs)
    return TrainedFold(
        task.fold,
        epochs,
        kept_epoch,
        weights,
        probabilities,
        len(task.digits.plain(task.fold)),
        fold.seen,
        time.perf_counter() - start,
        time.process_time() - processor_start,
    )


class _Fold:
    """A network in training, with its digits on its device."""

    def __init__(self, task: Task, seed: int, report: Report) -> None:
        self.task = task
        self.seen = 0
        self.network = place(build(task.model.arch, task.model.activation, seed), task.device)
        self._images, self._labels = _resident(task.digits, task.device)
        self._held = torch.from_numpy(task.digits.held(task.fold)).to(task.device)
        self._generator = torch.Generator().manual_seed(seed)
        self.bar = _Bar(task.recipe.epochs, report)
        self._step = self._make_step()
        self._captured: dict[int, CapturedStep] = {}  # by batch size

    def _make_step(self) -> Step:
        recipe = self.task.recipe
        optimizer = make_optimizer(self.network, recipe.optimizer, recipe.learning_rate, recipe.weight_decay)
        smoothing, precision = recipe.label_smoothing, recipe.precision
        return Step(self.network, optimizer, self._images, self._labels, label_smoothing=smoothing, precision=precision)

    def epoch(self, number: int, factor: float) -> Epoch:
        """Train for one epoch, counted from 0, at ``factor`` times the schedule's rate, and validate."""
        train_loss = self._train(self._rows(number), number, factor)
        scores = logits(self.network, self._images[self._held])
        labels = self._labels[self._held]
        loss = float(cross_entropy(scores, labels, label_smoothing=self.task.recipe.label_smoothing))
        accuracy = float((scores.argmax(dim=1) == labels).double().mean())
        self.probabilities = np.asarray(scores.softmax(dim=1).cpu().numpy(), dtype=np.float32)
        self.bar.note(f"epoch {number + 1}/{self.task.recipe.epochs}, validation {accuracy:.2%}")
        return Epoch(number + 1, train_loss, loss, accuracy)

    def _rows(self, number: int) -> Rows:
        digits, recipe = self.task.digits, self.task.recipe
        distorted = number < recipe.epochs - recipe.plain_epochs
        return digits.shown(self.task.fold, number) if distorted else digits.plain(self.task.fold)

    def _train(self, rows: Rows, number: int, factor: float) -> float:
        """Show the rows once, in a new order, and return the mean loss.

        All batches are full; the few digits that are left over sit the epoch out.
        """
        recipe = self.task.recipe
        size = min(recipe.batch_size, len(rows))
        batches = len(rows) // size
        order = torch.from_numpy(rows)[torch.randperm(len(rows), generator=self._generator)].to(self.task.device)
        self.network.train()
        self._step.total.zero_()
        step = self._taken_by(size)
        for batch, chosen in enumerate(torch.split(order[: batches * size], size)):
            # Epochs may differ in length: the schedule counts each as a whole.
            place = number * batches + batch
            step(chosen, factor * rate_at(place, recipe.epochs * batches, recipe.learning_rate, recipe.schedule))
            self.bar.at(number + (batch + 1) / batches)
        self.seen += batches * size
        return float(self._step.total) / batches

    def _taken_by(self, size: int) -> Callable[[Tensor, float], None]:
        if self.task.device != "cuda":
            return self._step
        if size not in self._captured:
            self._captured[size] = CapturedStep(self._step, size)
        return self._captured[size]


class _Bar:
    """A fold's bar, moved by whole per cents."""

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


def _check_finite(epoch: Epoch, task: Task) -> None:
    loss = epoch.train_loss + epoch.validation_loss
    if not math.isfinite(loss):
        raise NotFiniteError(
            f"train.learning_rate: with {task.recipe.learning_rate:g} the loss of fold {task.fold} became {loss} in "
            f"epoch {epoch.epoch}; lower it (or train.schedule: one-cycle, which starts low)"
        )
