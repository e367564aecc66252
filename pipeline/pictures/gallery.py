"""Digits that were read wrong or only just right, enlarged, with what was read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE, Images
from pipeline.pictures.figure import drawing
from pipeline.scores import Digits

PER_SIDE = 5
PLACES = PER_SIDE * PER_SIDE
TILE_WIDTH, TILE_HEIGHT = SIDE + 8, SIDE + 10  # in pixels of the 28x28 image: the digit, a gap, a caption below
WIDTH, TITLE_HEIGHT = 8.0, 0.5  # inches
FRAME = 40  # a light grey: shows where the 28x28 image ends

Indexes = NDArray[np.intp]


@dataclass(frozen=True)
class Read:
    """N digits and how they were read.

    Attributes
    ----------
    images : (N, 28, 28) uint8
    labels, predictions : (N,) integers in 0..9
    confidence : (N,) floating
        The prediction's probability, 0..1.
    """

    images: Images
    labels: Digits
    predictions: Digits
    confidence: NDArray[np.floating]


def worst_wrong(read: Read, places: int = PLACES) -> Indexes:
    """Return which digits were read wrong, the most confident first, at most ``places``; ties keep their order."""
    wrong = np.flatnonzero(read.labels != read.predictions)
    return wrong[np.argsort(-read.confidence[wrong], kind="stable")][:places]


def closest_right(read: Read, places: int = PLACES) -> Indexes:
    """Return which digits were read right, the least confident first, at most ``places``; ties keep their order."""
    right = np.flatnonzero(read.labels == read.predictions)
    return right[np.argsort(read.confidence[right], kind="stable")][:places]


def draw_wrong(path: Path, read: Read, name: str) -> None:
    """Draw up to 25 digits that were read wrong, or a sentence where there are none."""
    number = int(np.sum(read.labels != read.predictions))
    _draw(path, read, worst_wrong(read), f"{name}: {sentence(number, len(read.labels), 'wrong', 'most')}")


def draw_right(path: Path, read: Read, name: str) -> None:
    """Draw up to 25 digits that were read right, or a sentence where there are none."""
    number = int(np.sum(read.labels == read.predictions))
    _draw(path, read, closest_right(read), f"{name}: {sentence(number, len(read.labels), 'right', 'least')}")


def sentence(number: int, n: int, kind: str, order: str) -> str:
    """Return what a gallery shows: ``number`` of ``n`` digits read ``kind``, the ``order`` confident first."""
    if not n:
        return "no test digits"
    if not number:
        return f"none of {n:,} test digits read {kind}"
    which = f"the {PLACES} {order} confident" if number > PLACES else f"the {order} confident first"
    return f"{number:,} of {n:,} test digits read {kind}, {which}"


def caption(label: int, prediction: int, confidence: float) -> str:
    """Return the line under a digit. No probability is rounded up to 100%."""
    return f"{label} read as {prediction}, {'over 99.9%' if confidence >= 0.9995 else f'{confidence:.1%}'}"


def _draw(path: Path, read: Read, chosen: Indexes, title: str) -> None:
    tiles = tiled(read.images[chosen])
    height = WIDTH * tiles.shape[0] / tiles.shape[1]
    with drawing(path, WIDTH, TITLE_HEIGHT + height) as figure:
        figure.text(0.5, 1 - TITLE_HEIGHT / 2 / (TITLE_HEIGHT + height), title, ha="center", va="center", fontsize=12)
        if not len(chosen):
            return
        axes = figure.add_axes((0, 0, 1, height / (TITLE_HEIGHT + height)))
        axes.set_axis_off()
        axes.imshow(tiles, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest", aspect="auto")
        for place, index in enumerate(chosen):
            label, prediction = int(read.labels[index]), int(read.predictions[index])
            axes.text(
                (place % PER_SIDE + 0.5) * TILE_WIDTH - 0.5,
                place // PER_SIDE * TILE_HEIGHT + SIDE + 4.5,
                caption(label, prediction, float(read.confidence[index])),
                color="black" if label == prediction else "#b00020",
                fontsize=9,
                ha="center",
                va="center",
            )


def tiled(images: Images) -> Images:
    """Put (N, 28, 28) digits into one image, five a row, each in a light frame and with room for a caption below."""
    rows = -(-len(images) // PER_SIDE)
    canvas = np.zeros((rows * TILE_HEIGHT, PER_SIDE * TILE_WIDTH), dtype=np.uint8)
    left = (TILE_WIDTH - SIDE) // 2
    for place, image in enumerate(images):
        top, start = place // PER_SIDE * TILE_HEIGHT, place % PER_SIDE * TILE_WIDTH + left
        canvas[top : top + SIDE + 2, start - 1 : start + SIDE + 1] = FRAME
        canvas[top + 1 : top + SIDE + 1, start : start + SIDE] = image
    return canvas
