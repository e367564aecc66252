"""One fold in training: its network, what it is shown, and how it does."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from pipeline.errors import BadInputError
from pipeline.learning.architectures import build
from pipeline.learning.predict import logits, place
from pipeline.learning.task import Task
from pipeline.learning.trained import Epoch, TrainedFold
from pipeline.learning.weights import weights_bytes


class NotFiniteError(BadInputError):
    """A loss that is infinite or no number."""


class FoldInTraining:
    """A fold's network and its history."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.network = place(build(task.model.arch, task.model.activation, task.own_seed), task.device)
        self.epochs: list[Epoch] = []
        self._held = torch.from_numpy(task.digits.held(task.fold)).to(task.device)
        self._generator = torch.Generator().manual_seed(task.own_seed)
        self._seen = 0

    def order(self) -> Tensor:
        """Return the (R,) int64 rows that the next epoch shows, in a new order."""
        digits, recipe = self.task.digits, self.task.recipe
        distorted = len(self.epochs) < recipe.epochs - recipe.plain_epochs
        rows = digits.shown(self.task.fold, len(self.epochs)) if distorted else digits.plain(self.task.fold)
        return torch.from_numpy(rows)[torch.randperm(len(rows), generator=self._generator)]

    def finish_epoch(self, images: Tensor, labels: Tensor, train_loss: float, seen: int) -> None:
        """Validate.

        Parameters
        ----------
        images : (N, 28, 28) uint8
        labels : (N,) int64
            All of the task's digits, on its device.
        train_loss : float
            Mean over the epoch's steps.
        seen : int
            Digits that they showed.

        Raises
        ------
        NotFiniteError
            If a loss is not finite.
        """
        recipe = self.task.recipe
        scores, truth = logits(self.network, images[self._held]), labels[self._held]
        loss = float(cross_entropy(scores, truth, label_smoothing=recipe.label_smoothing))
        accuracy = int((scores.argmax(dim=1) == truth).sum()) / len(truth)  # a mean in float64 is what MPS lacks
        self.epochs.append(Epoch(len(self.epochs) + 1, train_loss, loss, accuracy))
        self._seen += seen
        self._check_finite()
        self._probabilities = scores.softmax(dim=1)

    def _check_finite(self) -> None:
        epoch = self.epochs[-1]
        loss = epoch.train_loss + epoch.validation_loss
        if not math.isfinite(loss):
            recipe = self.task.recipe
            other = "" if recipe.schedule == "one-cycle" else " (or train.schedule: one-cycle, which starts low)"
            raise NotFiniteError(
                f"train.learning_rate: with {recipe.learning_rate:g} the loss of fold {self.task.fold} "
                f"became {loss} in epoch {epoch.epoch}; lower it{other}"
            )

    def result(self, seconds: float, processor_seconds: float) -> TrainedFold:
        """Return what the fold came to, in seconds of the wall clock and of the processor; of the latter, its share.

        Weights and probabilities are those after the last epoch.
        """
        return TrainedFold(
            self.task.fold,
            self.epochs,
            weights_bytes(self.network),
            np.asarray(self._probabilities.cpu().numpy(), dtype=np.float32),
            len(self.task.digits.plain(self.task.fold)),
            self._seen,
            seconds,
            processor_seconds,
        )
