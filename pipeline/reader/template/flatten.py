"""A registered photo becomes a canvas: the sheet seen straight on, its light divided out."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.photo import Rgb
from pipeline.reader.records import Grey, Homography
from pipeline.reader.template.canvas import Canvas
from pipeline.reader.template.outline import Bend
from pipeline.template import Template

SCALE = 5  # canvas pixels a mm: a box is 78x85 pixels, a digit about 45 high, twice what 20x20 needs
BORDER_MM = 14.0  # of canvas around the markers' centres: a code and more; the page goes on for 17 mm or more
GRID = 10  # canvas pixels between the nodes of a bent warp: between them a bend is straight to 0.01 pixels
BAND = 8  # nodes: rows that are warped at a time
MAX_REDUCTION = 2  # a photo with this many times the canvas's pixels a mm is averaged down first
WIDEST_MM = 11  # dark regions wider than this are shade, not ink: a scribble fills 10 mm
LIGHT_BLUR_MM = 2.7  # light changes slowly, a quarter of the widest ink


def flatten(photo: Rgb, homography: Homography, bend: Bend | None, template: Template) -> Canvas:
    """Return the ink of the sheet seen straight on, from its markers' centres outwards by ``BORDER_MM``.

    Ink is how much darker than its paper a pixel is in its darkest channel, as in
    :func:`pipeline.reader.page.ink_map_colour`, quicker where the scale is known.

    Parameters
    ----------
    photo : (H, W, 3) uint8
    homography : (3, 3) float64
    bend : Bend, optional
        How far the paper lies from where the homography says.
    template : Template
    """
    first, last = template.markers[0].box_mm, template.markers[2].box_mm
    origin = (first[0] + first[2] / 2 - BORDER_MM, first[1] + first[3] / 2 - BORDER_MM)
    width, height = (round(last[i] - first[i] + 2 * BORDER_MM) * SCALE for i in (0, 1))
    times = _reduction(homography)
    across, down = ((np.arange(length // GRID) + 0.5) * GRID for length in (width, height))
    places = np.stack([part.ravel() for part in np.meshgrid(across, down)], axis=1) / SCALE + np.array(origin)
    shrink = np.array([[1 / times, 0, 0.5 / times - 0.5], [0, 1 / times, 0.5 / times - 0.5], [0, 0, 1]])
    nodes = cv2.perspectiveTransform((bend.moved(places) if bend else places)[None], shrink @ homography)
    nodes = nodes.reshape(len(down), len(across), 2)
    flat = _warped(_averaged(photo, times), np.asarray(nodes, np.float32), (height, width))
    brightness, lights = np.full((height, width), 255, np.uint8), []
    for channel in cv2.split(flat):
        light = light_of(np.asarray(channel, dtype=np.uint8), SCALE)
        paper = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.min(brightness, cv2.divide(channel, paper, scale=255.0), dst=brightness)
        lights.append(light)
    return Canvas(~brightness, SCALE, origin, np.max(lights, axis=0))


def _warped(photo: Rgb, nodes: NDArray[np.float32], shape: tuple[int, int]) -> Rgb:
    """Return the pixels that nodes, (rows, columns, 2), and the straight lines between them point at.

    In bands, which stay in the processor's cache: maps of all pixels are larger than the photo.
    """
    flat = np.empty((*shape, 3), np.uint8)
    nodes = np.pad(nodes, ((1, 1), (0, 0), (0, 0)), mode="edge")
    for first in range(0, len(nodes) - 2, BAND):
        part = nodes[first : first + BAND + 2]
        size = (shape[1], len(part) * GRID)
        across, down = (cv2.resize(part[:, :, axis], size)[GRID:-GRID] for axis in (0, 1))
        across, down = cv2.convertMaps(across, down, cv2.CV_16SC2)  # by whole numbers, 1/32 pixel: twice as fast
        band = flat[first * GRID : first * GRID + len(across)]
        cv2.remap(photo, across, down, cv2.INTER_LINEAR, dst=band, borderMode=cv2.BORDER_REPLICATE)
    return flat


def light_of(flat: Grey, scale: int) -> Grey:
    """Return the light on the paper of a straightened sheet in one channel, estimated with one pixel a millimetre.

    Parameters
    ----------
    flat : (H, W) uint8
        Sides are multiples of ``scale``.
    scale : int
        Pixels a mm.

    Returns
    -------
    (H / scale, W / scale) uint8, at least 1
    """
    height, width = flat.shape
    small = cv2.resize(flat, (width // scale, height // scale), interpolation=cv2.INTER_AREA)
    widest = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (WIDEST_MM, WIDEST_MM))
    light = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, widest), (0, 0), LIGHT_BLUR_MM)
    return np.asarray(np.maximum(light, 1), dtype=np.uint8)


def sharpness(homography: Homography, template: Template) -> float:
    """Return how many photo pixels a millimetre of the sheet has where it has least."""
    middles = np.array([np.mean(marker.corners_mm, axis=0) for marker in template.markers])
    steps = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    seen = cv2.perspectiveTransform((middles[:, None] + steps).reshape(1, -1, 2), homography).reshape(-1, 3, 2)
    return float(np.linalg.norm(seen[:, 1:] - seen[:, :1], axis=2).min())


def _reduction(homography: Homography) -> int:
    """Return by how many times a photo with too many pixels is averaged down, so that none is lost to aliasing."""
    area = cv2.perspectiveTransform(np.array([[[0, 0], [100, 0], [100, 100], [0, 100]]], np.float64), homography)
    pixels = float(np.sqrt(cv2.contourArea(area[0].astype(np.float32)))) / 100  # a mm
    times = int(pixels / SCALE)
    return times if times >= MAX_REDUCTION else 1


def _averaged(photo: Rgb, times: int) -> Rgb:
    if times == 1:
        return photo
    height, width = (length // times * times for length in photo.shape[:2])
    small = cv2.resize(photo[:height, :width], (width // times, height // times), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)
