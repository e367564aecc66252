from collections.abc import Iterator
from functools import cache
from typing import get_args

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pipeline import params
from pipeline.learning.architectures import ARCHITECTURES, build, parameter_count
from pipeline.learning.architectures.response_norm import ALPHA, POWER, K, N, ResponseNorm
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


@pytest.mark.parametrize("name", QUICK_FIRST)
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


@pytest.mark.parametrize("name", QUICK_FIRST)
def test_digits_become_ten_logits(name: str) -> None:
    with torch.inference_mode():
        logits = fresh(name).eval()(strokes(3))
    assert logits.shape == (3, 10)
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()


@pytest.mark.parametrize("name", QUICK_FIRST)
def test_gradient_reaches_every_parameter(name: str) -> None:
    network = fresh(name).train()
    torch.autograd.backward(cross_entropy(network(strokes(20)), torch.arange(20) % 10))
    unreached = [key for key, value in network.named_parameters() if value.grad is None or not value.grad.any()]
    assert unreached == []


@pytest.mark.first_quick(2)
@pytest.mark.parametrize("name", ["lenet5", "mlp", *sorted({*NAMES} - {"lenet5", "mlp"})])
def test_network_learns_ten_digits_by_heart(name: str) -> None:
    network, images, labels = build(name, "relu", 0), strokes(10), torch.arange(10)
    rate = 0.0003 if name == "alexnet" else 0.001  # its wide dense layers without batch norm swing at 0.001
    optimizer = make_optimizer(network, "adam", rate, 0.0)
    read = torch.zeros(0)
    for step in range(100):
        optimizer.zero_grad()
        torch.autograd.backward(cross_entropy(network.train()(images), labels))
        optimizer.step()
        if step % 10 == 9:
            with torch.inference_mode():
                read = network.eval()(images).argmax(dim=1)
        if torch.equal(read, labels):
            break
    assert read.tolist() == labels.tolist()


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


def normed(layer: nn.Module, features: Tensor) -> tuple[Tensor, Tensor]:
    """Return what a layer makes of (B, C, H, W), and the gradient of a weighted sum of that."""
    given = features.detach().clone().requires_grad_()
    found = layer(given)
    torch.autograd.backward((found.float() * torch.linspace(-1, 1, found.numel()).reshape(found.shape)).sum())
    assert given.grad is not None
    return found.detach(), given.grad


def features(channels: int, size: float, dtype: torch.dtype = torch.float32) -> Tensor:
    drawn = size * torch.randn(4, channels, 5, 3, generator=torch.Generator().manual_seed(channels))
    return drawn.to(dtype).to(memory_format=torch.channels_last)


# PyTorch divides alpha by the number of neighbours, the paper does not.
PYTORCHS = nn.LocalResponseNorm(N, alpha=N * ALPHA, beta=POWER, k=K)


@pytest.mark.parametrize("channels", [1, 3, 96])
@pytest.mark.parametrize("size", [0.0, 1.0, 100.0])
def test_response_norm_and_its_gradient_are_pytorchs(channels: int, size: float) -> None:
    """At 100 the sums are far above K."""
    ours, theirs = (normed(layer, features(channels, size)) for layer in (ResponseNorm(channels), PYTORCHS))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("size", [1.0, 100.0])
def test_response_norm_in_bfloat16_is_that_in_float32_to_two_per_cent(size: float) -> None:
    low, high = features(96, size, torch.bfloat16), features(96, size, torch.bfloat16).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        ours = normed(ResponseNorm(96), low)
    for one, other in zip(ours, normed(PYTORCHS, high), strict=True):
        assert one.dtype == torch.bfloat16
        assert (one.float() - other).abs().max() < 0.02 * other.abs().max()


@pytest.mark.slow
def test_response_norms_gradient_is_that_of_small_differences() -> None:
    layer = ResponseNorm(6).double()
    assert torch.autograd.gradcheck(layer, features(6, 30.0, torch.float64).requires_grad_())


def test_response_norm_keeps_channels_last_and_adds_nothing_to_the_weights() -> None:
    layer = ResponseNorm(8)
    assert layer(features(8, 1.0)).is_contiguous(memory_format=torch.channels_last)
    assert layer.state_dict() == {}
