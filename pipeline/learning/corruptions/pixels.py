"""Digits as numbers from 0 to 1, which corruptions compute with, and back."""

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import Images

Shares = NDArray[np.float32]
"""(N, 28, 28) float32: 0 = paper, 1 = ink."""


def shares_of(images: Images) -> Shares:
    """Return (N, 28, 28) uint8 as shares of full ink."""
    return images.astype(np.float32) / np.float32(255)


def images_of(shares: NDArray[np.floating]) -> Images:
    """Return shares as (N, 28, 28) uint8: rounded, and cut off below 0 and above 1."""
    return np.asarray(np.rint(np.clip(shares, 0, 1) * 255), np.uint8)


def blurred(shares: NDArray[np.floating], sigma: float, mode: str = "nearest") -> NDArray[np.float32]:
    """Return each image blurred by a Gaussian of ``sigma`` pixels, which ends at 4 sigma."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(shares, (0, sigma, sigma), mode=mode), np.float32)
