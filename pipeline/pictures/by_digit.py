"""Which digits fail: recall and precision of each with their 95% intervals, as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.pictures.figure import drawing
from pipeline.scores import DIGITS, Counts, wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours that colour-blind people tell apart: M. Okabe and K. Ito, "Color Universal Design", 2008.
RECALL, PRECISION = "#0072b2", "#d55e00"
SHIFT = 0.14  # of the distance of two digits: the two marks of one digit stand side by side


def draw(path: Path, counts: Counts, tracked: Sequence[int], name: str) -> None:
    """Draw recall and precision of each digit, its number of rows below, tracked digits on a shaded ground.

    Parameters
    ----------
    path : Path
        PNG file to create or replace.
    counts : (10, 10)
        Labels down, predictions across; at least one digit.
    tracked : digits to shade
    name : str
        What the digits are, for the title.
    """
    right, given, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    with drawing(path, 7.2, 4.4) as figure:
        axes = figure.add_axes((0.12, 0.22, 0.85, 0.62))
        for digit in tracked:
            axes.axvspan(digit - 0.5, digit + 0.5, color="#f0ede4", linewidth=0)
        lows = [
            *_draw_shares(axes, right, given, color=RECALL, label="recall"),
            *_draw_shares(axes, right, predicted, color=PRECISION, label="precision"),
        ]
        axes.axhline(1, color="grey", linewidth=0.8)
        room = max((1 - min(lows)) * 0.06, 0.001)
        axes.set(xlim=(-0.5, 9.5), ylim=(max(min(lows) - room, -0.02), 1 + room))
        axes.set_xticks(DIGITS, [f"{digit}\n{_wrong(given[digit], right[digit])}" for digit in DIGITS])
        axes.yaxis.set_major_formatter("{x:.1%}" if min(lows) > 0.95 else "{x:.0%}")
        axes.set_xlabel("label, and how many of its digits were read wrong")
        axes.set_ylabel("share, 95% interval")
        axes.tick_params(axis="x", length=0)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
        n = int(counts.sum())
        title = f"{name}: {n:,} test digit{'' if n == 1 else 's'}, recall and precision"
        figure.text(0.545, 0.95, title, ha="center", va="center", fontsize=12)


def _draw_shares(
    axes: "Axes", right: NDArray[np.int64], whole: NDArray[np.int64], *, color: str, label: str
) -> list[float]:
    """Draw a mark and its interval for each digit that has a denominator; return the low ends."""
    shift = -SHIFT if label == "recall" else SHIFT
    digits = np.flatnonzero(whole)
    shares = right[digits] / whole[digits]
    ends = np.array([wilson(int(right[digit]), int(whole[digit])) for digit in digits])
    reach = np.stack([shares - ends[:, 0], ends[:, 1] - shares])
    axes.errorbar(digits + shift, shares, yerr=reach, fmt="o", color=color, markersize=5, capsize=2, label=label)
    return [float(low) for low in ends[:, 0]]


def _wrong(given: np.int64, right: np.int64) -> str:
    return f"{given - right:,} of\n{given:,}" if given else "none"
