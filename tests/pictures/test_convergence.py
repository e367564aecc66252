from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from pipeline.pictures import convergence
from pipeline.results import Epoch
from tests.made_results import epochs, result

LARGE = result(name="large", architecture="alexnet", parameters=2600, recipe="report")
SMALL = result(name="small", architecture="inception_alexnet", parameters=100, recipe="report")


def row(fold: int, epoch: int, accuracy: float, seconds: float, name: str = "large") -> Epoch:
    return Epoch(
        name=name,
        seed=0,
        fold=fold,
        epoch=epoch,
        processor_seconds=seconds,
        train_loss=1.0,
        validation_loss=0.5,
        validation_accuracy=accuracy,
    )


def test_mean_ends_where_the_first_fold_stopped() -> None:
    rows = (row(0, 1, 0.9, 10), row(0, 2, 0.96, 20), row(1, 1, 0.92, 20))
    course = convergence.Course(LARGE, rows)
    assert course.mean == [pytest.approx((1, 15, 0.5, 0.91))]
    assert [len(fold) for fold in course.folds] == [2, 1]
    assert course.epoch_seconds == 15


def test_comparison_gives_parameters_seconds_an_epoch_and_epochs_to_the_same_accuracy() -> None:
    large = convergence.Course(LARGE, tuple(row(0, i, 0.9 + i / 100, 50.0 * i) for i in range(1, 6)))
    small = convergence.Course(SMALL, tuple(row(0, i, 0.92 + i / 100, 10.0 * i, "small") for i in range(1, 8)))
    cost, speed = convergence.comparison(large, small)
    assert (
        cost
        == "small beside large: 26.0 times fewer parameters, 5.0 times fewer processor seconds an epoch (10 and 50)"
    )
    assert speed == "mean validation accuracy 94.50%: after 3 and 5 epochs, 30 and 250 processor seconds a fold"


def test_a_run_without_curves_is_left_out_and_the_order_is_the_one_asked_for() -> None:
    rows = [*epochs("large", 2, 0.99), *epochs("small", 2, 0.99)]
    found = convergence.courses(["small", "none", "large"], [LARGE, SMALL, result(name="none")], rows)
    assert [course.name for course in found] == ["small", "large"]


@pytest.mark.slow
def test_picture_has_loss_and_accuracy_by_epoch_and_by_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[Figure] = []
    save = Figure.savefig

    def keep(figure: Figure, *arguments: Any, **options: Any) -> None:
        saved.append(figure)
        save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    rows = [*epochs("large", 4, 0.99, seconds=50), *epochs("small", 3, 0.995)]
    shown = convergence.courses(["large", "small"], [LARGE, SMALL], rows)
    convergence.draw(tmp_path / "a.png", shown)
    losses, _, accuracies, times = saved[0].axes
    assert losses.get_ylabel() == "validation loss (log scale)"
    assert accuracies.get_ylabel() == "validation accuracy (log scale of the errors)"
    assert accuracies.get_xlabel() == "epoch"
    assert times.get_xlabel() == "processor seconds of one fold (Imagined CPU)"
    legend = losses.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["large", "small"]
    assert len(times.lines) == 2 * (2 + 1)  # of each run two folds and their mean
    assert np.asarray(times.lines[2].get_xdata()).tolist() == [50, 100, 150, 200]
    with Image.open(tmp_path / "a.png") as picture:
        assert np.asarray(picture.convert("L")).std() > 10


@pytest.mark.slow
def test_one_epoch_and_one_run_can_be_drawn(tmp_path: Path) -> None:
    convergence.draw(tmp_path / "a.png", [convergence.Course(LARGE, (row(0, 1, 1.0, 0.0),))])
    assert (tmp_path / "a.png").stat().st_size > 10_000
