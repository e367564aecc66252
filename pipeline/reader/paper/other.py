"""A second sheet of paper on the photo, which nobody reads: it must not vanish unsaid."""

import cv2
import numpy as np

from pipeline.reader.paper.edges import SIDE, Points
from pipeline.reader.paper.find import find_paper
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Corners

AS_LARGE = 0.25  # of the sheet that is read: smaller light things on a desk are labels, keys, erasers
BEYOND = 0.02  # of the photo's longer side: the first sheet is painted over with so much around it
DESK = 20  # percentile of what lies beside the first sheet: another one there may be larger than the desk in view
APART = 0.1  # of the second sheet, at most, lies within the first


def other_paper(rgb: Rgb, outline: Points) -> Corners | None:
    """Return the corners of another sheet beside the one with this outline, or None.

    The first sheet is painted over with the colour of the desk, and paper is sought again.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    outline : (4, 2) float64
        The first sheet's corners, pixels.
    """
    height, width = rgb.shape[:2]
    scale = min(SIDE / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    first = np.zeros(small.shape[:2], np.uint8)
    cv2.fillPoly(first, [np.round(outline * scale).astype(np.int32)], 1)
    reach = 2 * max(round(BEYOND * max(size)), 1) + 1
    hidden = cv2.dilate(first, np.ones((reach, reach), np.uint8)).astype(bool)
    if hidden.all():
        return None
    desk = small.copy()
    desk[hidden] = np.percentile(small[~hidden], DESK, axis=0).astype(np.uint8)
    found = find_paper(desk)
    if found is None:
        return None
    second = np.zeros_like(first)
    cv2.fillPoly(second, [np.round(found.corners).astype(np.int32)], 1)
    if second.sum() < AS_LARGE * first.sum() or (second & first).sum() > APART * second.sum():
        return None
    return np.asarray(found.corners / scale, np.float32)
