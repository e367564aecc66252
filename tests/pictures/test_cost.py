from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from pipeline.pictures import cost
from pipeline.pictures.error_axis import accuracy_axis, error, percent
from pipeline.runs import scores_of
from tests.made_results import result

ROWS = [
    result(88),
    result(41, name="lenet5-ours", recipe="ours", processor_seconds=300.0),
    result(36, name="inception_alexnet-report", architecture="inception_alexnet", processor_seconds=14_000.0),
    result(0, name="perfect", architecture="digitnet", recipe="ours", processor_seconds=2000.0),
]


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Every figure that is saved while the test runs."""
    saved: list[Figure] = []
    save = Figure.savefig

    def keep(figure: Figure, *arguments: object, **options: object) -> None:
        saved.append(figure)
        save(figure, *arguments, **options)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(Figure, "savefig", keep)
    return saved


def words(axes: Axes) -> set[str]:
    return {text.get_text() for text in axes.texts}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("across", "label"),
    [
        ("seconds", "processor seconds of the training, all folds (Imagined CPU)"),
        ("multiply-adds", "multiply-adds of the training, all folds (3 x one network's x digits seen)"),
    ],
)
def test_picture_has_labelled_axes_each_run_and_each_report(
    across: cost.Cost, label: str, tmp_path: Path, figures: list[Figure]
) -> None:
    cost.draw(tmp_path / "a.png", cost.shown(scores_of(ROWS), across), across)
    (axes,) = figures[0].axes
    assert axes.get_xlabel() == label
    assert axes.get_ylabel() == "accuracy on the 10,000 official MNIST test digits (log scale of the errors)"
    assert {row.name for row in ROWS} | {"98.97% lenet5", "99.66% inception_alexnet"} == words(axes)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (1260, 792)
        assert np.asarray(picture.convert("L")).std() > 10


def test_points_stand_at_cost_and_error_with_their_interval(tmp_path: Path, figures: list[Figure]) -> None:
    cost.draw(tmp_path / "a.png", scores_of([ROWS[0]]), "seconds")
    (axes,) = figures[0].axes
    drawn = [np.asarray(line.get_xydata()).round(6).tolist() for line in axes.lines]
    row = ROWS[0]
    assert [[180.5, 0.0088]] in drawn
    assert [[180.5, round(1 - row.ci95_high, 6)], [180.5, round(1 - row.ci95_low, 6)]] in drawn


@pytest.mark.slow
def test_names_overlap_neither_each_other_nor_points(tmp_path: Path, figures: list[Figure]) -> None:
    close = [result(88 + i, name=f"a-run-{i}", processor_seconds=100.0 + i) for i in range(6)]
    cost.draw(tmp_path / "a.png", scores_of(close), "seconds")
    (axes,) = figures[0].axes
    renderer = figures[0].canvas.get_renderer()  # type: ignore[attr-defined]  # Agg's, not typed
    boxes = [
        mpl.text.Text.get_window_extent(text, renderer) for text in axes.texts if text.get_text().startswith("a-run")
    ]
    assert len(boxes) == 6
    assert not any(box.overlaps(other) for i, box in enumerate(boxes) for other in boxes[:i])


def test_only_official_digits_are_shown_and_by_seconds_only_processors() -> None:
    rows = [
        result(name="kept"),
        result(8, 1000, name="bundled"),
        result(8, 498, name="students", source="ptddigits"),
        result(name="gpu", device="cuda"),
    ]
    assert [s.first.name for s in cost.shown(scores_of(rows), "seconds")] == ["kept"]
    assert [s.first.name for s in cost.shown(scores_of(rows), "multiply-adds")] == ["gpu", "kept"]


def test_several_machines_and_seeds_are_said() -> None:
    rows = [result(), result(seed=1), result(name="b", processor="B")]
    assert cost.x_label(scores_of(rows), "seconds").endswith("(2 kinds of processor)")
    assert [cost.name(score) for score in scores_of(rows)] == ["b", "lenet5-report (2 seeds)"]


@pytest.mark.slow
def test_same_results_same_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        cost.draw(tmp_path / name, scores_of(ROWS), "seconds")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_better_is_higher_and_ticks_say_accuracy() -> None:
    axes = Figure().subplots()
    accuracy_axis(axes, "accuracy", [0.98, 1.0])
    bottom, top = axes.get_ylim()
    assert bottom > error(0.98) > error(0.999) > error(1.0) > top > 0
    labels = [percent(1 - tick) for tick in axes.get_yticks() if bottom >= tick >= top]
    assert labels == ["98%", "99%", "99.5%", "99.8%", "99.9%", "99.95%", "99.98%", "99.99%"]
