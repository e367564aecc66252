"""Our loop against the textbook PyTorch loop (Dataset, DataLoader, float conversion per item), one thread each."""

import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset

from pipeline.learning import loop
from pipeline.learning.architectures import build
from pipeline.learning.device import exact
from pipeline.params import Model, Train

DIGITS = 4096  # of which half are trained on
ROUNDS = 5


class Textbook(Dataset[tuple[torch.Tensor, int]]):
    """What tutorials write: one digit at a time, made float when it is asked for."""

    def __init__(self, digits: loop.TrainingSet) -> None:
        rows = digits.folds != 0
        self.images, self.labels = digits.images[rows], digits.labels[rows]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.from_numpy(self.images[index]).unsqueeze(0).float() / 255, int(self.labels[index])


def textbook(digits: loop.TrainingSet, name: str, batch: int) -> None:
    network = build(name, "relu", 0)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    for images, labels in DataLoader(Textbook(digits), batch_size=batch, shuffle=True):
        optimizer.zero_grad()
        torch.autograd.backward(cross_entropy(network(images), labels))
        optimizer.step()


def ours(digits: loop.TrainingSet, name: str, batch: int) -> None:
    model = Model.model_validate({"arch": name, "activation": "relu"})
    settings = Train(
        folds=2,
        epochs=1,
        batch_size=batch,
        optimizer="adam",
        learning_rate=0.001,
        schedule="constant",
        weight_decay=0,
        label_smoothing=0,
        device="cpu",
        seed=0,
    )
    loop.train_fold(loop.Task(digits, 0, model, settings, 0.001, "cpu"), silent)


def silent(advance: int = 1, note: str = "") -> None:
    """Show no bar."""


def seconds(
    run: Callable[[loop.TrainingSet, str, int], None], digits: loop.TrainingSet, name: str, batch: int
) -> float:
    with exact(seed=0):
        start = time.process_time()  # one thread: the time of a machine that does nothing else
        run(digits, name, batch)
        return time.process_time() - start


@pytest.mark.benchmark
@pytest.mark.parametrize(("name", "batch"), [("lenet5", 16), ("digitnet", 64)])
def test_training_against_the_textbook_loop(name: str, batch: int) -> None:
    rng = np.random.default_rng(0)
    digits = loop.TrainingSet(
        images=rng.integers(0, 256, (DIGITS, 28, 28), np.uint8),
        labels=rng.integers(0, 10, DIGITS).astype(np.uint8),
        folds=(np.arange(DIGITS) % 2).astype(np.int8),
        original=np.arange(DIGITS) < 2,  # validate one digit: only training is compared
    )
    pairs = [(seconds(textbook, digits, name, batch), seconds(ours, digits, name, batch)) for _ in range(ROUNDS)]
    theirs, here = (DIGITS / 2 / np.median(column) for column in zip(*pairs, strict=True))
    ratio = np.median([one / other for one, other in pairs])
    print(f"\n{name}, batch {batch}: textbook {theirs:,.0f} digits/s, ours {here:,.0f}: {ratio:.1f} times")
    assert ratio > 0
