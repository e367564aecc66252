"""Fog: a height map of hills upon hills before the digit."""

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE, Images
from pipeline.learning.augmentation.draws import Keys, split, uniform
from pipeline.learning.corruptions.pixels import images_of, shares_of

DENSITY, DECAY = 3.0, 1.4  # MNIST-C's severity 5: how much fog, and how much lower finer hills are
START = 100.0  # the published code's first height; it is squared, and so is its decay
COARSE, FINE = 5, 3  # how often the grid is made twice as fine: 32 x 32 of a map of 256 x 256, then the part to be seen
PART = 8  # grid points of 32 that the seen part is made from, with as many pixels around it as wrap wrongly
LEFT = 2  # of them lie before the map's corner

Heights = NDArray[np.float32]
"""(N, k, k) float32 heights on a torus."""


def fog(images: Images, keys: Keys) -> Images:
    """Return the digits behind fog, their contrast a quarter of what it was.

    The fog is the corner of a map of 256 x 256 made by the diamond-square algorithm (Fournier, Fussell and Carpenter,
    "Computer rendering of stochastic models", Communications of the ACM 1982), brought to 0..1 by its lowest and
    highest point. These are looked for on every eighth pixel of the map, since what lies between is little higher and
    is made for the corner alone: 16 times less work.
    """
    heights = np.zeros((len(images), 1, 1), np.float32)
    strength = START**2
    for level in range(COARSE):
        heights = finer(heights, split(keys, level), strength)
        strength /= DECAY**2
    lowest, highest = heights.min(axis=(1, 2)), heights.max(axis=(1, 2))
    heights = np.roll(heights, LEFT, axis=(1, 2))[:, :PART, :PART]
    for level in range(COARSE, COARSE + FINE):
        heights = finer(heights, split(keys, level), strength)
        strength /= DECAY**2
    first = LEFT * 2**FINE
    seen = heights[:, first : first + SIDE, first : first + SIDE]
    cover = (seen - lowest[:, None, None]) / (highest - lowest)[:, None, None]
    shares = shares_of(images)
    full = shares.max(axis=(1, 2), keepdims=True)
    return images_of((shares + DENSITY * cover) * full / (full + DENSITY))


def finer(heights: Heights, keys: Keys, strength: float) -> Heights:
    """Return the heights on a grid twice as fine: the points between are means of four, and up to ``strength`` off."""
    count, side, _ = heights.shape
    drawn = uniform(keys, 3 * side * side).reshape(count, 3, side, side)
    off = np.float32(strength) * (2 * drawn.transpose(1, 0, 2, 3) - 1)
    made = np.empty((count, 2 * side, 2 * side), np.float32)
    pairs = heights + np.roll(heights, -1, axis=1)
    middles = (pairs + np.roll(pairs, -1, axis=2)) / 4 + off[0]
    made[:, ::2, ::2] = heights
    made[:, 1::2, 1::2] = middles
    made[:, ::2, 1::2] = (heights + np.roll(heights, -1, axis=2) + middles + np.roll(middles, 1, axis=1)) / 4 + off[1]
    made[:, 1::2, ::2] = (heights + np.roll(heights, -1, axis=1) + middles + np.roll(middles, 1, axis=2)) / 4 + off[2]
    return made
