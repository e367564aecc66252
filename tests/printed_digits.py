"""Digits for tests that need their shapes alone: printed, 20 pixels high, on 28x28."""

from functools import cache

import cv2
import numpy as np

from pipeline.digits import Images


@cache
def printed() -> Images:
    """Return the digits 0 to 9, (10, 28, 28)."""
    made = np.zeros((10, 28, 28), np.uint8)
    for digit in range(10):
        fine = np.zeros((280, 280), np.uint8)
        cv2.putText(fine, str(digit), (70, 225), cv2.FONT_HERSHEY_SIMPLEX, 7.5, 255, 30, cv2.LINE_AA)
        made[digit] = cv2.resize(fine, (28, 28), interpolation=cv2.INTER_AREA)
    made.flags.writeable = False
    return made
