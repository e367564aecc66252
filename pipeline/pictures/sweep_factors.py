"""A sweep by factor: a panel each, with a dot for every row and lines through the means."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.factors import Outcome, by_value, strongest_first
from pipeline.params import SweptValue
from pipeline.pictures.figure import drawing
from pipeline.pictures.sweep_marks import LETTER, Colours, colours_of, counted, error_of, error_ticks, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DODGE = 0.5  # of the way from value to value: what the colours of one value take up together


def draw(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Draw a panel a factor, the one that matters most first: how its values do, over all values of the others.

    Parameters
    ----------
    path : Path
        PNG file to create or replace.
    outcomes : sequence of Outcome
        At least one.
    """
    names = strongest_first(outcomes)
    colours = colours_of(outcomes, names[0])
    width = max(1.2 + 2.9 * len(names), 9.0)  # the title's
    with drawing(path, width, 5) as figure:
        panels = np.atleast_1d(figure.subplots(1, len(names), sharey=True))
        panels[0].set_yscale("log")
        panels[0].set_ylim(1.1, min(error_of(outcome) for outcome in outcomes) / 1.25)
        texts = 0.0  # inches below the panels
        for axes, name in zip(panels, names, strict=True):
            groups = by_value(outcomes, name)
            _draw_factor(axes, groups, names[0], colours)
            texts = max(texts, _write_values(axes, [f"{value}" for value in groups], (width - 0.9) / len(names)))
            axes.set_title(short(name), fontsize=11, weight="bold")
        error_ticks(panels[0].yaxis)
        panels[0].set_ylabel("validation error (logarithmic)")
        title = f"{counted(outcomes)} by factor, the one that matters most first: a dot is a row, a line a mean"
        figure.text(0.15 / width, 0.94, title, fontsize=12, weight="bold")
        lines = _legend(figure, names[0], colours)
        below = (0.45 + texts + 0.2 * lines) / 5
        figure.subplots_adjust(left=0.8 / width, right=1 - 0.1 / width, top=0.84, bottom=below, wspace=0.06)


def _draw_factor(axes: "Axes", groups: Mapping[SweptValue, list[Outcome]], strongest: str, colours: Colours) -> None:
    """Draw each row's dot, each colour beside the others, and lines through the means of all and of each colour."""
    places = np.arange(len(groups), dtype=float)
    own = set(groups) == set(colours)  # the strongest factor's panel, where a value has one colour
    for step, (value, colour) in enumerate(colours.items()):
        across = places + (0 if own else DODGE * ((step + 0.5) / len(colours) - 0.5))
        its = [[outcome for outcome in group if outcome.values[strongest] == value] for group in groups.values()]
        for x, group in zip(across, its, strict=True):
            heights = [error_of(outcome) for outcome in group]
            axes.scatter([x] * len(group), heights, s=22, c=colour, alpha=0.55, linewidths=0, zorder=2)
        axes.plot(across, [_mean_error(group) for group in its], color=colour, linewidth=1.3, zorder=3)
    means = [_mean_error(group) for group in groups.values()]
    axes.plot(places, means, color="black", linewidth=2, marker="o", zorder=4)
    axes.set_xlim(-0.5, len(groups) - 0.5)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _write_values(axes: "Axes", texts: Sequence[str], width: float) -> float:
    """Write the values below a panel of ``width`` inches, upright where crowded; return the inches they take."""
    letter = 10 / 7.5 * LETTER
    crowded = letter * sum(len(text) + 1 for text in texts) > width
    axes.set_xticks(range(len(texts)), texts, rotation=90 if crowded else 0, fontsize=7.5 if crowded else 10)
    return LETTER * max(map(len, texts)) if crowded else 0.2


def _legend(figure: "Figure", strongest: str, colours: Colours) -> int:
    """Write below the panels what the lines are; return the number of lines of text."""
    from matplotlib.lines import Line2D

    entries = [Line2D([], [], color="black", linewidth=2, marker="o", label="all rows")]
    for value, colour in colours.items():
        label = f"{short(strongest)} {value}"
        entries.append(Line2D([], [], color=colour, linewidth=1.3, marker="o", markersize=5, label=label))
    longest = max(len(str(entry.get_label())) for entry in entries)
    columns = min(len(entries), int(figure.get_figwidth() / (1.2 * LETTER * longest + 0.6)))
    figure.legend(handles=entries, loc="lower center", ncols=columns, frameon=False, fontsize=9)
    return -(-len(entries) // columns)


def _mean_error(outcomes: Sequence[Outcome]) -> float:
    return float(np.mean([error_of(outcome) for outcome in outcomes])) if outcomes else np.nan
