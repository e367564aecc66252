from collections.abc import Iterator
from functools import cache
from typing import get_args

import pytest
import torch
from torch.nn.functional import cross_entropy

from pipeline import params
from pipeline.learning.architectures import ARCHITECTURES, build, parameter_count
from pipeline.learning.device import exact
from pipeline.learning.schedule import make_optimizer
from pipeline.learning.weights import weights_bytes

NAMES = sorted(ARCHITECTURES)
LARGE = ("alexnet", "changed_alexnet", "digit_recognizer", "inception_alexnet")
QUICK_FIRST = [pytest.param(name, marks=pytest.mark.slow) if name in LARGE else name for name in NAMES]


fresh = cache(lambda name: build(name, "relu", 0))  # for tests that do not train it: the large ones take a second


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Run as training does: with two threads, a busy neighbour makes these networks many times slower."""
    with exact(seed=0):
        yield


def strokes(count: int) -> torch.Tensor:
    """Return (count, 1, 28, 28) in 0..1: bars at ten places and slants, a class each, and a little grain."""
    grain = torch.Generator().manual_seed(0)
    images = 0.1 * torch.rand(count, 1, 28, 28, generator=grain)
    for index in range(count):
        place = 4 + 2 * (index % 10)
        images[index, 0, 4:24, place - 1 : place + 2] += 0.8
        images[index, 0, place - 1 : place + 2, 4:24] += 0.1 * (index % 2)
    return images.clamp(0, 1)


def test_every_name_that_parameters_allow_is_built_and_no_other() -> None:
    assert set(ARCHITECTURES) == set(get_args(params.Architecture))


@pytest.mark.parametrize("name", NAMES)
def test_parameter_count_is_the_published_one(name: str) -> None:
    count = parameter_count(fresh(name))
    published = ARCHITECTURES[name].published_parameters
    assert count == ARCHITECTURES[name].parameters
    assert published is None or count == published


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("lenet5", 61_706),
        ("changed_alexnet", 8_467_146),
        ("digit_recognizer", 1_087_402),
        ("simple_cnn", 194_474),
        ("alexnet", 21_589_706),
    ],
)
def test_registry_states_what_the_reports_state(name: str, count: int) -> None:
    assert ARCHITECTURES[name].published_parameters == count


def test_inception_alexnet_is_26_times_smaller_than_alexnet() -> None:
    ours = ARCHITECTURES["inception_alexnet"].parameters
    assert round(ours, -5) == 800_000
    assert ARCHITECTURES["alexnet"].parameters // ours == 26


@pytest.mark.parametrize("name", NAMES)
def test_digits_become_ten_logits(name: str) -> None:
    with torch.inference_mode():
        logits = fresh(name).eval()(strokes(3))
    assert logits.shape == (3, 10)
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_gradient_reaches_every_parameter(name: str) -> None:
    network = fresh(name).train()
    torch.autograd.backward(cross_entropy(network(strokes(20)), torch.arange(20) % 10))
    unreached = [key for key, value in network.named_parameters() if value.grad is None or not value.grad.any()]
    assert unreached == []


@pytest.mark.parametrize("name", QUICK_FIRST)
def test_network_learns_ten_digits_by_heart(name: str) -> None:
    network, images, labels = build(name, "relu", 0), strokes(10), torch.arange(10)
    rate = 0.0003 if name == "alexnet" else 0.001  # its wide dense layers without batch norm swing at 0.001
    optimizer = make_optimizer(network, "adam", rate, 0.0)
    for _ in range(40):
        optimizer.zero_grad()
        torch.autograd.backward(cross_entropy(network(images), labels))
        optimizer.step()
    with torch.inference_mode():
        assert network.eval()(images).argmax(dim=1).tolist() == labels.tolist()


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_lenet5_takes_each_activation(activation: str) -> None:
    kinds = {type(layer).__name__.lower() for layer in build("lenet5", activation, 0).modules()}
    assert kinds & {"relu", "tanh", "sigmoid"} == {activation}


def test_same_seed_same_weights_and_another_seed_others() -> None:
    first, again, other = (weights_bytes(build("lenet5", "relu", seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_building_leaves_the_random_state_alone() -> None:
    before = torch.random.get_rng_state()
    build("mlp", "relu", 5)
    assert torch.equal(before, torch.random.get_rng_state())
