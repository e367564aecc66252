"""Any transform of albumentations, applied tile by tile."""

import random
from typing import Any

import numpy as np

from pipeline.learning.augmentation import library
from pipeline.learning.augmentation.draws import Keys
from pipeline.learning.augmentation.tiles import Canvas, canvas_of, keys_for, tiles_of

ImageOnlyTransform: Any = library.albumentations().ImageOnlyTransform


class EachTile(ImageOnlyTransform):  # type: ignore[misc]  # albumentations has no types that mypy reads
    """Apply a transform that knows nothing of tiles to each of them alone.

    So no tile sees another, and each has random numbers of its own, from its key. It takes as long as albumentations
    takes for one image after another, which is why our own transforms do not work so.
    """

    def __init__(self, inner: Any, stream: int = 0) -> None:
        super().__init__(p=1)
        self.inner = inner
        self.stream = stream

    def get_params_dependent_on_data(self, params: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  # albumentations gives both by name
        """Return the tiles' keys; albumentations hands them to :meth:`apply`."""
        return {"keys": keys_for(self, self.stream, data)}

    def apply(self, img: Canvas, keys: Keys, **params: Any) -> Canvas:  # noqa: ARG002  # what else albumentations hands on
        """Transform (N * side, side) uint8."""
        made = np.empty_like(tiles_of(img))
        generator, simple = np.random.default_rng(), random.Random()
        # Not set_random_seed, which starts every transform of a Sequential with the same numbers.
        self.inner.set_random_state(generator, simple)
        for place, (tile, key) in enumerate(zip(tiles_of(img), keys, strict=True)):
            generator.bit_generator.state = np.random.PCG64(int(key)).state
            simple.seed(int(key))
            made[place] = self.inner(image=tile)["image"]
        return canvas_of(made)
