"""Taking the light out of a photo: what is left is ink."""

from functools import reduce

import cv2
import numpy as np

from pipeline.reader.photo import Rgb, channels_of
from pipeline.reader.records import Grey, Ink

LIGHT_SIDE = 800  # pixels: light changes slowly, so that its estimate needs no more
WIDEST_STROKE = 1 / 25  # of the photo's longer side: wider dark regions count as shade, not as ink
MARKER = 1 / 16  # … where a few digits may fill the photo: a thick marker, digits half as high as the photo is long

GRAIN = 0.7  # pixels of the reduced copy: smoothed by this, so that the closing does not follow the brightest noise
TRUSTED = 0.5  # of the brightest channel: in lamp light blue is darker than this, and its noise not taken for ink


def ink_map(grey: Grey, widest: float = WIDEST_STROKE) -> Ink:
    """Return how much darker than its paper each pixel is: 0 = paper, 255 = black.

    The paper's brightness is divided out, so that shadow and vignette cancel (background division; Gonzalez and Woods,
    "Digital Image Processing", section 9.6).

    Parameters
    ----------
    grey : (H, W) uint8
    widest : float
        Stroke, of the photo's longer side.

    Returns
    -------
    (H, W) uint8
    """
    return _divided(grey, paper_of(grey, widest))


def paper_of(grey: Grey, widest: float = WIDEST_STROKE) -> Grey:
    """Return the brightness that the paper has behind each pixel.

    That of a reduced copy in which a morphological closing has made dark strokes vanish while shade stays, smoothed,
    but nowhere brighter than the closing says: the hard edge of a shadow stays hard, and is no ink.

    Parameters
    ----------
    grey : (H, W) uint8
    widest : float
        Stroke, of the photo's longer side.

    Returns
    -------
    (H, W) uint8
    """
    height, width = grey.shape
    longer = max(height, width)
    reduction = max(longer / LIGHT_SIDE, 1.0)
    small_size = (max(round(width / reduction), 1), max(round(height / reduction), 1))
    small = cv2.resize(grey, small_size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), GRAIN)
    reach = max(round(max(small_size) * widest), 3) | 1
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    light = cv2.min(cv2.GaussianBlur(closed, (0, 0), reach / 4), cv2.erode(closed, np.ones((3, 3), np.uint8)))
    return np.asarray(cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def ink_map_colour(rgb: Rgb, widest: float = WIDEST_STROKE) -> Ink:
    """Return the ink of the colour channel in which each pixel is darkest, so that red and blue pens count fully.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    widest : float
        Stroke, of the photo's longer side.

    Returns
    -------
    (H, W) uint8
    """
    channels = channels_of(rgb)
    papers = [paper_of(channel, widest) for channel in channels]
    brightest = reduce(np.maximum, papers)
    ink = np.zeros(rgb.shape[:2], np.uint8)
    for channel, paper in zip(channels, papers, strict=True):
        trust = cv2.divide(paper, brightest, scale=255 / TRUSTED)  # 255 and more is full
        ink = np.asarray(cv2.max(ink, cv2.multiply(_divided(channel, paper), trust, scale=1 / 255)), dtype=np.uint8)
    return ink


def _divided(grey: Grey, paper: Grey) -> Ink:
    brightness = cv2.divide(grey, cv2.max(paper, np.ones_like(paper)), scale=255.0)
    return np.asarray(cv2.bitwise_not(brightness), dtype=np.uint8)
