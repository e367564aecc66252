"""A sweep as bars: the error of every row, the best on top, beside its values."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.factors import Outcome, ranked, strongest_first
from pipeline.pictures.figure import drawing
from pipeline.pictures.sweep_marks import LETTER, Colours, colours_of, counted, error_of, error_ticks, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 120  # bars that can still be read in one picture; of more rows, the best and, a quarter of these, the worst
BAR = 0.165  # inches a bar
COLUMN = 0.8  # inches: the narrowest column of values


def draw(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Draw the error of every row, the best on top, in the colours of the factor that matters most.

    Parameters
    ----------
    path : Path
        PNG file to create or replace.
    outcomes : sequence of Outcome
        At least one.
    """
    order = ranked(outcomes)
    shown = order if len(order) <= MOST else order[: MOST - MOST // 4] + order[-(MOST // 4) :]
    strongest = strongest_first(outcomes)[0]
    left, right, above, below = 0.7 + sum(_columns(order).values()), 0.75, 1.3, 0.7
    width, height = left + 5.4 + right, above + BAR * (len(shown) + 1) + below
    with drawing(path, width, height) as figure:
        axes = figure.add_axes((left / width, below / height, 1 - (left + right) / width, 1 - (above + below) / height))
        colours = colours_of(outcomes, strongest)
        _draw_bars(axes, shown, strongest, colours)
        _write_values(axes, shown, strongest, colours)
        figure.text(0.15 / width, 1 - 0.3 / height, _title(order, len(shown)), fontsize=12, weight="bold")
        note = f"bars: share of {order[0].digits_validated:,} validation digits misread (logarithmic); number: accuracy"
        figure.text(0.15 / width, 1 - 0.55 / height, note, fontsize=9, color="#555555")


def _title(order: Sequence[Outcome], shown: int) -> str:
    rows = f"{counted(order)}, the best on top"
    return rows if shown == len(order) else f"{rows}: the best {shown - MOST // 4} and the worst {MOST // 4}"


def _draw_bars(axes: "Axes", shown: Sequence[Outcome], factor: str, colours: Colours) -> None:
    places = np.arange(len(shown))
    errors = [error_of(outcome) for outcome in shown]
    start = min(errors) / 1.6
    axes.set_xscale("log")
    axes.set_xlim(start, 1)
    for place, outcome, error in zip(places, shown, errors, strict=True):
        diverged = outcome.accuracy is None
        colour = colours[outcome.values[factor]]
        face: Any = {"color": "white", "edgecolor": colour, "hatch": "////"} if diverged else {"color": colour}
        axes.barh(place, error - start, left=start, height=0.72, linewidth=0.6, **face)
        told = "diverged" if diverged else f"{outcome.worth:.2%}"
        axes.annotate(told, (error, place), (3, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    error_ticks(axes.xaxis)
    axes.tick_params(axis="x", top=True, labeltop=True, labelsize=8, color="#999999")
    axes.set_yticks([])
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("validation error", fontsize=9)


def _write_values(axes: "Axes", shown: Sequence[Outcome], strongest: str, colours: Colours) -> None:
    """Write each row's number and values left of its bar, under the factors' names."""
    edge = 0.12 + sum(_columns(shown).values())  # inches from the bars to the column's right edge
    for name, width in {"row": 0.0, **_columns(shown)}.items():
        edge -= width
        style: Any = {"textcoords": "offset points", "ha": "right", "fontsize": 7.5}
        header = short(name).replace(" ", "\n")
        axes.annotate(header, (0, 1), (-72 * edge, 14), xycoords="axes fraction", va="bottom", color="#555555", **style)
        for place, outcome in enumerate(shown):
            text = str(outcome.values.get(name, outcome.number))
            if name == strongest:
                style |= {"color": colours[outcome.values[strongest]], "weight": "bold"}
            where: Any = ("axes fraction", "data")
            axes.annotate(text, (0, place), (-72 * edge, 0), xycoords=where, va="center", **style)


def _columns(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return each factor's width in inches."""
    longest = {name: max(len(str(outcome.values[name])) for outcome in outcomes) for name in outcomes[0].values}
    return {name: max(COLUMN, LETTER * letters + 0.15) for name, letters in longest.items()}
