"""One step of training: a batch of digits in, better weights out."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pipeline.learning.predict import as_input
from pipeline.learning.schedule import set_rate
from pipeline.learning.stacked import Stack

EAGER = 3  # steps taken as they are before one is captured: PyTorch's notes on CUDA graphs, "whole-network capture"


class Step:
    """What a network is trained with: all digits resident where it is, gathered, made float and shown by rows."""

    def __init__(
        self,
        network: nn.Module,
        optimizer: torch.optim.Optimizer,
        images: Tensor,
        labels: Tensor,
        *,
        label_smoothing: float,
        precision: str,
    ) -> None:
        """Take (N, 28, 28) uint8 images and (N,) int64 labels on the network's device."""
        self.network = network
        self.optimizer = optimizer
        self.images = images
        self.labels = labels
        networks = (network.count,) if isinstance(network, Stack) else ()
        self.total = torch.zeros(networks, device=images.device)  # of each network's losses since it was last set to 0
        self._weights = list(network.parameters())
        self._smoothing = label_smoothing
        self._low = precision == "bfloat16"

    def __call__(self, rows: Tensor, rate: float) -> None:
        """Take one step with (B,) int64 rows."""
        set_rate(self.optimizer, rate)
        self.take(rows)

    def take(self, rows: Tensor) -> None:
        """Take one step at the rate that is set; loss and weights stay float32 whatever the precision."""
        losses = self._losses(rows)
        for weights in self._weights:  # what zero_grad does, whose bookkeeping takes 3% of lenet5's time at batch 16
            weights.grad = None
        torch.autograd.backward(losses, torch.ones_like(losses))
        self.optimizer.step()
        self.total += losses.detach()

    def _losses(self, rows: Tensor) -> Tensor:
        images = self.images.index_select(0, rows)  # image by image: quicker than images[rows]
        with self._precision():
            scores = self.network(as_input(images))
        return cross_entropy(scores.float(), self.labels[rows], label_smoothing=self._smoothing)

    def _precision(self) -> torch.autocast:
        return torch.autocast(self.images.device.type, dtype=torch.bfloat16, enabled=self._low)


class StackedStep(Step):
    """The same for a stack of networks: rows are (B, F), a column for each network, and so many losses are counted."""

    network: Stack

    def _losses(self, rows: Tensor) -> Tensor:
        shown = self.images.index_select(0, rows.flatten()).view(*rows.shape, *self.images.shape[1:])
        images = shown.contiguous(memory_format=torch.channels_last)
        with self._precision():
            scores = self.network(images.float().div_(255))  # (F, B, 10)
        truth = self.labels[rows].t()
        losses = cross_entropy(
            scores.float().flatten(0, 1), truth.flatten(), label_smoothing=self._smoothing, reduction="none"
        )
        return losses.view_as(truth).mean(dim=1)


class CapturedStep:
    """The same on CUDA, with nothing of Python between the kernels: the step is captured once and replayed.

    Has not been run: no machine of this project's had a GPU so far.
    """

    def __init__(self, step: Step, shape: torch.Size) -> None:
        """Take a step whose optimiser's rate is a tensor on the GPU, and the shape of the rows of all to come."""
        self._step = step
        self._rows = torch.zeros(shape, dtype=torch.int64, device=step.images.device)
        self._taken = 0
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch's stub
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, rows: Tensor, rate: float) -> None:
        """Take one step with int64 rows of the stated shape."""
        set_rate(self._step.optimizer, rate)
        self._rows.copy_(rows)
        if self._graph is None and self._taken == EAGER:
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):  # only records
                self._step.take(self._rows)
        if self._graph is not None:
            self._graph.replay()
        else:
            self._beside()
        self._taken += 1

    def _beside(self) -> None:
        """Take a real step on a stream of its own, as capturing demands of the steps before it."""
        current = torch.cuda.current_stream()
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            self._step.take(self._rows)
        current.wait_stream(self._stream)
