"""Shot noise and impulse noise: each pixel is counted badly, or not at all."""

import numpy as np

from pipeline.digits import SIDE, Images
from pipeline.learning.augmentation.draws import Keys, uniform
from pipeline.learning.corruptions.pixels import images_of, shares_of

PHOTONS = 3  # that full ink sends on average: MNIST-C's severity 5
SPOILED = 0.17  # of all pixels, half of them black and half white: MNIST-C's severity 4


def shot_noise(images: Images, keys: Keys) -> Images:
    """Return what is seen when a pixel's ink is counted in few photons: Poisson counts with a mean of 3 x ink.

    A count is the number of n with P(count <= n) <= u, for a uniform u; all above full ink are cut off, so that three
    comparisons tell.
    """
    mean = PHOTONS * shares_of(images)
    drawn = uniform(keys, SIDE * SIDE).reshape(images.shape)
    term = np.exp(-mean)  # the probability of n photons
    below, count = term.copy(), np.zeros_like(mean)
    for n in range(1, PHOTONS + 1):
        count += drawn >= below
        term *= mean / n
        below += term
    return images_of(count / PHOTONS)


def impulse_noise(images: Images, keys: Keys) -> Images:
    """Return the digits with some pixels turned into paper and as many into ink."""
    drawn = uniform(keys, SIDE * SIDE).reshape(images.shape)
    paper, ink = np.uint8(0), np.uint8(255)
    return np.where(drawn < SPOILED / 2, paper, np.where(drawn < SPOILED, ink, images))
