"""Corrupted digits, a row a corruption, with how many of them are read right."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.digits import SIDE, Images
from pipeline.pictures.figure import drawing
from pipeline.scores import Digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TILE = SIDE + 4  # pixels of the 28x28 image: the digit and a gap
SCALE = 55  # of them an inch: two of the picture's for one
NAMES, NUMBERS = 1.3, 2.1  # inches: the column of names, and one for each source's accuracy
TITLE = 0.6  # inches
WRONG = "#b00020"


@dataclass(frozen=True)
class Tiles:
    """M corrupted digits and how they were read.

    Attributes
    ----------
    images : (M, 28, 28) uint8
    predictions : (M,) integers in 0..9
    """

    images: Images
    predictions: Digits


def draw(path: Path, tiles: Mapping[str, Tiles], labels: Digits, columns: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw the same digits in each corruption, those misread in a red frame with the digit that was read.

    Parameters
    ----------
    path : Path
        PNG file to create or replace.
    tiles : mapping
        By corruption, ``clean`` first.
    labels : (M,) integers in 0..9
    columns : mapping
        By the source's name as it is to be shown, what `metrics/robustness.json` holds of it.
    """
    across, down = len(labels) * TILE / SCALE, len(tiles) * TILE / SCALE
    width, height = NAMES + across + NUMBERS * len(columns), TITLE + down
    with drawing(path, width, height) as figure:
        axes = figure.add_axes((NAMES / width, 0, across / width, down / height))
        axes.set_axis_off()
        axes.imshow(mosaic([entry.images for entry in tiles.values()]), cmap="gray_r", vmin=0, vmax=255)
        for row, (kind, entry) in enumerate(tiles.items()):
            middle = (row + 0.5) * TILE - 0.5
            axes.text(-4, middle, kind.replace("_", " "), ha="right", va="center", fontsize=10)
            _frame_wrong(axes, row, entry.predictions, labels)
            for place, found in enumerate(columns.values()):
                accuracy = found["clean"] if row == 0 else found["corruption"][kind]
                axes.text(_column(len(labels), place), middle, told(accuracy), va="center", fontsize=10)
        for place, (name, found) in enumerate(columns.items()):
            axes.text(_column(len(labels), place), -6, heading(name, found), va="bottom", fontsize=10)
        axes.text(-0.5, -6, "in red: misread, and as what", va="bottom", fontsize=9, color=WRONG)
        axes.text(_column(len(labels), 0) - 8, -6, "accuracy (95% interval)", ha="right", va="bottom", fontsize=9)


def mosaic(rows: list[Images]) -> Images:
    """Return one image: (M, 28, 28) digits side by side in each row, a gap of paper around each."""
    canvas = np.zeros((len(rows) * TILE, len(rows[0]) * TILE), np.uint8)
    gap = (TILE - SIDE) // 2
    for down, images in enumerate(rows):
        for across, image in enumerate(images):
            top, left = down * TILE + gap, across * TILE + gap
            canvas[top : top + SIDE, left : left + SIDE] = image
    return canvas


def told(accuracy: Mapping[str, Any]) -> str:
    """Return an accuracy with its interval; 100% only where nothing was misread."""
    low, high = accuracy["ci95_low"], accuracy["ci95_high"]
    share = "over 99.9%" if accuracy["errors"] and accuracy["accuracy"] >= 0.9995 else f"{accuracy['accuracy']:.1%}"
    return f"{share}  ({100 * low:.0f} to {100 * high:.0f})"


def heading(name: str, found: Mapping[str, Any]) -> str:
    """Return what stands over a source's accuracies."""
    return f"{name}\n{found['n']:,} digits, mean {found['mean_accuracy']:.1%}"


def _column(digits: int, place: int) -> float:
    return digits * TILE + 6 + place * NUMBERS * SCALE


def _frame_wrong(axes: "Axes", row: int, predictions: Digits, labels: Digits) -> None:
    from matplotlib.patches import Rectangle

    for place in np.flatnonzero(predictions != labels):
        corner = (place * TILE + 0.5, row * TILE + 0.5)
        axes.add_patch(Rectangle(corner, TILE - 2, TILE - 2, fill=False, edgecolor=WRONG, linewidth=1.2))
        axes.text(
            corner[0] + TILE - 4.5,
            corner[1] + 2,
            str(predictions[place]),
            color="white",
            backgroundcolor=WRONG,
            fontsize=7,
            ha="center",
            va="top",
            bbox={"facecolor": WRONG, "edgecolor": WRONG, "pad": 1},
        )
