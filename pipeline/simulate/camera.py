"""A simulated phone camera: a sheet on a desk, photographed."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.bend import Bend
from pipeline.simulate.desk import desk
from pipeline.simulate.light import Light
from pipeline.simulate.marks import Drawn
from pipeline.simulate.pens import Bgr
from pipeline.simulate.severity import Conditions
from pipeline.simulate.streams import Streams

Matrix = NDArray[np.float64]
"""(3, 3) float64."""

Size = tuple[int, int]
"""Width and height, pixels."""

Window = tuple[float, float, float, float]
"""What the photographer wants in the photo: left, top, right, bottom, mm on the page."""

_REFERENCE = 1600  # pixels: the longer side for which blur is stated
_DISTANCE = 1.41  # lengths of the window from the lens to its middle: a phone that just gets a page in
_NODES = 8  # pixels between the points at which the paper's bend is worked out
_WAVY = 0.35  # how much a light's direction, aslant, brightens paper that rises by its own length towards it


@dataclass(frozen=True)
class View:
    """Where the camera is."""

    homography: Matrix  # from a flat page's mm to photo pixels, whose centres are whole numbers
    eye: NDArray[np.float64]  # (3,) x, y of the lens on the page and its height above the page, mm


def viewpoint(window: Window, size: Size, limits: Conditions, rng: np.random.Generator) -> View:
    """Return a view of the page for a photo of ``size`` that holds the whole ``window`` (pinhole camera)."""
    left, top, right, bottom = window
    angle = np.radians(rng.uniform(-limits.turn, limits.turn))
    if rng.random() < limits.quarter_turns:
        angle += np.pi / 2 * rng.integers(1, 4)
    tilt, towards = np.radians(rng.uniform(0, limits.tilt)), rng.uniform(0, 2 * np.pi)
    axis = np.array([np.cos(towards), np.sin(towards), 0]) * tilt
    turned, tilted = cv2.Rodrigues(np.array([0, 0, angle]))[0], cv2.Rodrigues(axis)[0]
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    distance = _DISTANCE * max(right - left, bottom - top)
    centred = np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 1]])
    view = np.column_stack([(tilted @ turned)[:, :2], [0, 0, distance]]) @ centred
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
    seen = cv2.perspectiveTransform(corners[None], view)[0]
    low, high = seen.min(axis=0), seen.max(axis=0)
    zoom = rng.uniform(*limits.fills) * min(np.array(size) / (high - low))
    spare = np.array(size) - zoom * (high - low)
    shift = spare * rng.uniform(0.25, 0.75, 2) - zoom * low
    x, y, depth = -(tilted @ turned).T @ np.array([0, 0, distance])
    homography = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]], [0, 0, 1]]) @ view
    return View(np.asarray(homography, dtype=np.float64), np.array([middle[0] + x, middle[1] + y, -depth]))


def shoot(
    page: Drawn, view: View, paper: Bend, light: Light, limits: Conditions, *, streams: Streams, endless: bool = False
) -> Bgr:
    """Photograph a page; ``endless``: its edges are out of view, and the paper goes on where the drawing ends."""
    places, rises = _paper_in(light.size, view, paper)
    columns, rows = (cv2.resize(places[:, :, axis], light.size) * page.scale - 0.5 for axis in (0, 1))
    if endless:
        seen = cv2.remap(page.picture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    else:
        below = desk(light.size, streams["desk"])
        seen = cv2.remap(page.picture, columns, rows, cv2.INTER_LINEAR, dst=below, borderMode=cv2.BORDER_TRANSPARENT)
    way = streams["waves"].uniform(0, 2 * np.pi)
    waves = 1 + _WAVY * (rises @ np.array([np.cos(way), np.sin(way)], np.float32))
    lit = light.on(np.asarray(seen, dtype=np.uint8))
    lit *= cv2.resize(np.clip(waves, 0.5, 1.3), light.size)[:, :, None]
    return _taken(np.clip(lit + np.float32(0.5), 0, 255).astype(np.uint8), limits, streams)


def jpeg(photo: Bgr, limits: Conditions, rng: np.random.Generator) -> bytes:
    """Return the photo as a JPEG file of a quality that the severity allows."""
    quality = int(rng.integers(*limits.quality, endpoint=True))
    _, file = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return file.tobytes()


def _paper_in(size: Size, view: View, paper: Bend) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return which place of the page (mm) each of a grid of photo points shows, and how the paper rises there."""
    across, down = ((np.arange(-(-length // _NODES)) + 0.5) * length / -(-length // _NODES) - 0.5 for length in size)
    points = np.stack(np.meshgrid(across, down), axis=-1).reshape(1, -1, 2)
    on_desk = cv2.perspectiveTransform(points, np.linalg.inv(view.homography))[0]
    flat = paper.flat(on_desk)
    shape = (len(down), len(across), 2)
    return flat.astype(np.float32).reshape(shape), paper.slope(flat).astype(np.float32).reshape(shape)


def _taken(photo: Bgr, limits: Conditions, streams: Streams) -> Bgr:
    """Return what lens and sensor make of a scene: blur, shake, white balance and noise."""
    sharp = max(photo.shape[:2]) / _REFERENCE
    rng = streams["blur"]
    sigma, disc = rng.uniform(*limits.blur), rng.uniform(0.3, 1) * limits.defocus
    seen = photo
    if limits.defocus and rng.random() < 0.25:
        seen = np.asarray(cv2.filter2D(seen, -1, _disc(disc * sharp)), dtype=np.uint8)
    seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), max(sigma * sharp, 0.1)), dtype=np.uint8)
    seen = _shaken(seen, limits.motion * sharp, streams["motion"])
    balance = streams["white balance"].normal(1.0, 0.02, 3)
    rng = streams["noise"]
    strength = float(rng.uniform(0.3, 1.0)) * limits.noise
    grain = rng.standard_normal((*photo.shape[:2], 1), dtype=np.float32)
    colours = rng.standard_normal((photo.shape[0] // 2 + 1, photo.shape[1] // 2 + 1, 3), dtype=np.float32)
    noise = cv2.resize(colours, photo.shape[1::-1]) * np.float32(0.7 * strength) + grain * np.float32(0.8 * strength)
    final = seen * balance.astype(np.float32) + noise
    return np.asarray(np.clip(final + np.float32(0.5), 0, 255), dtype=np.uint8)


def _disc(radius: float) -> NDArray[np.float32]:
    """Return the image of a point out of focus: a disc, its edge grey."""
    reach = int(np.ceil(radius))
    x, y = np.meshgrid(*[np.arange(-reach, reach + 1)] * 2)
    weights = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return np.asarray(weights / weights.sum(), dtype=np.float32)


def _shaken(photo: Bgr, length: float, rng: np.random.Generator) -> Bgr:
    """Blur along a short straight line, centred so that nothing moves."""
    reach = rng.uniform(0, 1) * length / 2
    angle = rng.uniform(0, np.pi)
    if reach < 0.5:
        return photo
    side = 2 * int(np.ceil(reach)) + 1
    fine = np.zeros((side * 8, side * 8), np.float32)
    step = np.array([np.cos(angle), np.sin(angle)]) * reach * 8
    middle = np.array([side * 4, side * 4])
    ends = [np.round((middle + way * step) * 16).astype(int).tolist() for way in (-1, 1)]
    cv2.line(fine, ends[0], ends[1], 1.0, 8, cv2.LINE_8, 4)
    half = np.asarray(cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA), dtype=np.float32)
    kernel = half + half[::-1, ::-1]
    return np.asarray(cv2.filter2D(photo, -1, kernel / kernel.sum()), dtype=np.uint8)
