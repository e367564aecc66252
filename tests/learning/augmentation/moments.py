"""What the distribution of distorted digits is compared by."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.digits import Images

NAMES = ("ink", "contrast", "centre x", "centre y", "width", "height", "slant", "stroke")


def of(images: Images) -> NDArray[np.float64]:
    """Return (N, 8), by name: mean grey, its deviation, centre of mass, spread each way, slant, thickness in pixels."""
    ink = images.astype(np.float64)
    mass = ink.sum(axis=(1, 2))
    down, across = np.mgrid[: ink.shape[1], : ink.shape[2]]
    x, y = (np.tensordot(ink, place, 2) / mass for place in (across, down))
    off_x, off_y = across - x[:, None, None], down - y[:, None, None]
    xx, yy, xy = ((ink * product).sum(axis=(1, 2)) / mass for product in (off_x**2, off_y**2, off_x * off_y))
    # Ink over the length of its outline: half the thickness of a long stroke.
    edge = np.array(
        [np.hypot(cv2.Sobel(one, cv2.CV_64F, 1, 0), cv2.Sobel(one, cv2.CV_64F, 0, 1)).sum() / 8 for one in ink]
    )
    columns = (mass / ink[0].size, ink.std(axis=(1, 2)), x, y, np.sqrt(xx), np.sqrt(yy), xy / yy, 2 * mass / edge)
    return np.stack(columns, axis=1)
