import io
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from pipeline import networks
from pipeline.errors import BadInputError
from pipeline.learning.architectures import ARCHITECTURES
from pipeline.results import Result, write
from tests.made_results import result


def shown(content: RenderableType, width: int = 120) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width).print(content)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


@pytest.mark.slow
def test_every_network_has_its_costs_its_source_and_figures(tmp_path: Path) -> None:
    write(tmp_path / "r.csv", [result(41, name="best", recipe="ours"), result(90, name="other")], Result)
    lines = shown(networks.every(tmp_path / "r.csv"))
    assert "lenet5 61,706 416,520 LeNet-5 report, after LeCun et al. 1998" in lines
    assert "lenet5 MNIST 98.97% 99.59% ours best" in lines
    assert "simple_cnn MNIST 98.60% - - -" in lines
    assert "digitnet MNIST - - - -" in lines
    assert "handwriting* 98.36% - - -" in lines
    assert all(sum(line.startswith(f"{name} ") for line in lines) == 2 for name in ARCHITECTURES)


@pytest.mark.slow
def test_no_results_yet_is_no_error(tmp_path: Path) -> None:
    assert "lenet5 MNIST 98.97% - - -" in shown(networks.every(tmp_path / "none.csv"))


@pytest.mark.slow
def test_figures_tell_runs_that_saw_handwriting_from_those_that_did_not(tmp_path: Path) -> None:
    same = {"architecture": "digit_recognizer", "source": "handwriting"}
    rows = [result(9, 498, name="a", **same), result(4, 498, name="b", trained_on="mnist+ptddigits", **same)]
    write(tmp_path / "r.csv", rows, Result)
    lines = shown(networks.every(tmp_path / "r.csv"))
    assert "handwriting 95.25% 98.19% report a" in lines
    assert "handwriting* 98.36% 99.20% report b" in lines


def test_one_network_has_a_line_a_layer_and_its_totals() -> None:
    lines = shown(networks.one("lenet5"), width=80)
    assert "0 conv 5x5, 6 filters 6x28x28 156 117,600" in lines
    assert "2 average pool 2x2 6x14x14" in lines
    assert "all 61,706 416,520" in lines
    assert "Source: LeNet-5 report, after LeCun et al. 1998." in lines


def test_unknown_network_gets_the_nearest() -> None:
    with pytest.raises(BadInputError, match="expected a network, got `lenet`; did you mean `lenet5`"):
        networks.one("lenet")


def test_one_network_shows_what_auto_means_for_it() -> None:
    assert "train.batch_size 64 16" in shown(networks.one("lenet5"), width=80)
    assert "train.batch_size 64" in shown(networks.one("mlp"), width=80)  # which has no report
