"""One step of training: a batch of digits in, better weights out."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pipeline.learning.predict import as_input
from pipeline.learning.schedule import set_rate

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
        self.total = torch.zeros((), device=images.device)  # of the losses since it was last set to 0
        self._smoothing = label_smoothing
        self._low = precision == "bfloat16"

    def __call__(self, rows: Tensor, rate: float) -> None:
        """Take one step with (B,) int64 rows."""
        set_rate(self.optimizer, rate)
        self.take(rows)

    def take(self, rows: Tensor) -> None:
        """Take one step at the rate that is set; loss and weights stay float32 whatever the precision."""
        with torch.autocast(self.images.device.type, dtype=torch.bfloat16, enabled=self._low):
            scores = self.network(as_input(self.images[rows]))
        loss = cross_entropy(scores.float(), self.labels[rows], label_smoothing=self._smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimizer.step()
        self.total += loss.detach()


class CapturedStep:
    """The same on CUDA, with nothing of Python between the kernels: the step is captured once and replayed.

    Has not been run: no machine of this project's had a GPU so far.
    """

    def __init__(self, step: Step, size: int) -> None:
        """Take a step whose optimiser's rate is a tensor on the GPU, and the batch size of all steps to come."""
        self._step = step
        self._rows = torch.zeros(size, dtype=torch.int64, device=step.images.device)
        self._taken = 0
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch's stub
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, rows: Tensor, rate: float) -> None:
        """Take one step with (B,) int64 rows, B as stated."""
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
