"""How collections differ from MNIST: typical digits of both, and a bar for each measured property."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import CLASSES, SIDE, Images
from pipeline.pictures.figure import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, PANEL = 10.0, 4.2  # inches
DIGITS = (0.16, 0.9, 0.72)  # left, top and width of the strip of digits, of a panel
BARS = (0.16, 0.12, 0.56, 0.4)  # left, bottom, width and height of the bars, of a panel
STEP = SIDE + 3  # pixels of the 28x28 image: a digit and a gap
REACH = 3.0  # spreads that the axis shows at least
MORE, LESS = "#1f77b4", "#d95f02"


@dataclass(frozen=True)
class Panel:
    """One collection.

    Attributes
    ----------
    name : str
        As it is to be shown.
    found : mapping
        What `metrics/domain_gap.json` holds of it.
    mnist, collection : (10, 28, 28) uint8
        A typical digit of each label; paper where there is none.
    """

    name: str
    found: Mapping[str, Any]
    mnist: Images
    collection: Images


def typical(images: Images, measures: NDArray[np.float64], labels: NDArray[np.integer]) -> Images:
    """Return (10, 28, 28): of each label the digit whose measures are nearest to the label's mean.

    Parameters
    ----------
    images : (N, 28, 28) uint8
    measures : (N, P) float64
        Compared in spreads of each.
    labels : (N,) integers in 0..9
    """
    made = np.zeros((CLASSES, SIDE, SIDE), np.uint8)
    for label in range(CLASSES):
        places = np.flatnonzero(labels == label)
        if places.size:
            own = measures[places]
            spread = own.std(axis=0)
            far = (own - own.mean(axis=0)) / np.where(spread > 0, spread, 1)
            made[label] = images[places[np.argmin((far**2).sum(axis=1))]]
    return made


def draw(path: Path, panels: Sequence[Panel]) -> None:
    """Draw a panel for each collection, one below the other, or a sentence where there is none."""
    height = max(len(panels), 1) * PANEL
    with drawing(path, WIDTH, height if panels else 1) as figure:
        if not panels:
            figure.text(0.5, 0.5, "no collection to compare with MNIST", ha="center", va="center", fontsize=12)
        for place, panel in enumerate(panels):
            bottom, share = 1 - (place + 1) / len(panels), 1 / len(panels)
            figure.text(0.02, bottom + 0.945 * share, title(panel), fontsize=11, weight="bold", va="center")
            left, top, width = DIGITS
            tall = width * WIDTH / PANEL * 2 / CLASSES
            strip = figure.add_axes((left, bottom + (top - tall) * share, width, tall * share))
            _draw_digits(strip, panel)
            left, low, width, tall = BARS
            _draw_bars(figure.add_axes((left, bottom + low * share, width, tall * share)), panel.found["property"])


def title(panel: Panel) -> str:
    """Return a panel's title: whose digits, how many, and how well a classifier tells them from MNIST's."""
    found = panel.found
    counted = f"{panel.name}: {found['n']:,} digits against {found['mnist_n']:,} of MNIST"
    if "auc" not in found:
        return f"{counted}; too few digits or writers to tell them apart"
    low, high = found["auc_ci95_low"], found["auc_ci95_high"]
    return f"{counted}; told apart with AUC {found['auc']:.3f} ({low:.3f} to {high:.3f})"


def told(entry: Mapping[str, Any]) -> str:
    """Return a property's difference with its sign and unit, and both means."""
    unit = entry["unit"] and f" {entry['unit']}"
    difference, ours, theirs = (round(entry[key], 2) + 0.0 for key in ("difference", "collection", "mnist"))
    return f"{difference:+.2f}{unit}  ({ours:.2f}, MNIST {theirs:.2f})"


def _draw_digits(axes: "Axes", panel: Panel) -> None:
    canvas = np.zeros((2 * STEP, CLASSES * STEP), np.uint8)
    for down, images in enumerate((panel.mnist, panel.collection)):
        for across, image in enumerate(images):
            canvas[down * STEP : down * STEP + SIDE, across * STEP : across * STEP + SIDE] = image
    axes.imshow(canvas, cmap="gray_r", vmin=0, vmax=255)
    axes.set_axis_off()
    for down, name in enumerate(("MNIST's", "these")):
        axes.text(-5, down * STEP + SIDE / 2, name, ha="right", va="center", fontsize=9)


def _draw_bars(axes: "Axes", properties: Mapping[str, Mapping[str, Any]]) -> None:
    names = list(properties)
    effects = [properties[name]["effect"] for name in names]
    reach = max(REACH, *(abs(effect) for effect in effects)) * 1.05
    places = np.arange(len(names))[::-1]
    axes.barh(places, effects, color=[MORE if effect > 0 else LESS for effect in effects], height=0.7)
    axes.set_yticks(places, [name.replace("_", " ") for name in names], fontsize=9)
    axes.set_xlim(-reach, reach)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.tick_params(axis="x", labelsize=8)
    axes.set_xlabel("difference from MNIST's digits of the same labels, in spreads within a label", fontsize=9)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    for place, name in zip(places, names, strict=True):
        axes.text(reach * 1.02, place, told(properties[name]), va="center", fontsize=8)
