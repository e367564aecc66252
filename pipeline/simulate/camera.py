"""A simulated phone camera: a flat sheet on a desk, photographed."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.sheet import Bgr, Filled

Severity = Literal["gentle", "ordinary", "brutal"]
Matrix = NDArray[np.float64]
"""(3, 3) float64."""

Size = tuple[int, int]
"""Width and height, pixels."""


@dataclass(frozen=True)
class Conditions:
    """The worst that a severity does; what a photo gets is drawn up to that."""

    turn: float  # degrees either way about the photo's axis
    quarter_turns: float  # probability that the phone was held another way
    tilt: float  # degrees between the camera's axis and the paper's normal
    fills: tuple[float, float]  # of the photo's width or height, by the sheet
    dimming: float  # how much darker the darkest corner is than the lamp's place, 0..1
    shadow: float  # how much light a shadow takes, 0..1
    blur: tuple[float, float]  # standard deviation, pixels of a 1200x1600 photo
    motion: float  # length of a shake, pixels of a 1200x1600 photo
    noise: float  # standard deviation, of 255
    quality: tuple[int, int]  # JPEG, 0..100


SEVERITIES: dict[Severity, Conditions] = {
    "gentle": Conditions(4, 0, 6, (0.93, 0.98), 0.1, 0.0, (0.2, 0.5), 0, 1.5, (88, 95)),
    "ordinary": Conditions(12, 0.2, 18, (0.86, 0.97), 0.3, 0.3, (0.3, 0.8), 0, 4, (76, 88)),
    "brutal": Conditions(180, 0, 32, (0.8, 0.95), 0.55, 0.5, (0.6, 1.5), 3, 9, (40, 75)),
}

_REFERENCE = 1600  # pixels: the longer side for which blur is stated
_DISTANCE = 420.0  # mm from the lens to the sheet's middle: a phone that just gets a page in


def viewpoint(page_mm: tuple[float, float], size: Size, limits: Conditions, rng: np.random.Generator) -> Matrix:
    """Return the homography from the page (mm) to a photo of ``size`` that holds the whole page (pinhole camera)."""
    angle = np.radians(rng.uniform(-limits.turn, limits.turn))
    if rng.random() < limits.quarter_turns:
        angle += np.pi / 2 * rng.integers(1, 4)
    tilt, towards = np.radians(rng.uniform(0, limits.tilt)), rng.uniform(0, 2 * np.pi)
    axis = np.array([np.cos(towards), np.sin(towards), 0]) * tilt
    turned, tilted = cv2.Rodrigues(np.array([0, 0, angle]))[0], cv2.Rodrigues(axis)[0]
    centred = np.array([[1, 0, -page_mm[0] / 2], [0, 1, -page_mm[1] / 2], [0, 0, 1]])
    view = np.column_stack([(tilted @ turned)[:, :2], [0, 0, _DISTANCE]]) @ centred
    corners = np.array([[0, 0], [page_mm[0], 0], page_mm, [0, page_mm[1]]], np.float64)
    seen = cv2.perspectiveTransform(corners[None], view)[0]
    low, high = seen.min(axis=0), seen.max(axis=0)
    zoom = rng.uniform(*limits.fills) * min(np.array(size) / (high - low))
    spare = np.array(size) - zoom * (high - low)
    shift = spare * rng.uniform(0.25, 0.75, 2) - zoom * low
    return np.asarray(np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]], [0, 0, 1]]) @ view, dtype=np.float64)


def shoot(sheet: Filled, view: Matrix, size: Size, limits: Conditions, rng: np.random.Generator) -> Bgr:
    """Photograph a sheet through the homography ``view`` (page millimetres to photo pixels)."""
    scale = sheet.scale
    to_mm = np.array([[1 / scale, 0, 0.5 / scale], [0, 1 / scale, 0.5 / scale], [0, 0, 1]])  # pixel centres are whole
    through = view @ to_mm
    desk = _desk(size, rng)
    paper = cv2.warpPerspective(
        sheet.picture, through, size, dst=desk, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )
    lit = paper.astype(np.float32) * _light(size, limits, rng)[:, :, None]
    sharp = max(size) / _REFERENCE
    seen = np.asarray(cv2.GaussianBlur(lit, (0, 0), max(rng.uniform(*limits.blur) * sharp, 0.1)), dtype=np.float32)
    seen = _shaken(seen, limits.motion * sharp, rng)
    seen *= rng.normal(1.0, 0.02, 3).astype(np.float32)  # white balance
    seen += rng.normal(0, 1, seen.shape).astype(np.float32) * rng.uniform(0.3, 1.0) * limits.noise
    return np.asarray(np.clip(seen + 0.5, 0, 255), dtype=np.uint8)


def jpeg(photo: Bgr, limits: Conditions, rng: np.random.Generator) -> bytes:
    """Return the photo as a JPEG file of a quality that the severity allows."""
    quality = int(rng.integers(*limits.quality, endpoint=True))
    _, file = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return file.tobytes()


def _desk(size: Size, rng: np.random.Generator) -> Bgr:
    """Return a desk: one colour with a grain that runs one way."""
    colour = np.array([(70, 105, 150), (60, 70, 80), (150, 140, 135), (40, 60, 95)][rng.integers(4)], np.float32)
    coarse = rng.normal(0, 1, (size[1] // 8 + 1, size[0] // 8 + 1)).astype(np.float32)
    streaks = cv2.GaussianBlur(coarse, (0, 0), sigmaX=12, sigmaY=0.8)
    grain = cv2.resize(streaks, size, interpolation=cv2.INTER_LINEAR) / max(float(np.std(streaks)), 1e-6)
    return np.asarray(np.clip(colour * (1 + 0.1 * grain[:, :, None]), 0, 255), dtype=np.uint8)


def _light(size: Size, limits: Conditions, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the light's strength in each pixel: a lamp to one side, the lens's corners, perhaps a shadow."""
    across, down = np.meshgrid(
        np.linspace(0, 1, size[0], dtype=np.float32), np.linspace(0, 1, size[1], dtype=np.float32)
    )
    lamp = rng.uniform(-0.2, 1.2, 2)
    distance = np.hypot(across - lamp[0], down - lamp[1])
    light = 1 - rng.uniform(0.3, 1) * limits.dimming * distance / max(float(distance.max()), 1e-6)
    if limits.shadow and rng.random() < 0.7:
        direction, edge = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.6)
        beyond = (across - 0.5) * np.cos(direction) + (down - 0.5) * np.sin(direction) - edge + 0.3
        softness = rng.uniform(0.01, 0.08)
        light *= 1 - rng.uniform(0.3, 1) * limits.shadow / (1 + np.exp(-np.clip(beyond / softness, -30, 30)))
    return np.asarray(light, dtype=np.float32)


def _shaken(photo: NDArray[np.float32], length: float, rng: np.random.Generator) -> NDArray[np.float32]:
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
    return np.asarray(cv2.filter2D(photo, -1, kernel / kernel.sum()), dtype=np.float32)
