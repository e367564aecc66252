"""Taking the light out of a photo: what is left is ink."""

import cv2
import numpy as np

from pipeline.reader.photo import Rgb
from pipeline.reader.records import Grey, Ink

LIGHT_SIDE = 800  # pixels: light changes slowly, so that its estimate needs no more
WIDEST_STROKE = 1 / 25  # of the photo's longer side: wider dark regions count as shade, not as ink


def ink_map(grey: Grey) -> Ink:
    """Return how much darker than its paper each pixel is: 0 = paper, 255 = black.

    The paper's brightness is estimated by a morphological closing (dark strokes vanish, shade stays) of a reduced
    copy, smoothed, and divided out, so that shadow and vignette cancel (background division; Gonzalez and Woods,
    "Digital Image Processing", section 9.6).

    Parameters
    ----------
    grey : (H, W) uint8

    Returns
    -------
    (H, W) uint8
    """
    height, width = grey.shape
    longer = max(height, width)
    reduction = max(longer / LIGHT_SIDE, 1.0)
    small_size = (max(round(width / reduction), 1), max(round(height / reduction), 1))
    small = cv2.resize(grey, small_size, interpolation=cv2.INTER_AREA)
    reach = max(round(max(small_size) * WIDEST_STROKE), 3) | 1
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    light = cv2.GaussianBlur(closed, (0, 0), reach / 4)
    paper = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    brightness = cv2.divide(grey, cv2.max(paper, np.ones_like(paper)), scale=255.0)
    return np.asarray(cv2.bitwise_not(brightness), dtype=np.uint8)


def ink_map_colour(rgb: Rgb) -> Ink:
    """Return the ink of the colour channel in which each pixel is darkest, so that red and blue pens count fully.

    Parameters
    ----------
    rgb : (H, W, 3) uint8

    Returns
    -------
    (H, W) uint8
    """
    red, green, blue = (ink_map(np.ascontiguousarray(rgb[:, :, channel])) for channel in range(3))
    return np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8)
