"""Dotted line and zigzag: a stroke of another pen across the digit."""

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE, Images
from pipeline.learning.augmentation.draws import Keys, uniform
from pipeline.learning.corruptions.pixels import Shares, images_of, shares_of

FADE = 2.3  # pixels above or below a line at which its ink, 1 + log(1 - distance / 2.3), is gone for good
DOT = 2  # columns of a dot, and of the gap before it
LENGTH, WIDTH = 2.0, 2.0  # pixels: half a tooth of the zigzag, and its height either way
START, END = 2, 25  # columns of the zigzag
SLOPE = 5  # rows that it climbs or falls at most
TEETH = 6  # corners of a zigzag of at most 23.6 pixels, whatever its slope

Places = NDArray[np.float64]
"""(N,) pixels."""


def dotted_line(images: Images, keys: Keys) -> Images:
    """Return the digits with dots, two columns each, along a line from side to side."""
    first, last = np.floor(uniform(keys, 2).astype(np.float64) * (SIDE - 1)).T
    edge = np.zeros(len(images))
    ink = line(edge, first, edge + SIDE - 1, last)
    ink[:, :, np.arange(SIDE) // DOT % 2 == 0] = 0
    return images_of(shares_of(images) + ink)


def zigzag(images: Images, keys: Keys) -> Images:
    """Return the digits with a zigzag through the image, its teeth 4 pixels long and high."""
    drawn = uniform(keys, 2).astype(np.float64)
    row = np.floor(drawn[:, 0] * (SIDE - 1))
    slope = np.arctan(np.floor((2 * drawn[:, 1] - 1) * SLOPE) / (END - START))
    corners = _corners((END - START) / np.cos(slope))
    across = START + np.cos(slope) * corners[0] - np.sin(slope) * corners[1]
    down = row + np.sin(slope) * corners[0] + np.cos(slope) * corners[1]
    shares = shares_of(images)
    for n in range(len(across) - 1):
        shares += line(across[n], down[n], across[n + 1], down[n + 1])
    return images_of(shares)


def line(across0: Places, down0: Places, across1: Places, down1: Places) -> Shares:
    """Return (N, 28, 28) ink of straight lines, from the column of one end up to that of the other, further right."""
    columns = np.arange(SIDE)
    slope = (down1 - down0) / (across1 - across0)
    height = slope[:, None] * (columns - across0[:, None]) + down0[:, None]
    far = np.abs(columns[:, None] - height[:, None, :])
    ink = np.clip(1 + np.log1p(-np.minimum(far, 0.99 * FADE) / FADE), 0, 1)
    within = (columns >= np.floor(across0)[:, None]) & (columns < np.ceil(across1)[:, None])
    return np.asarray(ink * within[:, None, :], np.float32)


def _corners(length: Places) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (TEETH + 2, N) places along and beside a straight line: its start, the teeth, and what closes the last."""
    teeth = (2 * np.arange(TEETH) + 1) * LENGTH
    beside = WIDTH * (-1.0) ** np.arange(TEETH)
    whole = 2 * LENGTH * (length // (2 * LENGTH))
    along = np.vstack([np.zeros_like(length), np.repeat(teeth[:, None], len(length), axis=1), length])
    last = beside[-1] / (2 * (length - whole))
    return along, np.vstack([np.zeros_like(length), np.repeat(beside[:, None], len(length), axis=1), last])
