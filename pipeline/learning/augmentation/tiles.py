"""A canvas of tiles: square images one below the other, seen by albumentations as a single image.

An array of N images is its own canvas, without copying a byte. A transform that knows of tiles draws for each of them
from the tile's key, so that a tile's result does not depend on what else is on its canvas.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.learning.augmentation.draws import Keys, split

Canvas = NDArray[np.uint8]
"""(N * side, side): 0 = paper, 255 = ink."""

KEYS = "keys"  # the name under which a call of Compose is given the tiles' keys, beside `image`


def canvas_of(images: NDArray[np.uint8]) -> Canvas:
    """Return (N, side, side) images as their canvas."""
    return images.reshape(-1, images.shape[-1])


def tiles_of(canvas: Canvas) -> NDArray[np.uint8]:
    """Return a canvas's images, (N, side, side)."""
    side = canvas.shape[1]
    return canvas.reshape(-1, side, side)


def keys_for(transform: Any, stream: int, data: dict[str, Any]) -> Keys:
    """Return the keys of a transform's tiles: the call's, or without any (N,) new ones of its own generator.

    Parameters
    ----------
    transform : albumentations.BasicTransform
    stream : int
        The transform's place among others, which must not draw the same numbers.
    data : dict
        What Compose was called with: ``image``, and perhaps ``keys``.
    """
    if KEYS in data:
        return split(data[KEYS], stream)
    count = len(tiles_of(data["image"]))
    drawn: Keys = transform.random_generator.integers(2**64, size=count, dtype=np.uint64)
    return drawn
