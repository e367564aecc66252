from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from pipeline.learning.architectures import ARCHITECTURES, build
from pipeline.learning.device import exact
from pipeline.learning.predict import as_input, place
from pipeline.learning.schedule import make_optimizer
from pipeline.learning.stacked import Stack, stackable
from pipeline.learning.step import StackedStep, Step

PLAIN = ["lenet5", "mlp", "simple_cnn"]
COUNT, BATCH = 3, 8
IMAGES = torch.randint(0, 256, (60, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(60) % 10
ROWS = torch.randperm(60, generator=torch.Generator().manual_seed(1))[: COUNT * BATCH].reshape(BATCH, COUNT)


def networks(arch: str = "lenet5", activation: str = "relu", count: int = COUNT) -> list[nn.Module]:
    return [place(build(arch, activation, seed), "cpu").train() for seed in range(count)]


def step_of(
    network: nn.Module, kind: type[Step], rule: str, images: Tensor = IMAGES, precision: str = "float32"
) -> Step:
    optimizer = make_optimizer(network, rule, 0.001, weight_decay=0.3)
    return kind(network, optimizer, images, LABELS, label_smoothing=0.1, precision=precision)


def weights(network: nn.Module) -> list[Tensor]:
    return [weight.detach().contiguous() for weight in network.parameters()]


@pytest.mark.slow
def test_networks_without_dropout_and_batch_norm_are_stackable_and_those_of_together_are() -> None:
    assert sorted(name for name in ARCHITECTURES if stackable(build(name, "relu", 0))) == sorted(PLAIN)
    assert {name for name, known in ARCHITECTURES.items() if known.together} <= set(PLAIN)


@pytest.mark.parametrize(
    "layer",
    [
        nn.PReLU(),
        nn.Conv2d(1, 6, 3, dilation=2),
        nn.Conv2d(2, 6, 3, groups=2),
        nn.Conv2d(1, 6, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(1, 6, 3, bias=False),
        nn.Linear(784, 10, bias=False),
    ],
)
def test_what_a_stack_would_compute_otherwise_it_refuses(layer: nn.Module) -> None:
    network = nn.Sequential(layer)
    assert not stackable(network)
    with pytest.raises(ValueError, match="expected networks that `stackable` takes, got as number 1"):
        Stack([nn.Sequential(), network])


@pytest.mark.parametrize(("arch", "activation"), [*((arch, "relu") for arch in PLAIN), ("lenet5", "tanh")])
def test_a_stack_says_of_each_networks_digits_what_the_network_says(arch: str, activation: str) -> None:
    singles = networks(arch, activation)
    with exact(seed=0), torch.no_grad():
        found = Stack(singles)(IMAGES[ROWS].float() / 255)
        assert found.shape == (COUNT, BATCH, 10)
        for number, network in enumerate(singles):
            torch.testing.assert_close(found[number], network(as_input(IMAGES[ROWS[:, number]])), rtol=1e-4, atol=1e-5)


@pytest.mark.first_quick(4)
@pytest.mark.parametrize("rule", ["adam", "adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize("arch", PLAIN)
def test_a_step_of_a_stack_is_each_networks_own_step(arch: str, rule: str) -> None:
    """But for rounding, which the first steps of most rules make much of."""
    singles, copies = networks(arch), networks(arch)
    with exact(seed=0):
        stack = Stack(copies)
        together = step_of(stack, StackedStep, rule)
        apart = [step_of(network, Step, rule) for network in singles]
        for rate in (0.001, 0.0005, 0.002):
            together(ROWS, rate)
            for number, step in enumerate(apart):
                step(ROWS[:, number], rate)
        stack.write_back(copies)
    torch.testing.assert_close(together.total, torch.stack([step.total for step in apart]), rtol=1e-4, atol=1e-4)
    for copied, single in zip(copies, singles, strict=True):
        for one, other in zip(weights(copied), weights(single), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=5e-4)  # of 3.5e-3


@pytest.mark.parametrize("arch", PLAIN)
def test_bfloat16_rounds_in_a_stack_as_it_does_in_its_networks(arch: str) -> None:
    """But for a hundredth of the rounding."""
    losses = {}
    for precision in ("float32", "bfloat16"):
        with exact(seed=0):
            stacked = step_of(Stack(networks(arch)), StackedStep, "sgd", precision=precision)
            apart = [step_of(network, Step, "sgd", precision=precision) for network in networks(arch)]
            stacked(ROWS, 0.001)
            for number, step in enumerate(apart):
                step(ROWS[:, number], 0.001)
        losses[precision] = stacked.total, torch.stack([step.total for step in apart])
    together, alone = losses["bfloat16"]
    rounded = (alone - losses["float32"][1]).abs().mean()
    assert (together - alone).abs().mean() < rounded / 100


@pytest.mark.parametrize("arch", PLAIN)
def test_what_decays_in_a_stack_is_what_decays_in_its_networks(arch: str) -> None:
    def decaying(network: nn.Module) -> int:
        groups = make_optimizer(network, "adamw", 0.001, weight_decay=0.3).param_groups
        return sum(weight.numel() for group in groups if group["weight_decay"] for weight in group["params"])

    singles = networks(arch)
    assert decaying(Stack(singles)) == COUNT * decaying(singles[0]) > 0


@pytest.mark.parametrize("arch", PLAIN)
def test_a_network_learns_nothing_from_the_digits_of_another(arch: str) -> None:
    images = IMAGES.clone()
    images[ROWS[:, 1]] = 255 - images[ROWS[:, 1]]
    found = []
    for shown in (IMAGES, images):
        singles = networks(arch)
        with exact(seed=0):
            stack = Stack(singles)
            step_of(stack, StackedStep, "adam", shown)(ROWS, 0.001)
            stack.write_back(singles)
        found.append([torch.cat([weight.flatten() for weight in weights(network)]) for network in singles])
    assert [torch.equal(*pair) for pair in zip(*found, strict=True)] == [True, False, True]


@pytest.mark.parametrize("arch", PLAIN)
def test_weights_come_back_as_they_went_in(arch: str) -> None:
    singles, others = networks(arch), [build(arch, "relu", 9) for _ in range(COUNT)]
    Stack(singles).write_back(others)
    for single, other in zip(singles, others, strict=True):
        assert all(torch.equal(*pair) for pair in zip(weights(single), weights(other), strict=True))


def test_poolings_work_backwards_channels_last() -> None:
    """As they come out of the flattened layers their gradients are not, and take several times as long."""
    stack, seen = Stack(networks()), []

    def remember(_: nn.Module, __: Any, gradients: tuple[Tensor, ...]) -> None:
        seen.append(gradients[0].is_contiguous(memory_format=torch.channels_last))

    for layer in stack:
        if isinstance(layer, nn.AvgPool2d):
            layer.register_full_backward_hook(cast("Any", remember))
    torch.autograd.backward(stack(IMAGES[ROWS].float() / 255).sum())
    assert seen == [True, True]
