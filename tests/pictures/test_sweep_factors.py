import itertools
from pathlib import Path

import numpy as np
import pytest

from pipeline.factors import Outcome, by_value, mean_worth
from pipeline.pictures import sweep_factors
from tests.pictures.sweeps import ACTIVATIONS, RATES, drawn, sweep_of


@pytest.mark.slow
def test_a_panel_a_factor_says_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = drawn(monkeypatch, sweep_factors, sweep_of(81))
    assert [axes.get_title() for axes in figure.axes] == ["activation", "learning rate", "seed"]
    ticks = [[label.get_text() for label in axes.get_xticklabels()] for axes in figure.axes]
    assert ticks == [list(ACTIVATIONS), [f"{rate}" for rate in RATES], [f"{seed}" for seed in range(9)]]
    assert figure.axes[0].get_ylabel() == "validation error (logarithmic)"
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["all rows", "activation relu", "activation tanh", "activation sigmoid"]


def test_every_panel_has_every_row_and_the_line_of_the_means(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = sweep_of(81, diverged=(80, 81))
    figure = drawn(monkeypatch, sweep_factors, outcomes)
    for axes, name in zip(figure.axes, ("model.activation", "train.learning_rate", "train.seed"), strict=True):
        heights = np.concatenate([np.asarray(dots.get_offsets())[:, 1] for dots in axes.collections])
        np.testing.assert_allclose(sorted(heights), sorted(1 - row.worth for row in outcomes))
        (line,) = [line for line in axes.lines if line.get_color() == "black"]
        means = [1 - mean_worth(group) for group in by_value(outcomes, name).values()]
        np.testing.assert_allclose(np.asarray(line.get_ydata()), means)


@pytest.mark.slow
def test_no_text_lies_on_another_or_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    archs = ("inception_alexnet", "digit_recognizer", "changed_alexnet", "digitnet", "lenet5", "mlp")
    rows = [
        Outcome(number, {"model.arch": arch, "train.seed": number % 2}, 1 - 0.1 * number, 0.1, 1, 9, 9, 1, 1.0)
        for number, arch in enumerate(archs)
    ]
    figure = drawn(monkeypatch, sweep_factors, rows)
    figure.draw_without_rendering()
    legend = figure.legends[0].get_window_extent()
    labels = [label.get_window_extent() for axes in figure.axes for label in axes.get_xticklabels()]
    assert not [box for box in labels if box.overlaps(legend)]
    assert legend.y0 >= 0
    for one, other in itertools.pairwise(labels):
        assert not one.overlaps(other)


def test_no_error_at_all_is_within_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Outcome(i, {"train.seed": i}, 1.0, 0.1, 1, 90, 10, 1, 1.0) for i in range(2)]
    (axes,) = drawn(monkeypatch, sweep_factors, rows).axes
    heights = np.concatenate([np.asarray(dots.get_offsets())[:, 1] for dots in axes.collections])
    assert heights.tolist() == [0.05, 0.05]  # half a digit of ten
    assert min(axes.get_ylim()) < 0.05


@pytest.mark.slow
def test_the_picture_is_the_same_bytes_again(tmp_path: Path) -> None:
    for name, count in (("a.png", 9), ("b.png", 9), ("c.png", 8)):
        sweep_factors.draw(tmp_path / name, sweep_of(count))
    first, again, other = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert first == again != other
