"""Photos of our printed template: labels, turn and writer come from the sheet itself."""

import cv2
import numpy as np

from pipeline.params import Sheets
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Findings, Reason, Reject
from pipeline.reader.template.boxes import read_boxes
from pipeline.reader.template.canvas import Canvas, without_print
from pipeline.reader.template.code import read_code
from pipeline.reader.template.flatten import flatten, sharpness
from pipeline.reader.template.glare import in_glare
from pipeline.reader.template.markers import register
from pipeline.reader.template.outline import MIN_SHARE, find_bend
from pipeline.sheet_code import SheetCode, UnknownLayoutError
from pipeline.template import MARKER_PLACES, corners, geometry

ENOUGH = 4  # photo pixels a mm: a digit is 36 high, nearly twice what 20x20 needs
_ALL_MARKERS = "retake: the sheet flat, all four black squares in the picture"
QUICK_SIDE = 2000  # pixels of a photo's longer side that are enough where the sheet fills three quarters of it


def read_template(rgb: Rgb, limits: Sheets) -> Findings:
    """Read the digits of a photo of the template, at any turn.

    Markers give the homography; the sheet is warped to a small canvas, again where its box lines show a bend; the
    light is divided out there, the code is read if the markers say that there is one, and each box gives a crop or a
    reject. All papers have their cells in the same place relative to the markers.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    limits : Sheets
    """
    template = geometry()
    found = register(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8), template)
    if isinstance(found, Reject):
        return Findings([], [found], sharp_enough=False)
    missing = tuple({*range(len(MARKER_PLACES))} - {*found.places})
    bend = find_bend(flatten(rgb, found.homography, None, template), template, missing)
    if not found.sure and bend.share < MIN_SHARE:
        detail = f"{len(found.places)} of {len(MARKER_PLACES)} markers, {found.error_mm:.1f} mm from where they were"
        detail = f"{detail} printed, and only {bend.share:.0%} of the boxes found, at least {MIN_SHARE:.0%} are needed"
        return Findings([], [Reject(Reason.NOT_REGISTERED, detail, advice=_ALL_MARKERS)], sharp_enough=False)
    places = np.array([corners(cell.box_mm) for cell in template.cells]).reshape(-1, 2)
    seen = bend.moved(places)
    canvas = flatten(rgb, found.homography, bend, template)
    code = _code(canvas) if found.coded else None
    if isinstance(code, Reject):
        return Findings([], [code], sharp_enough=False)
    sheet = geometry(code=code)
    in_photo = cv2.perspectiveTransform(seen[None], found.homography).reshape(-1, 4, 2).astype(np.float32)
    washed = in_glare(canvas, template)
    ink = without_print(canvas, sheet)
    crops, rejects = read_boxes(ink, sheet, in_photo, rgb.shape[:2], limits, washed=washed)
    enough = not missing and sharpness(found.homography, template) >= ENOUGH
    return Findings(crops, rejects, code.writer if code else None, enough)


def _code(canvas: Canvas) -> SheetCode | Reject:
    """Read what the sheet says about itself; without it nobody knows which digits stand where."""
    template = geometry(code=SheetCode())
    try:
        code = read_code(canvas, template)
    except UnknownLayoutError as error:
        return Reject(Reason.WRONG_SHEET, f"the code says: {error}", advice="update mnist-cn, or print its own sheet")
    if code is None:
        detail = "the markers say that a code tells the digits of each row, and neither of its two copies can be read"
        return Reject(Reason.WRONG_SHEET, detail, advice="retake: the square codes in the picture, flat and in focus")
    return code
