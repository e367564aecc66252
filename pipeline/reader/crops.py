"""Layout `crops`: images that hold one digit each."""

import cv2
import numpy as np

from pipeline.digits import SIDE
from pipeline.params import Sheets
from pipeline.reader.normalize import PAPER_LEVEL
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Crop, Grey, Ink, Reason, Reject, whole_photo
from pipeline.reader.strokes import parts, threshold

FULL_INK = 99  # percentile of a crop's contrast that counts as full ink
SPECK = 0.02  # of the largest part's area: smaller ink is dirt


def read_crop(rgb: Rgb, label: int, limits: Sheets) -> Crop | Reject:
    """Read an image of one digit, dark on light or light on dark, of any size.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    label : int
    limits : Sheets

    Returns
    -------
    Crop, or Reject with ``blank`` or ``too-faint``
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    ink = _flat_ink(np.asarray(grey, np.uint8))
    contrast = float(np.percentile(ink, FULL_INK)) / 255
    corners = whole_photo(*rgb.shape[:2])
    if contrast < limits.min_ink_contrast:
        detail = f"ink contrast {contrast:.2f}, limit {limits.min_ink_contrast:g} (sheets.min_ink_contrast)"
        reason = Reason.BLANK if contrast < limits.min_ink_contrast / 2 else Reason.TOO_FAINT
        return Reject(reason, f"{detail}; use a darker pen", 0, 0, label, corners)
    return Crop(_without_specks(ink, limits), label, 0, 0, corners)


def is_digit_image(rgb: Rgb) -> bool:
    """Tell whether an image already is a 28x28 digit in MNIST's convention: grey, paper exactly 0 at the border."""
    if rgb.shape != (SIDE, SIDE, 3):
        return False
    same = (rgb == rgb[:, :, :1]).all()
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    return bool(same and border.max() == 0 and rgb.max() > 0)


def _flat_ink(grey: Grey) -> Ink:
    """Return the distance from the border's median brightness, in the direction in which the digit lies."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = float(np.median(border))
    towards_dark, towards_light = paper - np.percentile(grey, 1), np.percentile(grey, 99) - paper
    away = paper - grey.astype(np.float32) if towards_dark >= towards_light else grey.astype(np.float32) - paper
    return np.asarray(np.clip(away, 0, 255), dtype=np.uint8)


def _without_specks(ink: Ink, limits: Sheets) -> Ink:
    """Clear what is not connected to a stroke, and scale the strokes to full ink."""
    found, labels = parts(ink, threshold(ink, limits.min_ink_contrast))
    largest = max(part.area for part in found)
    own = np.isin(labels, [part.index + 1 for part in found if part.area >= SPECK * largest])
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    full = float(np.percentile(ink[own], 90))
    levelled = np.clip(ink * (255.0 / full), 0, 255)
    return np.where(near & (levelled >= PAPER_LEVEL), levelled, 0).astype(np.uint8)
