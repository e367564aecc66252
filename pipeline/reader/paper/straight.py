"""A photo becomes a straight view of its sheet of paper, and what was read there gets its place on the photo again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.normalize import PAPER_LEVEL
from pipeline.reader.paper.edges import Points, without_ink
from pipeline.reader.paper.find import find_paper
from pipeline.reader.paper.flat import askew, flat_size, inset, slant
from pipeline.reader.photo import Rgb, turned
from pipeline.reader.records import Corners, Crop, Reason, Reject

TILTED = 30.0  # degrees: from here on the next quarter turn is about as near
INSET = 0.004  # of the photo's longer side: the paper's edge as blurred as phones see it, and the error of finding it
CUT = 1.5  # pixels of the photo: ink this near to the edge of paper or photo may have gone on beyond it

Matrix = NDArray[np.float64]
"""(3, 3) float64: a homography."""


@dataclass(frozen=True)
class View:
    """What is read in place of a photo; places are counted from the upper left corner of the upper left pixel."""

    rgb: Rgb
    to_photo: Matrix  # from places on ``rgb`` to places on the photo
    outline: Points | None  # (4, 2) the paper on the photo, without its very edge; None: all of the photo is paper
    tilted: bool  # the paper lay so far from upright that no quarter turn is much likelier than another
    shape: tuple[int, int]  # height and width of the photo


def straighten(rgb: Rgb) -> View:
    """Return a straight view of the paper on a photo, or the photo itself where no paper's outline is certain.

    Where the outline shows perspective or a turn, the paper is rectified. Where not, or where the paper goes on beyond
    the photo, its pixels stay as they are, and what lies beside it is painted over with the paper's colour.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    """
    paper, shape = find_paper(rgb), (rgb.shape[0], rgb.shape[1])
    if paper is None:
        return View(rgb, np.eye(3), None, tilted=False, shape=shape)
    margins = INSET * max(shape) * np.array(paper.seen, float)
    outline = inset(paper.corners.astype(np.float64), margins)
    if not all(paper.seen) or not askew(outline):
        return View(_painted(rgb, outline), np.eye(3), outline, tilted=False, shape=shape)
    width, height = flat_size(outline, shape)
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    to_photo = np.asarray(cv2.getPerspectiveTransform(flat, outline.astype(np.float32)), np.float64)
    centres = _moved(-0.5, -0.5) @ to_photo @ _moved(0.5, 0.5)
    way = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    straight = cv2.warpPerspective(rgb, centres, (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE)
    return View(np.asarray(straight, np.uint8), to_photo, outline, slant(outline) > TILTED, shape)


def turned_view(view: View, degrees: int) -> View:
    """Turn a view, and the photo of which it is one, clockwise by 0, 90, 180 or 270 degrees."""
    height, width = view.rgb.shape[:2]
    own, photos = _quarter_turns((height, width), degrees), _quarter_turns(view.shape, degrees)
    return View(
        turned(view.rgb, degrees),
        photos @ view.to_photo @ np.linalg.inv(own),
        None if view.outline is None else _through(photos, view.outline),
        view.tilted,
        view.shape if degrees % 180 == 0 else (view.shape[1], view.shape[0]),
    )


def on_photo(view: View, crops: Sequence[Crop], rejects: Sequence[Reject]) -> tuple[list[Crop], list[Reject]]:
    """Give crops and rejects their corners on the photo; a digit that the paper's edge may cut becomes a reject."""
    whole, cut = [], []
    for crop in crops:
        corners, room = _placed(view, crop.corners), _room(view, crop)
        if room >= CUT:
            whole.append(replace(crop, corners=corners))
            continue
        detail = f"ink {max(room, 0):.1f} px from the edge of the paper or the photo, limit {CUT:g} px"
        advice = "retake: the whole sheet in view; write with a margin to its edge"
        cut.append(Reject(Reason.TOUCHES_EDGE, detail, crop.row, crop.col, crop.label, corners, advice, crop.ink))
    others = [r if r.corners is None else replace(r, corners=_placed(view, r.corners)) for r in rejects]
    return whole, others + cut


def _placed(view: View, corners: Corners) -> Corners:
    return np.asarray(_through(view.to_photo, corners.astype(np.float64)), dtype=np.float32)


def _room(view: View, crop: Crop) -> float:
    """Return how far a crop's ink is from the paper's outline and, where that ends, from the photo's; pixels."""
    if view.outline is None:
        return np.inf
    rows, cols = np.nonzero(crop.ink >= PAPER_LEVEL)
    hull = cv2.convexHull(np.column_stack([cols, rows]).astype(np.float32)).reshape(-1, 2)
    low, high = crop.corners.min(axis=0), crop.corners.max(axis=0)
    shares = (hull - hull.min(axis=0)) / np.maximum(np.ptp(hull, axis=0), 1)  # the crop may be a reduced copy
    hull = low + shares * (high - low)
    places = _through(view.to_photo, hull.astype(np.float64))
    ring = view.outline.astype(np.float32).reshape(-1, 1, 2)
    to_paper = min(cv2.pointPolygonTest(ring, (float(x), float(y)), measureDist=True) for x, y in places)
    to_photo = min(places.min(), (np.array(view.shape[::-1]) - places).min())
    return float(min(to_paper, to_photo))


def _painted(rgb: Rgb, outline: Points) -> Rgb:
    """Paint what lies outside the outline with the colour of the nearest paper."""
    height, width = rgb.shape[:2]
    bare, _ = without_ink(rgb)
    size = (bare.shape[1], bare.shape[0])
    inside = cv2.fillPoly(np.zeros((height, width), np.uint8), [np.round(outline).astype(np.int32)], 1)
    frame = cv2.copyMakeBorder(cv2.resize(inside, size, interpolation=cv2.INTER_AREA), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    known = cv2.erode(frame, np.ones((5, 5), np.uint8))[1:-1, 1:-1]
    _, nearest = cv2.distanceTransformWithLabels(1 - known, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    colours = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    colours[nearest[known == 1]] = bare[known == 1]
    paint = cv2.resize(colours[nearest], (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where(inside[:, :, None] == 1, rgb, paint).astype(np.uint8)


def _through(matrix: Matrix, places: Points) -> Points:
    return np.asarray(cv2.perspectiveTransform(places[None], matrix)[0], dtype=np.float64)


def _moved(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], float)


def _quarter_turns(shape: tuple[int, int], degrees: int) -> Matrix:
    """Return where places on a photo of (height, width) are after it was turned clockwise."""
    height, width = shape
    match degrees:
        case 90:
            return np.array([[0, -1, height], [1, 0, 0], [0, 0, 1]], float)
        case 180:
            return np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]], float)
        case 270:
            return np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]], float)
        case _:
            return np.eye(3)
