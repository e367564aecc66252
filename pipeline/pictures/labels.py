"""Names beside points, placed so that they lie on no point and no other name, and nearest to their own point."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

NEAR = 9  # points from a point's middle to its name
TURNS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))  # right, left, above, below, corners
SIDES: dict[int, Literal["left", "center", "right"]] = {1: "left", 0: "center", -1: "right"}
HEIGHTS: dict[int, Literal["bottom", "center", "top"]] = {1: "bottom", 0: "center", -1: "top"}
FAR = (1.0, 1.6, 2.4, 3.4, 4.6)  # times NEAR: tried one after the other


def place(
    axes: "Axes",
    points: Sequence[tuple[float, float]],
    bars: Sequence[tuple[float, float]],
    names: Sequence[str],
    colours: Sequence[str],
) -> None:
    """Write each name beside its point, as near as there is room; limits and scales of the axes must be final.

    Names are placed in the order given. No other point is as near to a name as its own; where that cannot be, a thin
    line leads to it from further off. One for which there is no room lies on bars, but on no point and no name; where
    there is no room even so, it is written to the right of its point.

    Parameters
    ----------
    axes : Axes
    points : sequence of (x, y)
        In the axes' units.
    bars : sequence of (y, y)
        Both ends of the upright bar through each point, on which no name lies where there is room elsewhere.
    names, colours : sequence of str
        One a point.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("expected axes in a figure")
    canvas: Any = FigureCanvasAgg(figure)  # its methods are not typed
    renderer = canvas.get_renderer()
    taken, barred = _obstacles(axes, points, bars, figure.dpi / 72)
    ways = [(far, turn, clear) for clear in (True, False) for far in FAR for turn in TURNS]
    inside, places = axes.get_window_extent(renderer), [(x, y) for x, y in axes.transData.transform(list(points))]
    for number, (point, name, colour) in enumerate(zip(points, names, colours, strict=True)):
        text = _written(axes, point, name, colour)
        for far, turn, clear in [*ways, (1.0, (1, 0), False)]:
            box = _moved(text, far, turn, renderer)
            told = far > FAR[0] or _nearest(box, places) == number  # by its line, or by where it stands
            free = not any(box.overlaps(other) for other in (*taken, *(barred if clear else ())))
            if told and free and _within(box, inside):
                break
        if text.arrow_patch is not None:
            text.arrow_patch.set_visible(far > FAR[0])
        taken.append(box)


def _written(axes: "Axes", point: tuple[float, float], name: str, colour: str) -> "Annotation":
    """Write a name, with a line to its point."""
    from matplotlib.patheffects import withStroke

    leader = {"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 5}
    text = axes.annotate(
        name, point, (NEAR, 0), textcoords="offset points", fontsize=8.5, color=colour, arrowprops=leader, zorder=5
    )
    text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
    return text


def _moved(text: "Annotation", far: float, turn: tuple[int, int], renderer: Any) -> "Bbox":
    """Move a name to one of its point's sides, so many times NEAR away; return its box in pixels."""
    from matplotlib.text import Text

    right, up = turn
    text.set_position((right * NEAR * far, up * NEAR * far))
    text.set_horizontalalignment(SIDES[right])
    text.set_verticalalignment(HEIGHTS[up])
    text.update_positions(renderer)
    return Text.get_window_extent(text, renderer)  # an annotation's own would have its line in it


def _obstacles(
    axes: "Axes", points: Sequence[tuple[float, float]], bars: Sequence[tuple[float, float]], unit: float
) -> tuple[list["Bbox"], list["Bbox"]]:
    """Return the boxes of points, and of bars, in pixels; ``unit`` pixels are a point (1/72 inch)."""
    from matplotlib.transforms import Bbox

    dots, uprights = [], []
    for (x, y), ends in zip(points, bars, strict=True):
        (across, middle), (_, low), (_, high) = axes.transData.transform([(x, y), (x, ends[0]), (x, ends[1])])
        uprights.append(Bbox.from_extents(across - unit, min(low, high), across + unit, max(low, high)))
        dots.append(Bbox.from_extents(across - 5 * unit, middle - 5 * unit, across + 5 * unit, middle + 5 * unit))
    return dots, uprights


def _nearest(box: "Bbox", places: Sequence[tuple[float, float]]) -> int:
    """Return which point is nearest to a name, in pixels."""
    gaps = [
        math.hypot(max(box.x0 - x, 0, x - box.x1), max(box.y0 - y, 0, y - box.y1))  # from the box's nearest edge
        for x, y in places
    ]
    return gaps.index(min(gaps))


def _within(box: "Bbox", outer: "Bbox") -> bool:
    return bool(outer.x0 <= box.x0 and box.x1 <= outer.x1 and outer.y0 <= box.y0 and box.y1 <= outer.y1)
