from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pipeline.learning.architectures import build
from pipeline.learning.device import exact
from pipeline.learning.predict import as_input, place
from pipeline.learning.schedule import make_optimizer
from pipeline.learning.stacked import Stack
from pipeline.learning.step import EAGER, CapturedStep, StackedStep, Step

IMAGES = torch.randint(0, 256, (60, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(60) % 10
BATCHES = torch.arange(60).flip(0).reshape(3, 20)
RATES = (0.001, 0.0003, 0.002)


def made(
    device: str = "cpu",
    precision: str = "float32",
    *,
    arch: str = "lenet5",
    rule: str = "adam",
    decay: float = 0.0,
) -> Step:
    network = place(build(arch, "relu", 0), device).train()
    optimizer = make_optimizer(network, rule, 0.5, decay)
    images, labels = IMAGES.to(device), LABELS.to(device)
    return Step(network, optimizer, images, labels, label_smoothing=0.1, precision=precision)


def textbook() -> tuple[nn.Module, float]:
    """The same steps as a tutorial writes them, and the sum of their losses."""
    network = build("lenet5", "relu", 0)
    optimizer = torch.optim.Adam(network.parameters(), weight_decay=0)
    total = 0.0
    for rows, rate in zip(BATCHES, RATES, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = cross_entropy(network(IMAGES[rows, None] / 255), LABELS[rows], label_smoothing=0.1)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        total += loss.item()
    return network, total


def test_steps_are_those_of_a_textbook() -> None:
    with exact(seed=0):
        step = made()
        for rows, rate in zip(BATCHES, RATES, strict=True):
            step(rows, rate)
        network, total = textbook()
    assert step.total.item() == pytest.approx(total, rel=1e-6)
    for ours, theirs in zip(step.network.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(ours.contiguous(), theirs, atol=1e-5, rtol=1e-4)


def test_bfloat16_multiplies_only_and_leaves_weights_and_loss_in_float32() -> None:
    seen: list[torch.dtype] = []

    def remember(_: nn.Module, __: Any, output: Tensor) -> None:
        seen.append(output.dtype)

    with exact(seed=0):
        low, high = made(precision="bfloat16"), made()
        for layer in low.network.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.register_forward_hook(remember)
        for rows, rate in zip(BATCHES, RATES, strict=True):
            low(rows, rate)
            high(rows, rate)
    assert set(seen) == {torch.bfloat16}
    assert {parameter.dtype for parameter in low.network.parameters()} == {torch.float32}
    assert low.total.dtype == torch.float32
    assert low.total.item() != high.total.item()
    assert low.total.item() == pytest.approx(high.total.item(), rel=0.01)


def test_every_digit_becomes_float_in_the_step_and_stays_a_byte_outside() -> None:
    step = made()
    step(BATCHES[0], 0.001)
    assert step.images.dtype == torch.uint8
    assert torch.equal(step.images, IMAGES)
    assert as_input(IMAGES[:2]).dtype == torch.float32


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU here")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("rule", ["adam", "adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize("arch", ["lenet5", "digitnet", "digit_recognizer"])  # plain, with batch norm, with dropout
def test_a_captured_step_does_what_the_step_does(arch: str, rule: str, precision: str) -> None:
    taken: list[Step] = []
    for captured in (False, True):
        with exact(seed=0, device="cuda"):  # from the same random state: dropout draws from it
            step = made("cuda", precision, arch=arch, rule=rule, decay=0.01)
            take = CapturedStep(step, BATCHES[0].shape) if captured else step
            for turn in range(EAGER + 4):
                take(BATCHES[turn % 3].cuda(), RATES[turn % 3])
        taken.append(step)
    assert_same(*taken)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU here")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("rule", ["adam", "adamw", "sgd", "rmsprop"])
def test_a_captured_step_of_a_stack_does_what_the_step_does(rule: str, precision: str) -> None:
    taken: list[Step] = []
    for captured in (False, True):
        with exact(seed=0, device="cuda"):
            stack = Stack([place(build("lenet5", "relu", seed), "cuda") for seed in range(3)]).train()
            optimizer = make_optimizer(stack, rule, 0.5, 0.01)
            step = StackedStep(stack, optimizer, IMAGES.cuda(), LABELS.cuda(), label_smoothing=0.1, precision=precision)
            take = CapturedStep(step, BATCHES.T.shape) if captured else step
            for turn in range(EAGER + 4):
                take(BATCHES.T.roll(turn, 0).contiguous().cuda(), RATES[turn % 3])
        taken.append(step)
    assert_same(*taken)


def assert_same(one_step: Step, other_step: Step) -> None:
    torch.testing.assert_close(one_step.total, other_step.total)
    for one, other in zip(
        one_step.network.state_dict().values(), other_step.network.state_dict().values(), strict=True
    ):
        torch.testing.assert_close(one, other)
