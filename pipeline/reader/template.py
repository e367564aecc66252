"""Photos of our printed template: labels and turn come from the sheet itself."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.boxes import read_boxes
from pipeline.reader.canvas import Canvas, without_print
from pipeline.reader.markers import Homography, register
from pipeline.reader.page import ink_map_colour
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Crop, Reject
from pipeline.template import Template, corners, geometry

SCALE = 5  # canvas pixels a mm: a box is 78x85 pixels, a digit about 45 high, twice what 20x20 needs
BORDER_MM = 12.0  # of canvas around the markers' centres: the page goes on for 17 mm or more on every paper
MAX_REDUCTION = 1.5  # a photo with more pixels is first averaged down to this many times the canvas's


def read_template(rgb: Rgb, limits: Sheets) -> tuple[list[Crop], list[Reject]]:
    """Read the digits of a photo of the template, at any turn.

    Markers give the homography; the sheet is warped once to a small canvas, the light is divided out there, and
    each box gives a crop or a reject. All papers have their cells in the same place relative to the markers.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    limits : Sheets

    Returns
    -------
    list of Crop, list of Reject
        One of the two for each of the 100 cells, or a single ``not-registered``.
    """
    template = geometry()
    found = register(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8), template)
    if isinstance(found, Reject):
        return [], [found]
    left, top = (place + template.markers[0].box_mm[2] / 2 - BORDER_MM for place in template.markers[0].box_mm[:2])
    right, bottom = (place + template.markers[2].box_mm[2] / 2 + BORDER_MM for place in template.markers[2].box_mm[:2])
    flat = _warp(rgb, found, (left, top), (round((right - left) * SCALE), round((bottom - top) * SCALE)))
    canvas = without_print(Canvas(ink_map_colour(flat), SCALE, (left, top)), template)
    return read_boxes(canvas, template, _in_photo(template, found), rgb.shape[:2], limits)


def _warp(rgb: Rgb, homography: Homography, origin: tuple[float, float], size: tuple[int, int]) -> Rgb:
    """Return the sheet seen straight on; large photos are averaged down first, so that no pixel is lost to aliasing."""
    area = cv2.perspectiveTransform(np.array([[[0, 0], [100, 0], [100, 100], [0, 100]]], np.float64), homography)
    sharpness = float(np.sqrt(cv2.contourArea(area[0].astype(np.float32)))) / 100  # photo pixels a mm
    factor = min(MAX_REDUCTION * SCALE / sharpness, 1.0)
    small = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else rgb
    reduce = np.array([[factor, 0, 0.5 * factor - 0.5], [0, factor, 0.5 * factor - 0.5], [0, 0, 1]])
    to_mm = np.array([[1 / SCALE, 0, origin[0] + 0.5 / SCALE], [0, 1 / SCALE, origin[1] + 0.5 / SCALE], [0, 0, 1]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(small, reduce @ homography @ to_mm, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, dtype=np.uint8)


def _in_photo(template: Template, homography: Homography) -> NDArray[np.float32]:
    """Return (N, 4, 2): the corners of each cell's box in photo pixels."""
    boxes = np.array([corners(cell.box_mm) for cell in template.cells])
    return np.asarray(cv2.perspectiveTransform(boxes.reshape(1, -1, 2), homography), np.float32).reshape(-1, 4, 2)
