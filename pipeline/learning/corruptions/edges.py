"""Canny edges: nothing is left of the strokes but their outlines."""

import cv2
import numpy as np

from pipeline.digits import Images
from pipeline.learning.augmentation.draws import Keys
from pipeline.learning.corruptions.pixels import blurred, shares_of

BLUR = 1.0  # pixels: scikit-image's default, with which MNIST-C was made; so are the two slopes
LOW, HIGH = 0.1, 0.2  # of what Sobel's operator, not divided, says of an image of 0..1
STEPS = 4096  # slopes are whole numbers for OpenCV: at most 4 as they are, and so 16384, which fits into 16 bits


def canny_edges(images: Images, keys: Keys) -> Images:  # noqa: ARG001  # nothing about it is random
    """Return edges, 255 on 0: J. Canny, "A computational approach to edge detection", IEEE PAMI 8 (1986)."""
    shares = shares_of(images)
    paper = blurred(np.ones_like(shares[:1]), BLUR, "constant")  # what the blur sees of the image near its border
    smooth = blurred(shares, BLUR, "constant") / paper
    made = np.empty_like(images)
    for place, image in enumerate(smooth):
        slopes = (cv2.Sobel(image, cv2.CV_32F, *way, ksize=3, scale=STEPS) for way in ((1, 0), (0, 1)))
        across, down = (np.rint(slope).astype(np.int16) for slope in slopes)
        made[place] = cv2.Canny(across, down, LOW * STEPS, HIGH * STEPS, L2gradient=True)
    return made
