import itertools
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from PIL import Image

from pipeline.factors import Outcome, ranked
from pipeline.pictures import sweep_bars
from pipeline.pictures.sweep_marks import COLOURS, colours_of
from tests.pictures.sweeps import drawn, sweep_of


@pytest.mark.slow
def test_every_row_has_its_number_values_and_accuracy_the_best_on_top(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = sweep_of(81)
    (axes,) = drawn(monkeypatch, sweep_bars, outcomes).axes
    texts = [text.get_text() for text in axes.texts]
    for column, name in enumerate(("row", "activation", "learning\nrate")):
        start = texts.index(name) + 1
        found = texts[start : start + 81]
        assert found == [str([row.number, *row.values.values()][column]) for row in ranked(outcomes)]
    assert texts[:81] == [f"{row.worth:.2%}" for row in ranked(outcomes)]
    assert axes.get_xlabel() == "validation error"
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    errors = [bar.get_x() + bar.get_width() for bar in bars]
    np.testing.assert_allclose(errors, [1 - row.worth for row in ranked(outcomes)])
    assert [bar.get_y() for bar in bars] == sorted(bar.get_y() for bar in bars)
    assert axes.yaxis_inverted()


def test_a_row_that_diverged_is_said_to_have(monkeypatch: pytest.MonkeyPatch) -> None:
    (axes,) = drawn(monkeypatch, sweep_bars, sweep_of(9, diverged=(4,))).axes
    texts = [text.get_text() for text in axes.texts]
    assert texts.index("diverged") == 8
    assert [bool(patch.get_hatch()) for patch in axes.patches] == [False] * 8 + [True]


@pytest.mark.slow
def test_of_very_many_rows_the_best_and_the_worst_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = sweep_of(162)
    figure = drawn(monkeypatch, sweep_bars, outcomes)
    texts = [text.get_text() for text in figure.axes[0].texts]
    start = texts.index("row") + 1
    order = [str(row.number) for row in ranked(outcomes)]
    assert texts[start : start + sweep_bars.MOST] == order[:90] + order[-30:]
    assert figure.texts[0].get_text() == "162 rows of a sweep, the best on top: the best 90 and the worst 30"


def test_long_values_have_room(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        Outcome(number, {"model.arch": arch, "train.seed": 0}, 0.9, 0.1, 1, 9, 9, 1, 1.0)
        for number, arch in enumerate(("mlp", "inception_alexnet"), start=1)
    ]
    figure = drawn(monkeypatch, sweep_bars, rows)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert not [one for one, other in itertools.combinations(boxes, 2) if one.overlaps(other)]
    assert min(box.x0 for box in boxes) > 0


def test_every_value_has_a_colour_of_its_own() -> None:
    for count in (1, len(COLOURS), len(COLOURS) + 1, 30):
        rows = [Outcome(i, {"train.seed": i}, 0.9, 0.1, 1, 9, 9, 1, 1.0) for i in range(count)]
        assert len(set(colours_of(rows, "train.seed").values())) == count


@pytest.mark.slow
def test_the_picture_is_the_same_bytes_again(tmp_path: Path) -> None:
    for name, count in (("a.png", 9), ("b.png", 9), ("c.png", 8)):
        sweep_bars.draw(tmp_path / name, sweep_of(count))
    first, again, other = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert first == again != other
    with Image.open(tmp_path / "a.png") as picture:
        assert set(picture.info) == {"dpi"}
