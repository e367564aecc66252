import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.learning.architectures import build
from pipeline.learning.schedule import HALVE_AFTER, STOP_AFTER, make_optimizer, plateau, rate_at, set_rate

LOSSES = st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), max_size=30)


def test_one_cycle_rises_to_the_peak_and_falls_to_nothing() -> None:
    rates = [rate_at(step, 101, 0.5, "one-cycle") for step in range(101)]
    peak = int(np.argmax(rates))
    assert rates[peak] == pytest.approx(0.5)
    assert peak == 30
    assert rates == sorted(rates[:peak]) + sorted(rates[peak:], reverse=True)
    assert rates[0] == pytest.approx(0.02)
    assert rates[-1] < 1e-5


def test_one_cycle_is_pytorchs_to_within_a_step() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)])
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=1001, final_div_factor=1e5 / 25)
    for step in range(1000):
        before = theirs.get_last_lr()[0]
        optimizer.step()
        theirs.step()
        step_size = 0.5 * math.pi / 2 / 300  # at its steepest, in the rise
        assert rate_at(step, 1001, 0.5, "one-cycle") == pytest.approx(before, abs=step_size)


@pytest.mark.parametrize("schedule", ["constant", "plateau"])
def test_within_an_epoch_the_other_schedules_are_their_peak(schedule: str) -> None:
    assert {rate_at(step, 100, 0.5, schedule) for step in range(100)} == {0.5}


def test_the_reports_plateau_halves_after_2_and_stops_after_6() -> None:
    assert (HALVE_AFTER, STOP_AFTER) == (2, 6)
    worse = [0.1, *[0.2] * 6]
    told = [plateau(worse[:epochs]) for epochs in range(8)]
    assert [factor for factor, _ in told] == [1, 1, 1, 1 / 2, 1 / 2, 1 / 4, 1 / 4, 1 / 8]
    assert [stop for _, stop in told] == [False] * 7 + [True]


def test_an_equal_loss_is_no_better_one() -> None:
    assert plateau([0.1, 0.1, 0.1]) == (1 / 2, False)


@given(LOSSES)
def test_a_better_loss_grants_six_more_epochs_and_keeps_the_rate(losses: list[float]) -> None:
    factor, _ = plateau(losses)
    better = [*losses, 0.01]
    for worse in range(STOP_AFTER):
        assert plateau([*better, *[0.3] * worse]) == (factor / 2 ** (worse // HALVE_AFTER), False)
    assert plateau([*better, *[0.3] * STOP_AFTER])[1]


@given(LOSSES)
def test_plateau_does_what_pytorchs_scheduler_does(losses: list[float]) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=HALVE_AFTER - 1, threshold=0)
    for loss in losses:
        theirs.step(loss)
    assert plateau(losses)[0] == max(optimizer.param_groups[0]["lr"], 0)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adam", torch.optim.Adam),
        ("adamw", torch.optim.AdamW),
        ("sgd", torch.optim.SGD),
        ("rmsprop", torch.optim.RMSprop),
    ],
)
def test_an_optimizers_name_means_it_and_biases_do_not_decay(name: str, kind: type[torch.optim.Optimizer]) -> None:
    optimizer = make_optimizer(build("digitnet", "relu", 0), name, 0.1, 0.5)
    assert type(optimizer) is kind
    decay = {parameter.ndim: group["weight_decay"] for group in optimizer.param_groups for parameter in group["params"]}
    assert decay == {4: 0.5, 2: 0.5, 1: 0.0}


def test_sgd_looks_ahead_along_its_momentum() -> None:
    """Nesterov's: of a gradient that stays 1 the second step is 1 + 0.9 (1 + 0.9), and the first 1 + 0.9."""
    network = build("lenet5", "relu", 0)
    optimizer = make_optimizer(network, "sgd", 0.01, 0.0)
    weight = next(network.parameters())
    moved = [weight.detach().clone()]
    for _ in range(2):
        for parameter in network.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
        moved.append(weight.detach().clone())
    assert (moved[0] - moved[1]).numpy() == pytest.approx(0.01 * 1.9, abs=1e-6)
    assert (moved[1] - moved[2]).numpy() == pytest.approx(0.01 * (1 + 0.9 * 1.9), abs=1e-6)


@pytest.mark.first_quick
@pytest.mark.parametrize("name", ["adam", "adamw", "sgd", "rmsprop"])
def test_without_decay_one_group_takes_the_same_steps_as_two(name: str) -> None:
    """Next to no decay makes two groups: a step of 1e-40 is lost in rounding."""
    networks = [build("digitnet", "relu", 0) for _ in range(2)]
    optimizers = [
        make_optimizer(network, name, 0.01, decay) for network, decay in zip(networks, (0.0, 1e-38), strict=True)
    ]
    assert [len(optimizer.param_groups) for optimizer in optimizers] == [1, 2]
    for step in range(3):
        for network, optimizer in zip(networks, optimizers, strict=True):
            for place, parameter in enumerate(network.parameters()):
                generator = torch.Generator().manual_seed(100 * step + place)
                parameter.grad = torch.randn(parameter.shape, generator=generator)
            optimizer.step()
    one, two = (list(network.parameters()) for network in networks)
    assert all(torch.equal(first, second) for first, second in zip(one, two, strict=True))


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd", "rmsprop"])
def test_the_rate_that_is_set_is_the_rate_of_the_next_step(name: str) -> None:
    network = build("mlp", "relu", 0)
    optimizer = make_optimizer(network, name, 0.1, 0.0)
    before = [parameter.detach().clone() for parameter in network.parameters()]
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    set_rate(optimizer, 0.0)
    optimizer.step()
    assert all(torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))
    set_rate(optimizer, math.pi)
    optimizer.step()
    assert not any(torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))
