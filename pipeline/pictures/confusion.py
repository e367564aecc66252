"""Which digits are read as which: one table of counts a source, as a picture."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.pictures.figure import drawing
from pipeline.scores import DIGITS, Counts, summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FULL_RED = 0.10  # share of a digit's rows: a confusion as frequent as this is drawn in the full colour


def draw(path: Path, counts: Counts, name: str) -> None:
    """Draw a confusion table: labels down, predictions across, recall and precision at its edges.

    Errors are coloured by their share of the label's digits, so that a rare digit's confusions show as well.

    Parameters
    ----------
    path : Path
        PNG file to create or replace.
    counts : (10, 10)
        At least one digit.
    name : str
        What the digits are, for the title.
    """
    with drawing(path, 7.2, 7.2) as figure:
        axes = figure.add_axes((0.08, 0.1, 0.8, 0.8))
        rows = np.maximum(counts.sum(axis=1, keepdims=True), 1)
        errors = np.where(np.eye(len(DIGITS), dtype=bool), 0, counts / rows)
        axes.imshow(np.ma.masked_equal(errors, 0), cmap="Reds", vmin=0, vmax=FULL_RED)
        _write_counts(axes, counts, errors)
        _write_edges(axes, counts)
        figure.text(0.48, 0.95, title(counts, name), ha="center", va="center", fontsize=12)


def title(counts: Counts, name: str) -> str:
    """Return two lines: the name, the errors, the accuracy and its 95% interval."""
    found = summary(counts, tracked=())  # the same rounding as in metrics/evaluate.json
    n, errors = found["n"], found["errors"]
    how_many = f"{errors:,} error{'' if errors == 1 else 's'} in {n:,} test digit{'' if n == 1 else 's'}"
    accuracy = f"accuracy {found['accuracy']:.2%} ({found['ci95_low']:.2%} to {found['ci95_high']:.2%})"
    return f"{name}\n{how_many}, {accuracy}"


def _write_counts(axes: "Axes", counts: Counts, errors: np.ndarray) -> None:
    from matplotlib.patches import Rectangle

    for actual in DIGITS:
        axes.add_patch(Rectangle((actual - 0.5, actual - 0.5), 1, 1, facecolor="#e3ecf5"))
        for predicted in DIGITS:
            count = int(counts[actual, predicted])
            if count:
                colour = "white" if errors[actual, predicted] > FULL_RED / 2 else "black"
                axes.text(predicted, actual, f"{count:,}", ha="center", va="center", color=colour)


def _write_edges(axes: "Axes", counts: Counts) -> None:
    right, given, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    axes.set_xticks(DIGITS, [_under(d, right[d], predicted[d]) for d in DIGITS])
    axes.set_yticks(DIGITS, [str(d) for d in DIGITS])
    axes.set_xlabel("prediction, and its precision")
    axes.set_ylabel("label")
    recall = axes.secondary_yaxis("right")
    recall.set_yticks(DIGITS, [_share(right[d], given[d]) for d in DIGITS])
    recall.set_ylabel("recall")
    for edge in (axes, recall):
        edge.tick_params(length=0)


def _under(digit: int, right: np.int64, predicted: np.int64) -> str:
    return f"{digit}\n{_share(right, predicted)}"


def _share(part: np.int64, whole: np.int64) -> str:
    if not whole:
        return "-"
    return "100%" if part == whole else f"{part / whole:.1%}"
