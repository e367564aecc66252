"""Noise of a strength of its own on each tile."""

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.learning.augmentation import draws
from pipeline.learning.augmentation.tile_transform import TileTransform
from pipeline.learning.augmentation.tiles import Canvas, tiles_of

BLOCK = 128  # tiles whose noise is made and used while it is in a core's cache: 0.4 MB
SUPPLY = 2**20  # normal numbers that tiles take theirs from: 4 MB, and as many places to begin


class Noise(TileTransform):
    """Add normally distributed noise to each tile of a canvas; its standard deviation is uniform up to a limit.

    Drawing 784 normal numbers takes nearly as long as all the rest of a copy. A tile takes its own from a random place
    of a fixed supply instead: independent within a tile, and now and then the same, shifted, on two tiles.
    albumentations' `GaussNoise` cuts fractions off, which darkens ink by half a level of 255; here they are rounded.
    """

    def drawn(self, keys: draws.Keys, side: int) -> dict[str, Any]:  # noqa: ARG002  # of any side
        """Draw each tile's strength and noise."""
        strength, place = draws.uniform(keys, 2).T
        strength *= np.float32(255 * self.settings.noise_std)
        return {"strength": strength[:, None], "place": (place * SUPPLY).astype(np.int64)}

    def apply(self, img: Canvas, strength: NDArray[np.float32], place: NDArray[np.int64], **params: Any) -> Canvas:  # noqa: ARG002  # what else albumentations hands on
        """Add to (N * side, side) uint8, rounded and kept within 0..255."""
        tiles = tiles_of(img).reshape(len(place), -1)
        supply = _supply(tiles.shape[1])
        made = np.empty_like(tiles)
        for start in range(0, len(tiles), BLOCK):
            part = slice(start, start + BLOCK)
            noise = supply[place[part]]
            noise *= strength[part]
            made[part] = cv2.add(tiles[part], noise, dtype=cv2.CV_8U)
        return made.reshape(img.shape)


@cache
def _supply(pixels: int) -> NDArray[np.float32]:
    """Return (SUPPLY, pixels) float32, each row the one before moved by a number: a view of few numbers."""
    numbers = np.random.default_rng(0).standard_normal(SUPPLY + pixels - 1, dtype=np.float32)
    return np.lib.stride_tricks.sliding_window_view(numbers, pixels)
