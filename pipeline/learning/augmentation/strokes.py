"""Thicker and thinner strokes, by fractions of a pixel."""

import functools
import itertools
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.learning.augmentation import draws
from pipeline.learning.augmentation.tile_transform import TileTransform
from pipeline.learning.augmentation.tiles import Canvas, tiles_of
from pipeline.params import Augment

FINE = 4  # strokes are changed as on an image this many times larger, so that their edges stay grey
REACH = 3  # pixels to either side that a shifted pixel is made of: 1 (half the most `stroke_pixels`) and a cubic's 2

Change = tuple[Literal["dilation", "erosion"], int]
"""What is done to the fine image, and the side of its ellipse in fine pixels: k changes a stroke by about k - 1."""


class Strokes(TileTransform):
    """Make the strokes of some tiles of a canvas thicker or thinner, in steps of 1/FINE pixel."""

    def drawn(self, keys: draws.Keys, side: int) -> dict[str, Any]:  # noqa: ARG002  # of any side
        """Draw which tile has which change."""
        return {"chosen": choices(self.settings, keys)}

    def apply(self, img: Canvas, chosen: NDArray[np.int64], **params: Any) -> Canvas:  # noqa: ARG002  # what else albumentations hands on
        """Change (N * side, side) uint8, each tile as chosen."""
        tiles = tiles_of(img).copy()
        for place, change in enumerate(changes(self.settings.stroke_pixels)):
            wanted = np.flatnonzero(chosen == place)
            if wanted.size:
                tiles[wanted] = changed(tiles[wanted], change)
        return tiles.reshape(img.shape)


def changes(most: float) -> list[Change]:
    """Return every change of thickness up to ``most`` pixels, either way."""
    sides = range(2, round(most * FINE) + 2)
    return [("dilation", side) for side in sides] + [("erosion", side) for side in sides]


def choices(settings: Augment, keys: draws.Keys) -> NDArray[np.int64]:
    """Return (N,) places in :func:`changes`, or -1 where a tile keeps its strokes."""
    count = len(changes(settings.stroke_pixels))
    whether, which = draws.uniform(keys, 2).T
    changing = (whether < settings.stroke_probability) & (count > 0)
    return np.where(changing, (which * count).astype(np.int64), -1)


def changed(tiles: NDArray[np.uint8], change: Change) -> NDArray[np.uint8]:
    """Return (N, side, side) tiles with one change, none reaching into another.

    A dilation takes the largest of shifted images, an erosion the smallest. Each shift is by whole pixels of the fine
    image, and is averaged over the coarse pixels before they are compared: a filter of few numbers, so that the fine
    image is never made. Where strokes are wider than a pixel, the result is the same.
    """
    operation, size = change
    extreme = np.maximum if operation == "dilation" else np.minimum
    count, side, _ = tiles.shape
    # Side by side, since OpenCV filters long rows faster, with each tile's edge drawn out as OpenCV does at a border.
    apart = np.empty((side, count, side + 2 * REACH), np.uint8)
    apart[:, :, REACH:-REACH] = tiles.transpose(1, 0, 2)
    apart[:, :, :REACH] = apart[:, :, REACH : REACH + 1]
    apart[:, :, -REACH:] = apart[:, :, -REACH - 1 : -REACH]
    row = apart.reshape(side, -1)
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)).astype(bool)
    filters = [shift_filter(fine - size // 2) for fine in range(size)]
    lower = [_filtered(row, taps[:, None]) for taps in filters]
    columns = [functools.reduce(extreme, itertools.compress(lower, ellipse[:, across])) for across in range(size)]
    widest = functools.reduce(extreme, map(_filtered, columns, [taps[None] for taps in filters]))
    rounded = np.clip(np.rint(widest), 0, 255).astype(np.uint8).reshape(apart.shape)
    return rounded[:, :, REACH:-REACH].transpose(1, 0, 2)


def _filtered(row: NDArray[Any], taps: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.filter2D(row, cv2.CV_32F, taps, borderType=cv2.BORDER_REPLICATE), np.float32)


@functools.cache
def shift_filter(fine: int) -> NDArray[np.float32]:
    """Return (5,) or (7,) float32: what of its neighbours a pixel is after a shift by so many 1/FINE pixels.

    The row is enlarged FINE times by OpenCV's cubic (Keys, "Cubic convolution interpolation for digital image
    processing", 1981, with a = -0.75), shifted, and averaged over each pixel.
    """
    reach = REACH if abs(fine) > 2 else 2
    neighbours = np.arange(-reach, reach + 1)
    places = (np.arange(FINE)[:, None] + fine + 0.5) / FINE - 0.5
    far = np.abs(places - neighbours)
    near = (1.25 * far - 2.25) * far**2 + 1
    outer = ((-0.75 * far + 3.75) * far - 6) * far + 3
    return np.asarray(np.where(far <= 1, near, np.where(far < 2, outer, 0)).mean(axis=0), dtype=np.float32)
