"""A registered photo becomes a canvas: the sheet seen straight on, its light divided out."""

import cv2
import numpy as np

from pipeline.reader.photo import Rgb
from pipeline.reader.records import Grey, Ink
from pipeline.reader.template.canvas import Canvas
from pipeline.reader.template.markers import Homography
from pipeline.reader.template.outline import Bend
from pipeline.template import Template

SCALE = 5  # canvas pixels a mm: a box is 78x85 pixels, a digit about 45 high, twice what 20x20 needs
BORDER_MM = 14.0  # of canvas around the markers' centres: a code and more; the page goes on for 17 mm or more
GRID = 10  # canvas pixels between the nodes of a bent warp: between them a bend is straight to 0.01 pixels
MAX_REDUCTION = 2  # a photo with this many times the canvas's pixels a mm is averaged down first
WIDEST_MM = 11  # dark regions wider than this are shade, not ink: a scribble fills 10 mm
LIGHT_BLUR_MM = 2.7  # light changes slowly, a quarter of the widest ink


def flatten(rgb: Rgb, homography: Homography, bend: Bend | None, template: Template) -> Canvas:
    """Return the ink of the sheet seen straight on, from its markers' centres outwards by ``BORDER_MM``.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    homography : (3, 3) float64
    bend : Bend, optional
        How far the paper lies from where the homography says.
    template : Template
    """
    first, last = template.markers[0].box_mm, template.markers[2].box_mm
    origin = (first[0] + first[2] / 2 - BORDER_MM, first[1] + first[3] / 2 - BORDER_MM)
    width, height = (round(last[i] - first[i] + 2 * BORDER_MM) * SCALE for i in (0, 1))
    small, times = _averaged(rgb, homography)
    shrink = np.array([[1 / times, 0, 0.5 / times - 0.5], [0, 1 / times, 0.5 / times - 0.5], [0, 0, 1]])
    to_mm = np.array([[1 / SCALE, 0, origin[0] + 0.5 / SCALE], [0, 1 / SCALE, origin[1] + 0.5 / SCALE], [0, 0, 1]])
    if bend is None:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        through = shrink @ homography @ to_mm
        flat = cv2.warpPerspective(small, through, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    else:
        across, down = ((np.arange(length // GRID) + 0.5) * GRID for length in (width, height))
        places = np.stack([part.ravel() for part in np.meshgrid(across, down)], axis=1) / SCALE + np.array(origin)
        nodes = cv2.perspectiveTransform(bend.moved(places)[None], shrink @ homography)
        nodes = nodes.reshape(len(down), len(across), 2).astype(np.float32)
        columns, rows = (cv2.resize(nodes[:, :, axis], (width, height)) for axis in (0, 1))
        flat = cv2.remap(small, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ink, light = ink_of(np.asarray(flat, dtype=np.uint8), SCALE)
    return Canvas(ink, SCALE, origin, light)


def ink_of(flat: Rgb, scale: int) -> tuple[Ink, Grey]:
    """Return how much darker than its paper each pixel of a straightened sheet is, in its darkest channel.

    As :func:`pipeline.reader.page.ink_map_colour`, quicker where the scale is known: the light is estimated with one
    pixel a millimetre.

    Parameters
    ----------
    flat : (H, W, 3) uint8
        Sides are multiples of ``scale``.
    scale : int
        Pixels a mm.

    Returns
    -------
    (H, W) uint8, 0 = paper, 255 = black; and the light on the paper, (H / scale, W / scale) uint8
    """
    height, width = flat.shape[:2]
    small = cv2.resize(flat, (width // scale, height // scale), interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(
        small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (WIDEST_MM, WIDEST_MM))
    )
    light = cv2.max(cv2.GaussianBlur(closed, (0, 0), LIGHT_BLUR_MM), np.ones_like(closed))
    brightness = np.full((height, width), 255, np.uint8)
    for channel in range(3):
        paper = cv2.resize(cv2.extractChannel(light, channel), (width, height), interpolation=cv2.INTER_LINEAR)
        lit = cv2.divide(cv2.extractChannel(flat, channel), paper, scale=255.0)
        brightness = np.asarray(cv2.min(brightness, lit, dst=brightness), dtype=np.uint8)
    return np.asarray(cv2.bitwise_not(brightness), dtype=np.uint8), np.asarray(light.max(axis=2), dtype=np.uint8)


def sharpness(homography: Homography, template: Template) -> float:
    """Return how many photo pixels a millimetre of the sheet has where it has least."""
    middles = np.array([np.mean(marker.corners_mm, axis=0) for marker in template.markers])
    steps = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    seen = cv2.perspectiveTransform((middles[:, None] + steps).reshape(1, -1, 2), homography).reshape(-1, 3, 2)
    return float(np.linalg.norm(seen[:, 1:] - seen[:, :1], axis=2).min())


def _averaged(rgb: Rgb, homography: Homography) -> tuple[Rgb, int]:
    """Return a photo with too many pixels averaged down, so that none is lost to aliasing, and by how many times."""
    area = cv2.perspectiveTransform(np.array([[[0, 0], [100, 0], [100, 100], [0, 100]]], np.float64), homography)
    pixels = float(np.sqrt(cv2.contourArea(area[0].astype(np.float32)))) / 100  # a mm
    times = int(pixels / SCALE)
    if times < MAX_REDUCTION:
        return rgb, 1
    height, width = (length // times * times for length in rgb.shape[:2])
    small = cv2.resize(rgb[:height, :width], (width // times, height // times), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8), times
