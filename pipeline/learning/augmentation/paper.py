"""Paper that is not plain: grey, or lit from one side."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.learning.augmentation import draws
from pipeline.learning.augmentation.tile_transform import TileTransform
from pipeline.learning.augmentation.tiles import Canvas, tiles_of
from pipeline.params import Augment

CORNERS = 4
DARKEST = 0.5  # of a tile's greyest corner: how light its other corners may be, so that shade on paper stays smooth


class Paper(TileTransform):
    """Lay some tiles of a canvas on grey paper, its grey drawn at the four corners and blended between them.

    Ink keeps its 255 and paper becomes p: a pixel x is then p + (255 - p) * x / 255, as where ink of a cover x lies on
    such paper. Without it a network that has seen only 0 as paper reads brightened and foggy digits at chance.
    """

    def drawn(self, keys: draws.Keys, side: int) -> dict[str, Any]:  # noqa: ARG002  # of any side
        """Draw each tile's corners."""
        return {"corners": drawn_corners(self.settings, keys)}

    def apply(self, img: Canvas, corners: NDArray[np.float32], **params: Any) -> Canvas:  # noqa: ARG002  # what else albumentations hands on
        """Change (N * side, side) uint8; tiles whose corners are all 0 stay as they are."""
        made = tiles_of(img).copy()
        chosen = np.flatnonzero(corners.any(axis=1))
        if chosen.size:
            paper = np.float32(255) * (corners[chosen] @ blend(made.shape[1])).reshape(-1, *made.shape[1:])
            made[chosen] = np.rint(paper + (1 - paper / 255) * made[chosen])
        return made.reshape(img.shape)


def drawn_corners(settings: Augment, keys: draws.Keys) -> NDArray[np.float32]:
    """Return (N, 4) float32 in 0..``paper_level``, 1 = black: top left, top right, bottom left, bottom right.

    ``paper_probability`` of the tiles have any; a tile's greyest possible corner is uniform up to ``paper_level``.
    """
    whether, level, *each = draws.uniform(keys, 2 + CORNERS).T
    most = np.where(whether < settings.paper_probability, level * np.float32(settings.paper_level), 0)
    return np.asarray(most[:, None] * (1 - DARKEST * np.stack(each, axis=1)), np.float32)


@cache
def blend(side: int) -> NDArray[np.float32]:
    """Return (4, side * side) float32: how much of each corner is in each pixel (bilinear); columns sum to 1."""
    right = np.linspace(0, 1, side, dtype=np.float32)
    along = np.stack([1 - right, right])
    return np.asarray(np.einsum("ik,jl->ijkl", along, along).reshape(CORNERS, side * side), np.float32)
