"""A crop becomes a 28x28 digit as MNIST's did."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE
from pipeline.reader.normalizations import BOX, MARGIN
from pipeline.reader.records import Ink

CENTRE = 14  # pixel index of MNIST's centre of mass: measured mean 14.00 in both axes, within half a pixel
PAPER_LEVEL = 24  # ink below this is paper grain and JPEG ringing; MNIST's paper is exactly 0
FULL_INK = 90  # percentile of a digit's ink that becomes 255: in MNIST the upper quarter of ink pixels is 253-255

# `stretch` widens a crop that is at most TIGHT times as long as its ink (rows are cut so; a box and a ready-made crop
# have a margin) by MARGIN of the ink's longer side, as a hand leaves that cuts a digit out. The report does not say
# what it left. With 0.3 its network, trained on MNIST alone, reads 96% of 1,196 digits of Chinese students (the report:
# 95.25% of its own); cut to the ink, 68%.
TIGHT = 1.2

Digit = NDArray[np.uint8]
"""(28, 28) uint8, 0 = paper, 255 = ink."""


def normalize(ink: Ink, method: Literal["mnist", "stretch"]) -> Digit:
    """Return the digit image of a crop.

    ``mnist`` follows the MNIST page (LeCun, Cortes, Burges): the ink's bounding box is scaled into 20x20 with its
    aspect kept and anti-aliased, then placed so that its centre of mass is at the centre of 28x28, by whole pixels.
    ``stretch`` resizes the whole crop, widened where it is cut to the ink, to 28x28, as the Chinese-digit report
    did; for comparison.

    Parameters
    ----------
    ink : (H, W) uint8
        0 = paper; must hold ink.
    method : {"mnist", "stretch"}

    Returns
    -------
    (28, 28) uint8

    Raises
    ------
    ValueError
        If there is no ink.
    """
    _, inked = cv2.threshold(ink, PAPER_LEVEL - 1, 0, cv2.THRESH_TOZERO)
    left, top, across, down = cv2.boundingRect(inked)
    if not across:
        raise ValueError(f"expected ink of at least {PAPER_LEVEL}, got a crop with at most {ink.max(initial=0)}")
    if method == "stretch":
        return _levelled(_resized(_with_margin(ink, max(across, down)), SIDE, SIDE))
    box = np.asarray(inked[top : top + down, left : left + across], dtype=np.uint8)
    scale = BOX / max(across, down)
    return _centred(_levelled(_resized(box, max(round(across * scale), 1), max(round(down * scale), 1))))


def _with_margin(ink: Ink, longer: int) -> Ink:
    """Widen a tight crop, whose ink is ``longer`` pixels across or high, by :data:`MARGIN` on all sides."""
    if max(ink.shape) > TIGHT * longer:
        return ink
    added = round(MARGIN * longer)
    return np.asarray(cv2.copyMakeBorder(ink, added, added, added, added, cv2.BORDER_CONSTANT, value=0), dtype=np.uint8)


def _resized(ink: Ink, width: int, height: int) -> Ink:
    """Scale with anti-aliasing when shrinking and without steps when growing."""
    way = cv2.INTER_AREA if width < ink.shape[1] or height < ink.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(ink, (width, height), interpolation=way), dtype=np.uint8)


def _levelled(digit: Digit) -> Digit:
    """Scale the ink so that its darkest tenth is full ink."""
    seen = digit[digit > 0]
    full = max(percentile(seen, FULL_INK), 1.0) if seen.size else 255.0
    return np.asarray(np.minimum(digit * (255.0 / full) + 0.5, 255), dtype=np.uint8)


def percentile(values: NDArray[np.uint8], share: float) -> float:
    """Return a percentile, 0..100, of (N,) values as NumPy's, in a fifth of its time for the few of a digit."""
    ordered = np.sort(values)
    place = (len(ordered) - 1) * share / 100
    low = int(place)
    first, second = float(ordered[low]), float(ordered[min(low + 1, len(ordered) - 1)])
    return first + (second - first) * (place - low)


def _centred(box: Digit) -> Digit:
    """Place a box of at most 20x20 so that its centre of mass falls on pixel (14, 14), clipped to the image."""
    mass = cv2.moments(box)
    left, top = (
        min(max(round(CENTRE - mass[way] / mass["m00"]), 0), SIDE - length)
        for way, length in zip(("m10", "m01"), box.shape[::-1], strict=True)
    )
    digit = np.zeros((SIDE, SIDE), np.uint8)
    digit[top : top + box.shape[0], left : left + box.shape[1]] = box
    return digit
