"""Shear, scale, rotate and translate: the digit's place and posture, about the image's middle."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE, Images
from pipeline.learning.augmentation.draws import Keys, uniform

SHEAR = 0.4  # radians: MNIST-C's severity 2
SCALE = 0.7  # of the size: MNIST-C's severity 3
TURN = 0.4  # radians: MNIST-C's severity 2
SHIFT = 3  # pixels, across and down: MNIST-C's severity 3
MIDDLE = (SIDE - 1) / 2


def shear(images: Images, keys: Keys) -> Images:
    """Return the digits slanted to the left or to the right, as scikit-image's ``AffineTransform(shear)`` does."""
    angle = SHEAR * _signs(keys, 1)[:, 0]
    return _read(images, [[[1, -math.sin(a)], [0, math.cos(a)]] for a in angle])


def scale(images: Images, keys: Keys) -> Images:  # noqa: ARG001  # nothing about it is random
    """Return the digits made smaller."""
    return _read(images, [[[1 / SCALE, 0], [0, 1 / SCALE]]] * len(images))


def rotate(images: Images, keys: Keys) -> Images:
    """Return the digits turned by 23 degrees, to the left or to the right."""
    angle = TURN * _signs(keys, 1)[:, 0]
    return _read(images, [[[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]] for a in angle])


def translate(images: Images, keys: Keys) -> Images:
    """Return the digits shifted towards one of the four corners."""
    made = np.zeros_like(images)
    for place, (across, down) in enumerate(SHIFT * _signs(keys, 2).astype(np.int64)):
        made[place, _to(down), _to(across)] = images[place, _to(-down), _to(-across)]
    return made


def _signs(keys: Keys, count: int) -> NDArray[np.float32]:
    """Return (N, count) numbers, each -1 or 1."""
    return np.where(uniform(keys, count) < 0.5, np.float32(-1), np.float32(1))


def _to(shift: int) -> slice:
    """Return where pixels end up that move by ``shift`` and stay within the image."""
    return slice(max(shift, 0), SIDE + min(shift, 0))


def _read(images: Images, maps: list[list[list[float]]]) -> Images:
    """Return digits whose pixel p, seen from the middle, is what lies at ``map @ p`` (x, y); outside is paper."""
    made = np.empty_like(images)
    for place, matrix in enumerate(np.asarray(maps, np.float64).reshape(-1, 2, 2)):
        move = MIDDLE - matrix @ (MIDDLE, MIDDLE)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        made[place] = cv2.warpAffine(images[place], np.column_stack([matrix, move]), (SIDE, SIDE), flags=flags)
    return made
