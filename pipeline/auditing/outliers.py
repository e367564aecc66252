"""Images that look like no digit."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.digits import Images
from pipeline.scores import DIGITS

INK = 128  # of 255: half covered
FAR = 2.5  # spreads: 1.2% of full MNIST's digits lie farther from everybody else's
FAT = 5.0  # pixels: a stroke twice as wide is half as wide as the 20 pixels of a digit, and leaves no room for a form
ROOM = 3  # pixels of paper beside the image, so that its border is no stroke's end


def thickness(images: Images) -> NDArray[np.float64]:
    """Return (N,): the radius in pixels of the largest disc that fits into each image's ink; 0 without ink."""
    paper = ((0, 0), (ROOM, ROOM), (ROOM, ROOM))
    ink = np.pad((images >= INK).astype(np.uint8), paper)
    return np.array([float(cv2.distanceTransform(image, cv2.DIST_L2, 5).max()) for image in ink])


def no_digits(
    images: Images, probabilities: NDArray[np.float64], far: NDArray[np.float64], unsure: float
) -> NDArray[np.bool_]:
    """Return which images look like no digit, (N,) bool.

    No digit is as probable as ``unsure``, and the image itself is out of the ordinary: nobody else's digit, of
    whatever label, is near it, or it has no ink, or ink so thick that no form is left.
    Each alone would take digits: unusual but plain forms, such as a 1 with serifs, are far from all others and read
    without doubt; digits between two classes are in doubt and look like many others.

    Parameters
    ----------
    images : (N, 28, 28) uint8
    probabilities : (N, 10) float64
    far : (N,) float64
        Spreads that the nearest digit by another hand lies farther than is usual: ``near_duplicates.unusual``.
    unsure : float
        A probability.
    """
    if not len(images):
        return np.zeros(0, dtype=bool)
    fat = thickness(images) >= FAT
    empty = ~(images >= INK).any(axis=(1, 2))
    doubtful = probabilities[:, list(DIGITS)].max(axis=1) < unsure
    return np.asarray(doubtful & ((far >= FAR) | fat | empty))
