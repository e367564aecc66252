"""Before and after in one picture: each digit's recall and top confusion, and the digits that were fixed and broken."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE, Images
from pipeline.gain import Readings, shown_p
from pipeline.pictures.figure import drawing
from pipeline.scores import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PER_ROW, ROWS = 7, 3  # of a gallery
PLACES = PER_ROW * ROWS
TILE_WIDTH, TILE_HEIGHT = SIDE + 8, SIDE + 11  # in pixels of the 28x28 image: the digit, a gap, a caption below
FRAME = 40  # a light grey: shows where the 28x28 image ends
WIDTH, HEIGHT = 13.0, 8.0  # inches
BEFORE, AFTER = "#8a8a8a", "#1f5fa8"
FIXED, BROKEN = "#1b7837", "#b00020"
PALE = 0.45  # of the digits that are not tracked

Metrics = Mapping[str, Any]
Indexes = NDArray[np.intp]


@dataclass(frozen=True)
class Compared:
    """N digits as two revisions read them.

    Attributes
    ----------
    readings : Readings
    images : (N, 28, 28) uint8
    before, after : (N,) floating
        The probability of each revision's own prediction, 0..1.
    """

    readings: Readings
    images: Images
    before: NDArray[np.floating]
    after: NDArray[np.floating]


def fixed(compared: Compared, places: int = PLACES) -> Indexes:
    """Return which digits only the later revision read right; those that were most surely misread come first."""
    before, after = compared.readings.right
    return _surest(np.flatnonzero(after & ~before), compared.before, places)


def broken(compared: Compared, places: int = PLACES) -> Indexes:
    """Return which digits only the earlier revision read right; those that are most surely misread come first."""
    before, after = compared.readings.right
    return _surest(np.flatnonzero(before & ~after), compared.after, places)


def draw(path: Path, compared: Compared, entry: Metrics, names: tuple[str, str]) -> None:
    """Draw the picture.

    Parameters
    ----------
    path : Path
        PNG file to create or replace.
    compared : Compared
        The digits of one source.
    entry : mapping
        What :func:`pipeline.gain.gained` says of them, and ``shown_as``.
    names : tuple of two strings
        The revisions.
    """
    read = compared.readings
    with drawing(path, WIDTH, HEIGHT) as figure:
        _heading(figure, entry, names)
        _recalls(figure.add_axes((0.035, 0.075, 0.345, 0.72)), entry, names)
        galleries = (
            ("fixed", fixed(compared), read.before, "was", FIXED, 0.445),
            ("broken", broken(compared), read.after, "now", BROKEN, 0.01),
        )
        for word, chosen, misread, when, colour, bottom in galleries:
            axes = figure.add_axes((0.535, bottom, 0.455, 0.365))
            shown = f", {len(chosen)} shown" if entry[word] > len(chosen) else ""
            axes.set_title(f"{word}: {entry[word]:,}{shown}", fontsize=11, color=colour, loc="left")
            captions = [f"{read.labels[place]}, {when} {misread[place]}" for place in chosen]
            _gallery(axes, compared.images[chosen], captions, colour)


def heading(entry: Metrics, names: tuple[str, str]) -> tuple[str, str]:
    """Return the two lines on top: which digits, and what was gained."""
    low, high, gain = (f"{100 * entry[key]:+.2f}" for key in ("ci95_low", "ci95_high", "gain"))
    title = f"{entry['shown_as']}: {entry['n']:,} test digits, {names[0]} to {names[1]}"
    errors = f"{entry['errors_before']:,} errors before, {entry['errors_after']:,} after"
    said = f"{entry['sentence'][0].upper()}{entry['sentence'][1:]}."
    return title, f"{errors}: {gain} percentage points ({low} to {high}), p {shown_p(entry['p'])}. {said}"


def confusion_text(entry: Metrics, digit: str) -> str:
    """Return how often a digit was fixed and broken, and what a tracked one is most often read as."""
    counts, tracked = entry["by_digit"][digit], entry["tracked"].get(digit)
    said = f"{counts['fixed']:,} fixed, {counts['broken']:,} broken"
    said = said if counts["fixed"] or counts["broken"] else "unchanged"
    if tracked is None or not counts["errors_before"] + counts["errors_after"]:
        return said
    sides = (tracked[side] for side in ("before", "after"))
    top = (
        f"{side['top_confusion']} ({side['top_confusion_n']:,})" if side["top_confusion_n"] else "none"
        for side in sides
    )
    return f"{said}\nmisread as {' to '.join(top)}"


def _heading(figure: "Figure", entry: Metrics, names: tuple[str, str]) -> None:
    title, said = heading(entry, names)
    figure.text(0.02, 0.96, title, fontsize=14, fontweight="bold", va="center")
    figure.text(0.02, 0.935, "\n".join(wrap(said, 150)), fontsize=10.5, va="top", color="#333333", linespacing=1.4)


def _recalls(axes: "Axes", entry: Metrics, names: tuple[str, str]) -> None:
    """Draw a line a digit, tracked ones first: recall before and after with 95% intervals."""
    from matplotlib.ticker import PercentFormatter

    order = [*entry["tracked"], *(digit for digit in entry["by_digit"] if digit not in entry["tracked"])]
    order = [digit for digit in order if entry["by_digit"][digit]["n"]]
    for place, digit in enumerate(order):
        _recall(axes, -place, entry, digit)
    axes.set_yticks([-place for place in range(len(order))], [f"{digit}" for digit in order], fontsize=12)
    axes.set_ylim(-len(order) + 0.4, 0.6)
    axes.set_xlim(right=1 + 0.03 * (1 - axes.get_xlim()[0]))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
    axes.set_xlabel("recall with its 95% interval; pale: digits that are not tracked", fontsize=9.5)
    axes.grid(axis="x", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    for name, x, colour, filled in ((names[0], 0.0, BEFORE, False), (names[1], 0.5, AFTER, True)):
        marker = {"marker": "o", "color": colour, "markerfacecolor": colour if filled else "white"}
        axes.plot([x + 0.012], [1.035], transform=axes.transAxes, clip_on=False, markersize=8, **marker)  # type: ignore[arg-type]  # keywords of several types
        axes.text(x + 0.04, 1.035, _short(name), transform=axes.transAxes, va="center", fontsize=10.5, color=colour)


def _recall(axes: "Axes", y: float, entry: Metrics, digit: str) -> None:
    counts, strength = entry["by_digit"][digit], 1.0 if digit in entry["tracked"] else PALE
    if digit in entry["tracked"]:
        marks = (("before", BEFORE, 0.14, BEFORE, "white"), ("after", AFTER, -0.14, AFTER, AFTER))
    else:
        marks = (("before", BEFORE, 0.14, "#cfcfcf", "white"), ("after", AFTER, -0.14, "#a9bfdc", "#c0d0e4"))
    for side, colour, shift, edge, face in marks:
        right = counts["n"] - counts[f"errors_{side}"]
        axes.plot(wilson(right, counts["n"]), [y + shift] * 2, color=colour, linewidth=2, alpha=0.55 * strength)
        axes.plot([right / counts["n"]], [y + shift], "o", color=edge, markerfacecolor=face, markersize=7.5, zorder=3)
    beside = axes.get_yaxis_transform()  # x in 0..1 of the axes' width
    text, grey = confusion_text(entry, digit), "#222222" if strength == 1 else "#777777"
    axes.text(1.03, y, text, transform=beside, fontsize=9.5, va="center", color=grey)


def _gallery(axes: "Axes", images: Images, captions: list[str], colour: str) -> None:
    """Draw digits seven to a row, or say that there are none."""
    axes.set_axis_off()
    if not len(images):
        axes.text(0, 1, "none", fontsize=10.5, va="top", color="#555555", transform=axes.transAxes)
        return
    canvas = np.zeros((ROWS * TILE_HEIGHT, PER_ROW * TILE_WIDTH), dtype=np.uint8)
    for place, image in enumerate(images):
        top, left = place // PER_ROW * TILE_HEIGHT, place % PER_ROW * TILE_WIDTH
        canvas[top : top + SIDE + 2, left : left + SIDE + 2] = FRAME
        canvas[top + 1 : top + SIDE + 1, left + 1 : left + SIDE + 1] = image
        middle = left + SIDE / 2 + 0.5
        axes.text(middle, top + SIDE + 5, captions[place], fontsize=9, ha="center", va="center", color=colour)
    axes.imshow(canvas, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest", aspect="equal")
    axes.set_anchor("NW")


def _surest(chosen: Indexes, confidence: NDArray[np.floating], places: int) -> Indexes:
    return chosen[np.argsort(-confidence[chosen], kind="stable")][:places]


def _short(name: str) -> str:
    return name if len(name) <= 22 else f"{name[:21]}~"
