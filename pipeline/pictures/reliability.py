"""Whether confidence means what it says: accuracy against confidence, before and after scaling, as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.calibration import BINS, Bin, bin_numbers, calibration_error
from pipeline.pictures.error_axis import put_ticks
from pipeline.pictures.figure import drawing
from pipeline.scores import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours that colour-blind people tell apart: M. Okabe and K. Ito, "Color Universal Design", 2008.
BEFORE, AFTER = "#d55e00", "#0072b2"


def draw(path: Path, before: Sequence[Bin], after: Sequence[Bin], temperature: float, name: str) -> None:
    """Draw a reliability diagram, each bin with the Wilson interval of its accuracy, above how many digits it holds.

    Parameters
    ----------
    path : Path
        PNG file to create or replace.
    before, after : sequences of Bin
        Of the networks' own probabilities and of the scaled ones; at least one bin each.
    temperature : float
        What they were scaled by.
    name : str
        What the digits are, for the title.
    """
    with drawing(path, 6.4, 7.2) as figure:
        upper = figure.add_axes((0.12, 0.35, 0.83, 0.52))
        lower = figure.add_axes((0.12, 0.08, 0.83, 0.22))
        upper.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle=":")
        for bins, colour, label in (
            (before, BEFORE, f"as read: calibration error {calibration_error(list(before)):.2%}"),
            (after, AFTER, f"at temperature {temperature:.2f}: {calibration_error(list(after)):.2%}"),
        ):
            _draw_bins(upper, bins, colour, label)
        _draw_counts(lower, before, after)
        upper.set(xlim=(0, 1.01), ylim=(0, 1.02), ylabel="share read right, 95% interval")
        upper.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
        n = sum(one.n for one in before)
        title = f"{name}: {n:,} test digit{'' if n == 1 else 's'}, confidence and accuracy"
        figure.text(0.53, 0.96, title, ha="center", va="center", fontsize=12)


def _draw_bins(axes: "Axes", bins: Sequence[Bin], colour: str, label: str) -> None:
    x, y = [one.confidence for one in bins], [one.accuracy for one in bins]
    ends = [wilson(round(one.accuracy * one.n), one.n) for one in bins]
    below = [share - low for share, (low, _) in zip(y, ends, strict=True)]
    above = [high - share for share, (_, high) in zip(y, ends, strict=True)]
    axes.errorbar(x, y, yerr=[below, above], fmt="o-", color=colour, markersize=4, linewidth=1, capsize=2, label=label)


def _draw_counts(axes: "Axes", before: Sequence[Bin], after: Sequence[Bin]) -> None:
    """Draw a bar for each bin, on a logarithmic axis: nearly all digits are in the last one."""
    for bins, colour, shift in ((before, BEFORE, 0.28), (after, AFTER, 0.72)):  # of a bin's width, side by side
        places = (bin_numbers(np.array([one.confidence for one in bins])) + shift) / BINS
        axes.bar(places, [one.n for one in bins], 0.4 / BINS, color=colour)
    axes.set(yscale="log", xlim=(0, 1.01), ylabel="digits", xlabel="confidence: the prediction's probability")
    most = max(one.n for one in (*before, *after))
    powers = [10**power for power in range(len(str(most)))]
    put_ticks(axes.yaxis, powers, [f"{power:,}" for power in powers])
    axes.set_ylim(0.7, 2 * most)
