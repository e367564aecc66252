"""Photos of our printed template: labels and turn come from the sheet itself."""

import cv2
import numpy as np

from pipeline.params import Sheets
from pipeline.reader.boxes import read_boxes
from pipeline.reader.canvas import Canvas, without_print
from pipeline.reader.markers import Homography, register
from pipeline.reader.outline import MIN_SHARE, Bend, find_bend
from pipeline.reader.page import ink_map_colour
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Crop, Reason, Reject
from pipeline.template import Template, corners, geometry

SCALE = 5  # canvas pixels a mm: a box is 78x85 pixels, a digit about 45 high, twice what 20x20 needs
BORDER_MM = 12.0  # of canvas around the markers' centres: the page goes on for 17 mm or more on every paper
STRAIGHT = Bend(np.zeros((6, 2)), 1.0)
STRAIGHT_MM = 0.15  # a bend smaller than this is not worth a second warp: less than a canvas pixel
GRID = 10  # canvas pixels between the nodes of a bent warp: between them a bend is straight to 0.01 pixels
MAX_REDUCTION = 1.5  # a photo with more pixels is first averaged down to this many times the canvas's


def read_template(rgb: Rgb, limits: Sheets) -> tuple[list[Crop], list[Reject]]:
    """Read the digits of a photo of the template, at any turn.

    Markers give the homography; the sheet is warped to a small canvas, again where its box lines show a bend; the
    light is divided out there, and each box gives a crop or a reject. All papers have their cells in the same place
    relative to the markers.

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
    canvas = _canvas(rgb, found.homography, STRAIGHT, template)
    bend = find_bend(canvas, template)
    if found.markers < len(template.markers) and bend.share < MIN_SHARE:
        detail = f"{found.markers} of {len(template.markers)} markers, and only {bend.share:.0%} of the box lines where"
        detail = (
            f"{detail} these say, at least {MIN_SHARE:.0%} are needed; retake: all four black squares in the picture"
        )
        return [], [Reject(Reason.NOT_REGISTERED, detail)]
    places = np.array([corners(cell.box_mm) for cell in template.cells]).reshape(-1, 2)
    if np.abs(bend.moved(places) - places).max() > STRAIGHT_MM:
        canvas = _canvas(rgb, found.homography, bend, template)
    else:
        bend = STRAIGHT
    in_photo = cv2.perspectiveTransform(bend.moved(places)[None], found.homography).reshape(-1, 4, 2).astype(np.float32)
    return read_boxes(without_print(canvas, template), template, in_photo, rgb.shape[:2], limits)


def _canvas(rgb: Rgb, homography: Homography, bend: Bend, template: Template) -> Canvas:
    """Return the ink of the sheet seen straight on, from its markers' centres outwards by ``BORDER_MM``."""
    first, last = template.markers[0].box_mm, template.markers[2].box_mm
    origin = (first[0] + first[2] / 2 - BORDER_MM, first[1] + first[3] / 2 - BORDER_MM)
    width, height = (round((last[i] - first[i] + 2 * BORDER_MM) * SCALE) for i in (0, 1))
    small, factor = _averaged(rgb, homography)
    reduced = np.array([[factor, 0, 0.5 * factor - 0.5], [0, factor, 0.5 * factor - 0.5], [0, 0, 1]]) @ homography
    to_mm = np.array([[1 / SCALE, 0, origin[0] + 0.5 / SCALE], [0, 1 / SCALE, origin[1] + 0.5 / SCALE], [0, 0, 1]])
    if bend is STRAIGHT:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        flat = cv2.warpPerspective(
            small, reduced @ to_mm, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
    else:
        across, down = ((np.arange(length // GRID) + 0.5) * GRID for length in (width, height))
        places = np.stack([part.ravel() for part in np.meshgrid(across, down)], axis=1) / SCALE + np.array(origin)
        nodes = cv2.perspectiveTransform(bend.moved(places)[None], reduced).reshape(len(down), len(across), 2)
        columns, rows = (cv2.resize(nodes[:, :, axis].astype(np.float32), (width, height)) for axis in (0, 1))
        flat = cv2.remap(small, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Canvas(ink_map_colour(np.asarray(flat, dtype=np.uint8)), SCALE, origin)


def _averaged(rgb: Rgb, homography: Homography) -> tuple[Rgb, float]:
    """Return a photo with too many pixels averaged down, so that none is lost to aliasing, and the factor."""
    area = cv2.perspectiveTransform(np.array([[[0, 0], [100, 0], [100, 100], [0, 100]]], np.float64), homography)
    sharpness = float(np.sqrt(cv2.contourArea(area[0].astype(np.float32)))) / 100  # photo pixels a mm
    factor = MAX_REDUCTION * SCALE / max(sharpness, 1e-6)
    if factor >= 1:
        return rgb, 1.0
    return np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8), factor
