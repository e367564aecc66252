"""Brightness, stripe and spatter: the ground behind the digit is lit, turned over or splashed."""

import numpy as np

from pipeline.digits import SIDE, Images
from pipeline.learning.augmentation.draws import Keys, normal_pairs
from pipeline.learning.corruptions.pixels import blurred, images_of, shares_of

LIGHT = 0.5  # of full ink is added: MNIST-C's severity 5
STRIPE = 7  # columns at the left and at the right
# MNIST-C's severity 4: a normal field's mean, deviation and blur (pixels), the level above which it is mud, the blur
# of the mud's edge (pixels), how much of the blurred mud is left, and the mud's ink.
WET, UNEVEN, SPREAD, MUD_LEVEL, MUD_BLUR, MUD_LEAST, MUD_INK = 0.65, 0.3, 1.0, 0.65, 1.5, 0.8, 63 / 255


def brightness(images: Images, keys: Keys) -> Images:  # noqa: ARG001  # nothing about it is random
    """Return the digits on grey: half of full ink is added everywhere."""
    return images_of(shares_of(images) + LIGHT)


def stripe(images: Images, keys: Keys) -> Images:  # noqa: ARG001  # nothing about it is random
    """Return the digits with ink and paper exchanged in the left and in the right quarter."""
    made = images.copy()
    for columns in (slice(None, STRIPE), slice(SIDE - STRIPE, None)):
        made[:, :, columns] = 255 - made[:, :, columns]
    return made


def spatter(images: Images, keys: Keys) -> Images:
    """Return the digits with splashes of mud, a quarter of full ink, over ink and paper."""
    drawn = normal_pairs(keys, SIDE * SIDE // 2).transpose(1, 0, 2).reshape(images.shape)
    wet = blurred(WET + UNEVEN * drawn, SPREAD)
    mud = blurred((wet > MUD_LEVEL).astype(np.float32), MUD_BLUR)
    mud[mud < MUD_LEAST] = 0
    return images_of(shares_of(images) * (1 - mud) + MUD_INK * mud)
