"""The training loop: k folds, each a network of its own."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pipeline.digits import Images
from pipeline.errors import BadInputError
from pipeline.learning.architectures import ARCHITECTURES, build, parameter_count
from pipeline.learning.device import choose_device, exact
from pipeline.learning.folds import Folds
from pipeline.learning.predict import Probabilities, as_input, logits, place
from pipeline.learning.schedule import make_optimizer, rate_at
from pipeline.learning.weights import weights_bytes
from pipeline.parallel import Report, cores, each_with_bar
from pipeline.params import Model, Train

PROGRESS = 100  # steps of a fold's bar: per cent


@dataclass(frozen=True)
class TrainingSet:
    """Originals and their copies, which are in their parent's fold."""

    images: Images  # (N, 28, 28) uint8
    labels: NDArray[np.uint8]  # (N,) 0..9
    folds: Folds  # (N,) the fold that validates the digit, or its parent
    original: NDArray[np.bool_]  # (N,) False: a copy, never validated


@dataclass(frozen=True)
class Epoch:
    """One row of the curves; both losses are the one that is trained on."""

    epoch: int  # from 1
    train_loss: float
    validation_loss: float
    validation_accuracy: float  # 0..1


@dataclass(frozen=True)
class TrainedFold:
    """What one fold gives."""

    fold: int
    epochs: list[Epoch]
    weights: bytes  # safetensors
    probabilities: Probabilities  # of the fold's originals, in table order
    digits_trained: int  # digits of the training part
    digits_seen: int  # over all epochs
    seconds: float


@dataclass(frozen=True)
class Task:
    """One fold to train."""

    digits: TrainingSet
    fold: int
    model: Model
    train: Train
    learning_rate: float
    device: str


@dataclass(frozen=True)
class Training:
    """What all folds give."""

    folds: list[TrainedFold]
    parameters: int  # of one network
    seconds: float  # wall time of all folds
    device: str
    workers: int


def train_folds(digits: TrainingSet, model: Model, train: Train, *, workers: int) -> Training:
    """Train ``train.folds`` networks, side by side on CPU cores, one after another on a GPU.

    The weights depend on digits and parameters, not on the number of workers.

    Raises
    ------
    BadInputError
        If the device is absent or a loss is not finite.
    """
    device = choose_device(train.device)
    workers = min(cores(workers), train.folds) if device == "cpu" else 1
    rate = ARCHITECTURES[model.arch].learning_rate if train.learning_rate == "auto" else train.learning_rate
    tasks = [Task(digits, fold, model, train, rate, device) for fold in range(train.folds)]
    titles = [f"fold {task.fold}" for task in tasks]
    start = time.perf_counter()
    folds = each_with_bar(train_fold, tasks, titles=titles, steps=PROGRESS, workers=workers)
    parameters = parameter_count(build(model.arch, model.activation, 0))
    return Training(folds, parameters, time.perf_counter() - start, device, workers)


def train_fold(task: Task, report: Report) -> TrainedFold:
    """Train one fold's network; everything random comes from (seed, fold)."""
    start = time.perf_counter()
    seed = int(np.random.SeedSequence([task.train.seed, task.fold]).generate_state(1)[0])
    own = task.digits.folds == task.fold
    with exact(seed):
        network = place(build(task.model.arch, task.model.activation, seed), task.device)
        images, labels = _resident(task.digits, ~own, task.device)
        held_images, held_labels = _resident(task.digits, own & task.digits.original, task.device)
        course = _Course(len(images), seed, task, report)
        optimizer = make_optimizer(network, task.train.optimizer, task.learning_rate, task.train.weight_decay)
        epochs: list[Epoch] = []
        for epoch in range(1, task.train.epochs + 1):
            train_loss = _train_epoch(network, optimizer, images, labels, course)
            scores = logits(network, held_images)
            validation_loss = float(cross_entropy(scores, held_labels, label_smoothing=task.train.label_smoothing))
            _check_finite(train_loss + validation_loss, task, epoch)
            accuracy = float((scores.argmax(dim=1) == held_labels).double().mean())
            epochs.append(Epoch(epoch, train_loss, validation_loss, accuracy))
            course.note = f"epoch {epoch}/{task.train.epochs}, validation {accuracy:.2%}"
            report(0, course.note)
        weights = weights_bytes(network)
        probabilities = np.asarray(scores.softmax(dim=1).cpu().numpy(), dtype=np.float32)
    return TrainedFold(
        task.fold, epochs, weights, probabilities, len(images), course.digits_seen, time.perf_counter() - start
    )


def _resident(digits: TrainingSet, rows: NDArray[np.bool_], device: str) -> tuple[Tensor, Tensor]:
    """Return (N, 28, 28) uint8 and (N,) int64 on the device."""
    return torch.tensor(digits.images[rows], device=device), torch.tensor(
        digits.labels[rows].astype(np.int64), device=device
    )


class _Course:
    """Which digits each step takes, at which rate, and how far the fold has come.

    Every epoch has the same number of full batches, from a new permutation; the few digits left over sit it out.
    """

    def __init__(self, count: int, seed: int, task: Task, report: Report) -> None:
        train = self.train = task.train
        self.rate = task.learning_rate
        self.size = min(train.batch_size, count)
        self.batches = count // self.size
        self.steps = self.batches * train.epochs
        self.step = 0
        self.note = f"epoch 0/{train.epochs}"
        self._count = count
        self._generator = torch.Generator().manual_seed(seed)
        self._report = report

    @property
    def digits_seen(self) -> int:
        return self.step * self.size

    def epoch(self, device: torch.device) -> Iterator[tuple[Tensor, float]]:
        """Yield the rows and the learning rate of each step of one epoch."""
        order = torch.randperm(self._count, generator=self._generator).to(device)
        for rows in torch.split(order[: self.batches * self.size], self.size):
            yield rows, rate_at(self.step, self.steps, self.rate, self.train.schedule)
            self.step += 1
            advance = PROGRESS * self.step // self.steps - PROGRESS * (self.step - 1) // self.steps
            if advance:
                self._report(advance, self.note)


def _train_epoch(
    network: nn.Module, optimizer: torch.optim.Optimizer, images: Tensor, labels: Tensor, course: _Course
) -> float:
    """Take one epoch's steps and return the mean loss."""
    network.train()
    total = torch.zeros((), device=images.device)
    for rows, rate in course.epoch(images.device):
        for group in optimizer.param_groups:
            group["lr"] = rate
        scores = network(as_input(images[rows]))
        loss = cross_entropy(scores, labels[rows], label_smoothing=course.train.label_smoothing)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
        total += loss.detach()
    return float(total) / course.batches


def _check_finite(loss: float, task: Task, epoch: int) -> None:
    if not math.isfinite(loss):
        raise BadInputError(
            f"train.learning_rate: with {task.learning_rate:g} the loss of fold {task.fold} became {loss} in "
            f"epoch {epoch}; lower it (or train.schedule: one-cycle, which starts low)"
        )
