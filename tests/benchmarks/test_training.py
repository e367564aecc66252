"""What a machine trains in a second of wall time, against the textbook PyTorch loop and Keras's `fit`; a GPU too.

Keras is looked for in the Python that MNIST_CN_KERAS_PYTHON names, else in this one; it is no requirement of ours.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset

from pipeline import params
from pipeline.learning.architectures import ARCHITECTURES, build
from pipeline.learning.cross_validation import Training, train_folds
from pipeline.learning.device import exact
from pipeline.learning.placement import place_folds
from pipeline.learning.recipes import Recipe, recipe_for
from pipeline.learning.together import AT_MOST
from pipeline.learning.training_set import TrainingSet
from pipeline.parallel import cores
from pipeline.params import Model
from tests.kept import kept_in
from tests.params_file import ROOT

ROUNDS = 3
SECONDS = 10.0  # of the textbook loop a round
HELD = 10  # digits that each fold validates: next to nothing, for the peers validate none
KERAS = os.environ.get("MNIST_CN_KERAS_PYTHON", sys.executable)


class Textbook(Dataset[tuple[torch.Tensor, int]]):
    """What tutorials write: one digit at a time, made float when it is asked for."""

    def __init__(self, digits: TrainingSet) -> None:
        self.images, self.labels = digits.images, digits.labels

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.from_numpy(self.images[index]).unsqueeze(0).float() / 255, int(self.labels[index])


def textbook(digits: TrainingSet, name: str, batch: int, threads: int, device: str = "cpu") -> float:
    """Return digits a second."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    network = build(name, "relu", 0).train().to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    seen, start = 0, time.perf_counter()
    while time.perf_counter() < start + SECONDS:
        for images, labels in DataLoader(Textbook(digits), batch_size=batch, shuffle=True):
            optimizer.zero_grad()
            torch.autograd.backward(cross_entropy(network(images.to(device)), labels.to(device)))
            optimizer.step()
            seen += len(images)
            if time.perf_counter() > start + SECONDS:
                break
    torch.set_num_threads(before)
    return seen / (time.perf_counter() - start)


def trained(digits: TrainingSet, name: str, recipe: Recipe, device: str, workers: int) -> Training:
    """Train all folds anew."""
    model = Model.model_validate({"arch": name, "activation": "relu"})
    place = place_folds(device, recipe.precision)
    with kept_in(None):
        return train_folds(digits, model, recipe, seed=0, place=place, workers=workers)


def ours(digits: TrainingSet, name: str, recipe: Recipe) -> tuple[float, float]:
    """Return digits a second, folds of the same steps on each core: once all workers are up, and with their start."""
    training = trained(digits, name, recipe, "cpu", 0)
    seen = sum(fold.digits_seen for fold in training.folds)
    return seen / max(fold.seconds for fold in training.folds), seen / training.seconds


def keras(name: str, batch: int, digits: int, epochs: int) -> float:
    """Return digits a second; it starts with one epoch that is not counted."""
    script = Path(__file__).with_name("keras_peer.py")
    command = [KERAS, str(script), name, str(batch), str(digits), str(epochs)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(found.stdout.split()[-1])


def keras_is_here() -> bool:
    return subprocess.run([KERAS, "-c", "import keras"], check=False, capture_output=True).returncode == 0


def drawn(count: int, folds: int) -> TrainingSet:
    """So many digits that every fold trains on, and those that are held."""
    rng = np.random.default_rng(0)
    total = count + folds * HELD
    held = np.arange(total) - count
    return TrainingSet(
        images=rng.integers(0, 256, (total, 28, 28), np.uint8),
        labels=rng.integers(0, 10, total).astype(np.uint8),
        folds=np.where(held >= 0, held // HELD, folds).astype(np.int8),
        parents=np.arange(total),
    )


@pytest.mark.benchmark
@pytest.mark.parametrize(
    ("name", "count", "epochs", "target"),
    [("lenet5", 8192, 16, 3), ("digit_recognizer", 2048, 4, 2)],  # some 20 s of ours on 2 cores
)
def test_training_against_the_textbook_loop_and_keras(name: str, count: int, epochs: int, target: int) -> None:
    """Report's recipe, few epochs; ``target`` is what the project wants to be times quicker, and is only printed."""
    train = params.load(ROOT / "params.yaml").train.model_copy(update={"recipe": "report", "epochs": epochs})
    folds = max(cores(0), 2) * (AT_MOST if ARCHITECTURES[name].together else 1)
    stated = train.model_copy(update={"folds": folds + 1, "run_folds": folds})
    recipe, digits = recipe_for(name, stated), drawn(count, folds)
    batch = recipe.batch_size
    peers: dict[str, Callable[[], float]] = {
        f"textbook, {torch.get_num_threads()} threads": lambda: textbook(digits, name, batch, torch.get_num_threads()),
        "textbook, 1 thread": lambda: textbook(digits, name, batch, 1),
    }
    if keras_is_here():
        peers["Keras fit"] = lambda: keras(name, batch, count, max(epochs // 4, 1))
    rounds = [(*ours(digits, name, recipe), *(peer() for peer in peers.values())) for _ in range(ROUNDS)]
    steady, started, *theirs = np.array(rounds).T
    print(f"\n{name}, batch {batch}: ours {np.median(steady):,.0f} digits/s, {folds} folds side by side")
    print(f"  with the start of workers, {started[0]:,.0f} in the first round")
    for peer, rates in zip(peers, theirs, strict=True):
        ratio = np.median(steady / rates)
        print(f"  {peer}: {np.median(rates):,.0f} digits/s, ours is {ratio:.1f} times as quick (target {target})")
    if "Keras fit" not in peers:
        print(f"  Keras fit: not measured, {KERAS} cannot import it; name another in MNIST_CN_KERAS_PYTHON")
    assert (steady > 0).all()


@pytest.mark.benchmark
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU here")
def test_five_folds_of_lenet5_on_a_gpu_against_the_textbook_loop_there() -> None:
    """Ten epochs of 48,000 digits a fold, as in five folds of full MNIST; under 10 s on an H100 is the aim."""
    gpu_run("cuda", digits=48_000, epochs=10)


def gpu_run(device: str, *, digits: int, epochs: int) -> None:
    """Print the seconds of five folds in the same steps, of one by itself, and what the textbook loop would take."""
    train = params.load(ROOT / "params.yaml").train
    stated = {"recipe": "report", "precision": "auto", "epochs": epochs, "folds": 6, "run_folds": 5}
    recipe = recipe_for("lenet5", train.model_copy(update=stated))
    shown = drawn(digits, 5)
    with exact(seed=0, device=device):  # before the first product on a GPU: it settles how these are worked out
        rate = textbook(shown, "lenet5", recipe.batch_size, 1, device)
    print(f"\nlenet5 on {device}, batch {recipe.batch_size}, 5 folds x {epochs} epochs of {digits:,} digits")
    print(f"  textbook loop: {rate:,.0f} digits/s, {5 * epochs * digits / rate:,.0f} s")
    for folds in (1, 5):
        chosen = replace(recipe, run_folds=folds)
        first, again = (trained(shown, "lenet5", chosen, device, 1) for _ in range(2))
        seen = sum(fold.digits_seen for fold in again.folds)
        ratio = seen / again.seconds / rate
        print(f"  ours, {folds} in the same steps: {again.seconds:.1f} s, {ratio:.1f} times as quick")
        weights = [[fold.weights for fold in training.folds] for training in (first, again)]
        assert weights[0] == weights[1], "training the same twice gave other weights"
