"""One picture of the whole flow: a photo, the digits cut from it, the confusion table."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline.pictures import confusion
from pipeline.pictures.contact import GOOD, PAPER, TEXT, Mark

HEIGHT = 420  # pixels: the three panels side by side are as wide as a README page
GAP = 60  # pixels between panels, for the arrow


def overview(
    photo: NDArray[np.uint8], marks: Sequence[Mark], digits: NDArray[np.uint8], counts: NDArray[np.int64], name: str
) -> Image.Image:
    """Draw the flow from left to right.

    Parameters
    ----------
    photo : (H, W, 3) uint8 RGB
    marks : outlines of the cut digits, in photo pixels
    digits : (N, 28, 28) uint8
    counts : (10, 10) int64
        Confusion counts, label by prediction.
    name : str
        What the confusion table counts.
    """
    panels = [_scaled(_outlined(photo, marks)), _scaled(_mosaic(digits)), _scaled(_table(counts, name))]
    width = sum(panel.width for panel in panels) + GAP * (len(panels) - 1)
    page = Image.new("RGB", (width, HEIGHT), PAPER)
    left = 0
    for place, panel in enumerate(panels):
        page.paste(panel, (left, 0))
        left += panel.width
        if place < len(panels) - 1:
            _arrow(ImageDraw.Draw(page), left)
            left += GAP
    return page


def _outlined(photo: NDArray[np.uint8], marks: Sequence[Mark]) -> Image.Image:
    page = Image.fromarray(photo)
    draw = ImageDraw.Draw(page)
    for mark in marks:
        draw.polygon([(float(x), float(y)) for x, y in mark.corners], outline=GOOD, width=max(photo.shape[1] // 400, 1))
    return page


def _mosaic(digits: NDArray[np.uint8]) -> Image.Image:
    """Draw the digits ten a row, white on black as the network sees them."""
    rows = -(-len(digits) // 10)
    wall = np.zeros((rows * 10, 30, 30), np.uint8)
    wall[: len(digits), 1:-1, 1:-1] = digits
    return Image.fromarray(wall.reshape(rows, 10, 30, 30).transpose(0, 2, 1, 3).reshape(rows * 30, 300))


def _table(counts: NDArray[np.int64], name: str) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "confusion.png"
        confusion.draw(path, counts, name)
        return Image.open(path).convert("RGB")


def _scaled(panel: Image.Image) -> Image.Image:
    size = (round(panel.width * HEIGHT / panel.height), HEIGHT)
    return panel.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def _arrow(draw: ImageDraw.ImageDraw, left: int) -> None:
    middle, tail, tip = HEIGHT / 2, left + 12, left + GAP - 12
    draw.line([(tail, middle), (tip - 8, middle)], TEXT, 4)
    draw.polygon([(tip, middle), (tip - 14, middle - 9), (tip - 14, middle + 9)], TEXT)
