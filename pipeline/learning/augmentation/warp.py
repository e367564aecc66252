"""Affine and elastic distortion in one resampling, each tile with maps of its own.

albumentations' own `Affine` shifts by whole pixels only, and `ElasticTransform` after it would interpolate a second
time: on 28x28 pixels both show. Here all displacements are added first and each tile is resampled once.

A tile's maps are sums of few smooth shapes: an affine map of three, and a Gaussian-blurred noise of low cosines, since
cosines are what such a blur scales without changing them.
"""

import math
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.learning.augmentation import draws
from pipeline.learning.augmentation.tile_transform import TileTransform
from pipeline.learning.augmentation.tiles import Canvas, canvas_of, tiles_of
from pipeline.params import Augment

Weights = NDArray[np.float32]
"""(2, N, n, n) float32: how much of each pair of shapes (down, across) is in the x and the y map of N tiles."""
Maps = NDArray[np.float32]
"""(2, N, side, side) float32: the x and the y that each pixel of a result is read from, pixels of its tile."""

BLOCK = 128  # tiles whose maps are made and used while they are in a core's cache: 0.8 MB; at most 8192 / 36
MARGIN = 4  # pixels of paper around a tile: a cubic reads 4x4, and takes twice as long where some are outside the image
AFFINE = 6  # numbers that a tile's affine map takes
FADED = 1e-3  # a cosine that the blur leaves less of than this is left out: 1/200 pixel at elastic_alpha 24
_COARSE = np.float32(4096 + 64)  # plus this, and on a block's canvas, a float32 has steps of 1/2048 pixel


class Warp(TileTransform):
    """Scale, shear, turn, shift and bend each tile of a canvas; what comes from outside a tile is 0."""

    def drawn(self, keys: draws.Keys, side: int) -> dict[str, Any]:
        """Draw all tiles' distortions."""
        return {"weights": drawn_weights(side, self.settings, keys)}

    def apply(self, img: Canvas, weights: Weights, **params: Any) -> Canvas:  # noqa: ARG002  # what else albumentations hands on
        """Resample (N * side, side) uint8."""
        tiles = tiles_of(img)
        made = np.empty_like(tiles)
        for start in range(0, len(tiles), BLOCK):
            part = slice(start, start + BLOCK)
            made[part] = resampled(tiles[part], maps_of(tiles.shape[1], weights[:, part]))
        return canvas_of(made)


def resampled(tiles: NDArray[np.uint8], maps: Maps) -> NDArray[np.uint8]:
    """Return (N, side, side) uint8 tiles, each read from where its map says, none from another; ``maps`` is used up.

    Cubic, because linear would blur every copy's strokes.
    """
    count, side, _ = tiles.shape
    apart = np.zeros((count, side + 2 * MARGIN, side + 2 * MARGIN), np.uint8)
    apart[:, MARGIN:-MARGIN, MARGIN:-MARGIN] = tiles
    across, down = maps
    np.clip(across, -2, side + 1, out=across)  # farther out nothing of the tile is read
    across += MARGIN
    # Rounded first, because a sum with a tile's place on the canvas, rounded after it, would depend on that place.
    down += _COARSE
    np.clip(down, _COARSE - 2, _COARSE + side + 1, out=down)
    down += np.arange(MARGIN, count * apart.shape[1], apart.shape[1], dtype=np.float32)[:, None, None] - _COARSE
    # A tile a row: cv2.remap works fastest on long rows, whatever they mean.
    read = cv2.remap(canvas_of(apart), across.reshape(count, -1), down.reshape(count, -1), cv2.INTER_CUBIC)
    return np.asarray(read, dtype=np.uint8).reshape(tiles.shape)


def maps_of(side: int, weights: Weights) -> Maps:
    """Return the maps that are sums of the shapes with these weights."""
    shapes = _shapes(side, weights.shape[-1] - 1)
    return np.asarray(shapes @ weights @ shapes.T)


def drawn_weights(side: int, settings: Augment, keys: draws.Keys) -> Weights:
    """Return the weights of N tiles' random distortions."""
    cosines = len(blur_gains(side, settings.elastic_sigma))
    weights = np.zeros((2, len(keys), cosines + 1, cosines + 1), np.float32)
    if settings.elastic_alpha > 0:
        scale = elastic_scale(side, settings.elastic_alpha, settings.elastic_sigma)
        bends = draws.normal_pairs(keys, scale.size, skip=AFFINE)
        np.multiply(bends.reshape(2, -1, *scale.shape), scale, out=weights[:, :, :-1, :-1])
    drawn = draws.uniform(keys, AFFINE)
    for axis, (constant, down, across) in enumerate(affine(settings, drawn, (side - 1) / 2)):
        weights[axis, :, 0, 0] += constant
        weights[axis, :, -1, 0] = down
        weights[axis, :, 0, -1] = across
    return weights


@cache
def blur_gains(side: int, sigma: float) -> NDArray[np.float64]:
    """Return what a Gaussian blur with mirrored borders leaves of the cosines 0, 1, 2, … as long as it is visible.

    The cosine k along ``side`` pixels is cos(pi k (i + 1/2) / side), and is only scaled by any blur that is the same to
    both sides (Strang, "The Discrete Cosine Transform", SIAM Review 1999). The blur ends at 4 sigma, as OpenCV's does.
    """
    reach = np.arange(1, round(4 * sigma) + 1)
    bell = np.exp(-(reach**2) / (2 * sigma**2))
    waves = np.cos(math.pi * np.arange(side)[:, None] * reach / side)
    gains = (1 + 2 * waves @ bell) / (1 + 2 * bell.sum())
    visible = np.flatnonzero(np.abs(gains) >= FADED)
    return np.asarray(gains[: visible[-1] + 1])


@cache
def _shapes(side: int, cosines: int) -> NDArray[np.float32]:
    """Return (side, cosines + 1) float32: a cosine a column, the first of them 1; last the distance from the middle."""
    middles = np.arange(side)[:, None] + 0.5
    waves = np.cos(math.pi / side * np.arange(cosines) * middles)
    return np.hstack([waves, middles - side / 2]).astype(np.float32)


@cache
def elastic_scale(side: int, alpha: float, sigma: float) -> NDArray[np.float32]:
    """Return how strong each pair of cosines is in a smooth random displacement, standard deviations in pixels.

    The displacement is that of Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks Applied
    to Visual Document Analysis", ICDAR 2003, section 2: noise, uniform in -1..1 (variance 1/3), blurred with a Gaussian
    and multiplied. A cosine's share in the noise is a sum of side * side independent numbers: normally distributed.
    """
    gains = blur_gains(side, sigma)
    share = gains * np.sqrt(np.where(np.arange(len(gains)) == 0, 1, 2) / side)
    return (alpha / math.sqrt(3) * np.outer(share, share)).astype(np.float32)


def affine(
    settings: Augment, drawn: NDArray[np.float32], middle: float
) -> tuple[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]], ...]:
    """Return for x and for y the (N,) constants, slopes down and slopes across of affine maps about the middle.

    ``drawn`` is (N, 6) in 0..1: angle, shear, two scales and two shifts, each uniform within its limits.
    """
    turn, shear, scale_x, scale_y, shift_x, shift_y = (2 * drawn - 1).T
    turn, shear = turn * math.radians(settings.rotate_degrees), np.tan(shear * math.radians(settings.shear_degrees))
    scale_x, scale_y = 1 + scale_x * settings.scale, 1 + scale_y * settings.scale
    shift_x, shift_y = shift_x * settings.shift_pixels, shift_y * settings.shift_pixels
    cos, sin = np.cos(turn), np.sin(turn)
    # Backwards: undo the turn, then the shear of x by y, then the scales.
    slopes = ((sin - shear * cos) / scale_x, (cos + shear * sin) / scale_x), (cos / scale_y, -sin / scale_y)
    return tuple((middle - down * shift_y - across * shift_x, down, across) for down, across in slopes)
