"""Glass blur and motion blur: what a bad window and a moving hand do."""

import numpy as np

from pipeline.digits import SIDE, Images
from pipeline.learning.augmentation.draws import Keys, uniform
from pipeline.learning.corruptions.pixels import blurred, images_of, shares_of

GLASS_SIGMA, GLASS_REACH, GLASS_ROUNDS = 0.7, 1, 2  # MNIST-C's severity 1: blur, pixels of a swap, times over
MOTION_RADIUS, MOTION_SIGMA = 10, 3  # pixels: MNIST-C's severity 1
MOTION_DEGREES = 45  # either way from the horizontal


def glass_blur(images: Images, keys: Keys) -> Images:
    """Return the digits blurred, with pixels swapped with a neighbour above or to the left, and blurred again.

    Every pixel away from the border swaps with probability 1/2, from the bottom right on, twice. The published code
    blurs down the columns alone, because it takes a grey image's columns for colours; here it is both ways.
    """
    pixels = images_of(blurred(shares_of(images), GLASS_SIGMA)).reshape(len(images), -1).T.copy()
    inner = range(SIDE - GLASS_REACH, GLASS_REACH, -1)
    places = [down * SIDE + across for _ in range(GLASS_ROUNDS) for down in inner for across in inner]
    drawn = uniform(keys, len(places)).T
    # A draw's lower half is no swap; in its upper half are the four places, of which the last is the pixel itself.
    steps = np.array([0, 0, 0, 0, SIDE + 1, SIDE, 1, 0])[(drawn * 8).astype(np.intp)]
    digits = np.arange(len(images))
    for place, step in zip(places, steps, strict=True):
        other = place - step
        held = pixels[other, digits]
        pixels[other, digits] = pixels[place]
        pixels[place] = held
    return images_of(blurred(shares_of(pixels.T.reshape(images.shape)), GLASS_SIGMA))


def motion_blur(images: Images, keys: Keys) -> Images:
    """Return the digits drawn out to one side, fading, in a direction of each digit's own.

    The kernel is ImageMagick's motion blur, with which MNIST-C was made: half a Gaussian along a line, each place
    rounded to a whole pixel; beyond the border the border's pixel is seen.
    """
    angle = np.radians((2 * uniform(keys, 1)[:, 0].astype(np.float64) - 1) * MOTION_DEGREES)
    steps = np.arange(2 * MOTION_RADIUS + 1)
    weights = np.exp(-(steps**2) / (2 * MOTION_SIGMA**2))
    shares, digits = shares_of(images), np.arange(len(images))[:, None, None]
    total, here = np.zeros_like(shares), np.arange(SIDE)
    for step, weight in zip(steps, (weights / weights.sum()).astype(np.float32), strict=True):
        across, down = (np.ceil(step * way(angle) - 0.5).astype(np.intp)[:, None] for way in (np.cos, np.sin))
        rows, columns = np.clip(here + down, 0, SIDE - 1), np.clip(here + across, 0, SIDE - 1)
        total += weight * shares[digits, rows[:, :, None], columns[:, None, :]]
    return images_of(total)
