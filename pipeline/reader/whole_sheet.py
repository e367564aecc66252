"""A photo of a whole sheet is no crop: its paper on the desk, or what is printed on it, would pass for one digit."""

import cv2
import numpy as np

from pipeline.reader.normalize import PAPER_LEVEL
from pipeline.reader.paper.find import find_paper
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Crop, Reason, Reject
from pipeline.reader.template.squares import search
from pipeline.template import CODED

SIDE = 1000  # pixels: a marker of a photographed sheet has 4 and more a module there
MARKERS = 2  # of the printed sheet's eight: one alone may be chance
SMALLEST = 400  # pixels of a photo's longer side; smaller images are not looked at: what was cut out is mostly small,
# and its strokes may look like a paper's edges
# How much of the image, and of the paper on it, was taken for light ink on something dark.
INKED, COVERED = 0.25, 0.5
ADVICE = "one digit in the image; of a whole sheet say `layout: template`, `rows` or `grid` (sheets.yaml)"


def no_crop(rgb: Rgb, crop: Crop) -> Reject | None:
    """Return why an image that was read as one digit is a photo of a sheet; None where it may be one digit."""
    detail = _markers(rgb) or _paper(rgb, crop)
    if detail is None:
        return None
    return Reject(Reason.NO_DIGIT, detail, crop.row, crop.col, crop.label, crop.corners, ADVICE)


def _markers(rgb: Rgb) -> str | None:
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    found = {marker for marker, _ in search(grey, SIDE, quick=True)}
    many = len(found & set(range(2 * CODED)))
    return f"expected one digit, found {many} of the printed sheet's markers" if many >= MARKERS else None


def _paper(rgb: Rgb, crop: Crop) -> str | None:
    """Say how much of a sheet of paper would be ink, where it is the paper that is lighter than what it lies on."""
    mask = crop.ink >= PAPER_LEVEL
    inked = float(mask.mean())
    if inked < INKED or max(rgb.shape[:2]) < SMALLEST:
        return None
    light = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), mask.shape[::-1], interpolation=cv2.INTER_AREA)
    if mask.all() or light[mask].mean() < light[~mask].mean():
        return None
    paper = find_paper(rgb)
    if paper is None:
        return None
    covered = inked * rgb.shape[0] * rgb.shape[1] / max(float(cv2.contourArea(paper.corners)), 1.0)
    if covered < COVERED:
        return None
    return f"{min(covered, 1):.0%} of a sheet of paper would be ink, limit {COVERED:.0%}: it is the paper on a desk"
