"""Suspects of the label audit, enlarged, the least believable label first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.digits import SIDE, Images
from pipeline.pictures.figure import drawing
from pipeline.pictures.gallery import PER_SIDE, TILE_HEIGHT, TILE_WIDTH, TITLE_HEIGHT, WIDTH, caption, tiled
from pipeline.scores import Digits

COLUMNS = PER_SIDE
SECOND_LINE = 4.2  # pixels of the 28x28 image below the first line of a caption
ROOM = TILE_HEIGHT + 4  # a tile's height with two lines below the digit


@dataclass(frozen=True)
class Shown:
    """N suspects: (N, 28, 28) images, (N,) labels and predictions, the predictions' probabilities, verdicts."""

    images: Images
    labels: Digits
    predictions: Digits
    probabilities: Sequence[float]
    verdicts: Sequence[str]


def draw(path: Path, shown: Shown, title: str) -> None:
    """Draw every suspect with its label, prediction, probability and verdict under a title."""
    scale = WIDTH / (COLUMNS * TILE_WIDTH)  # inches a pixel
    rows = -(-len(shown.images) // COLUMNS)
    height = TITLE_HEIGHT + rows * ROOM * scale
    with drawing(path, WIDTH, height) as figure:
        figure.text(0.5, 1 - TITLE_HEIGHT / 2 / height, title, ha="center", va="center", fontsize=12)
        for row in range(rows):
            chosen = slice(row * COLUMNS, (row + 1) * COLUMNS)
            tiles = tiled(shown.images[chosen])
            top = TITLE_HEIGHT + row * ROOM * scale
            box = (0, 1 - (top + TILE_HEIGHT * scale) / height, 1, TILE_HEIGHT * scale / height)
            axes = figure.add_axes(box)
            axes.set_axis_off()
            axes.imshow(tiles, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest", aspect="auto")
            for col, index in enumerate(range(len(shown.images))[chosen]):
                label, prediction = int(shown.labels[index]), int(shown.predictions[index])
                said = caption(label, prediction, shown.probabilities[index])
                at, below = (col + 0.5) * TILE_WIDTH - 0.5, SIDE + 4.5
                axes.text(at, below, said, fontsize=9, ha="center", va="center")
                axes.text(
                    at, below + SECOND_LINE, shown.verdicts[index], fontsize=8, ha="center", va="center", color="0.35"
                )
