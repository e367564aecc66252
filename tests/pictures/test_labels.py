import math

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from pipeline.pictures.labels import place


@pytest.mark.parametrize("apart", [0.0, 0.004, 0.01, 0.02, 0.1])
def test_a_name_without_a_line_is_nearer_to_its_own_point_than_to_any_other(apart: float) -> None:
    figure = Figure(figsize=(8, 4), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    points = [(0.5, 0.5), (0.5 + apart, 0.5), (0.5 + 2 * apart, 0.49)]
    place(axes, points, [(0.3, 0.7)] * 3, ["one", "another", "a third"], ["black"] * 3)
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]  # matplotlib's own
    pixels = axes.transData.transform(points)
    names = [text for text in axes.texts if isinstance(text, Annotation)]
    assert [text.get_text() for text in names] == ["one", "another", "a third"]
    for own, text in enumerate(names):
        box = Text.get_window_extent(text, renderer)
        gaps = [math.hypot(max(box.x0 - x, 0, x - box.x1), max(box.y0 - y, 0, y - box.y1)) for x, y in pixels]
        led = text.arrow_patch is not None and text.arrow_patch.get_visible()
        assert led or gaps[own] == min(gaps), text.get_text()


@pytest.mark.slow
def test_where_bars_leave_no_room_names_lie_on_them_and_on_no_point_and_no_name() -> None:
    figure = Figure(figsize=(8, 4), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    points = [(0.1 + 0.04 * place, 0.5) for place in range(20)]
    place(axes, points, [(0.0, 1.0)] * 20, [f"network {number}" for number in range(20)], ["black"] * 20)
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]  # matplotlib's own
    boxes = [Text.get_window_extent(text, renderer) for text in axes.texts]
    crossed = {a for a, box in enumerate(boxes) for b, other in enumerate(boxes) if a != b and box.overlaps(other)}
    covered = [box for box in boxes for point in axes.transData.transform(points) if box.contains(*point)]
    assert crossed == set()
    assert covered == []
