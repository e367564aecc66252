"""Light on a desk: lamps, their colour, shadows soft and hard, the lens's corners, and glare."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.severity import Conditions
from pipeline.simulate.streams import Streams

Field = NDArray[np.float32]
"""(h, w) float32 over the photo, reduced; 1 = full light."""

REDUCTION = 4  # light changes slowly; a shadow's edge is as soft as this many pixels at least
LAMP = np.array([1.0, 0.38, 0.0])  # what lamp light lacks of blue, green and red, of its cast

Spot = tuple[float, float, float, float]
"""x, y, radius (of the photo's longer side) and strength (of 255) of light that the paper mirrors."""


@dataclass(frozen=True)
class Light:
    """The light of one photo of ``size`` (width, height) pixels."""

    size: tuple[int, int]
    gain: NDArray[np.float32]  # (h, w, 3), reduced by REDUCTION
    spot: Spot | None

    def on(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the lit photo as (H, W, 3) float32; what exceeds 255 is for the camera to cut off."""
        lit = cv2.multiply(photo, cv2.resize(self.gain, self.size, interpolation=cv2.INTER_LINEAR), dtype=cv2.CV_32F)
        if self.spot is None:
            return np.asarray(lit, dtype=np.float32)
        glare = cv2.resize(_glare(self.spot, self.size), self.size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(lit + glare[:, :, None], dtype=np.float32)

    def contrast(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (N,) how much of a dark line's contrast glare leaves at photo places (x, y): 1 = all."""
        if self.spot is None:
            return np.ones(len(places))
        x, y, radius, strength = self.spot
        longer = max(self.size)
        added = strength * np.exp(-((places[:, 0] / longer - x) ** 2 + (places[:, 1] / longer - y) ** 2) / radius**2)
        paper, ink = (np.minimum(level + added, 255) for level in (225.0, 75.0))
        return np.asarray((paper - ink) / 150.0, dtype=np.float64)


def light(size: tuple[int, int], limits: Conditions, streams: Streams) -> Light:
    """Return the light of one photo; each of its parts is drawn from a stream of its own."""
    longer = max(size)
    x, y = (np.asarray(part, dtype=np.float32) for part in np.meshgrid(*_places(size)))
    ends = (size[0] / longer, size[1] / longer)
    exposure = np.float32(streams["exposure"].uniform(*limits.exposure))
    strength = exposure * _lamp(x, y, limits, streams["lamp"]) * _vignette(x, y, ends, limits, streams["vignette"])
    rng = streams["shadows"]
    for _ in range(int(rng.integers(0, limits.shadows + 1))):
        strength = strength * _soft(x, y, ends, limits, rng)
    rng = streams["hard shadow"]
    if rng.random() < limits.hard_shadow:
        strength = strength * _hard(x.shape, limits, rng)
    gain = strength[:, :, None] * _colour(x, y, limits, streams["cast"])
    return Light(size, np.asarray(gain, dtype=np.float32), _spot(ends, limits, streams["glare"]))


def _lamp(x: Field, y: Field, limits: Conditions, rng: np.random.Generator) -> Field:
    """Return a lamp's light from one side."""
    place = rng.uniform(-0.2, 1.2, 2)
    distance = np.hypot(x - place[0], y - place[1])
    return np.asarray(1 - rng.uniform(0.3, 1) * limits.dimming * distance / float(distance.max()), dtype=np.float32)


def _vignette(x: Field, y: Field, ends: tuple[float, float], limits: Conditions, rng: np.random.Generator) -> Field:
    """Return what the lens lets through: less in the corners, with the square of the distance at first."""
    squared = ((x - ends[0] / 2) ** 2 + (y - ends[1] / 2) ** 2) / ((ends[0] ** 2 + ends[1] ** 2) / 4)
    return np.asarray(1 - rng.uniform(0, 1) * limits.vignette * squared, dtype=np.float32)


def _soft(x: Field, y: Field, ends: tuple[float, float], limits: Conditions, rng: np.random.Generator) -> Field:
    """Return the shadow of something large and far: one side of a soft straight edge."""
    way = rng.uniform(0, 2 * np.pi)
    beyond = (x - ends[0] / 2) * np.cos(way) + (y - ends[1] / 2) * np.sin(way) - rng.uniform(-0.2, 0.3)
    share = 1 / (1 + np.exp(-np.clip(beyond / rng.uniform(0.01, 0.08), -30, 30)))
    return np.asarray(1 - rng.uniform(0.3, 1) * limits.shadow * share, dtype=np.float32)


def _hard(shape: tuple[int, ...], limits: Conditions, rng: np.random.Generator) -> Field:
    """Return the shadow of the phone or of the hand that holds it: it comes in from an edge and ends in a sharp one."""
    covered = np.zeros(shape, np.uint8)
    longer = max(shape)
    way = rng.uniform(0, 2 * np.pi)
    inwards = np.array([np.cos(way), np.sin(way)])
    middle = np.array(shape[::-1]) / 2 - inwards * longer * rng.uniform(0.05, 0.45)
    side = np.array([-inwards[1], inwards[0]])
    width, tip = longer * rng.uniform(0.12, 0.3), longer * rng.uniform(0.0, 0.15)
    corners = np.array([-width * side - inwards * longer, width * side - inwards * longer, width * side, -width * side])
    cv2.fillConvexPoly(covered, np.round(middle + corners).astype(np.int32), 1)
    for finger in np.linspace(-0.7, 0.7, 4) if rng.random() < 0.5 else ():
        end = middle + side * width * finger + inwards * tip * (1 - 0.5 * abs(finger))
        start = middle + side * width * finger - inwards * width
        ends = [np.round(place).astype(int).tolist() for place in (start, end)]
        cv2.line(covered, ends[0], ends[1], 1, max(int(width * 0.35), 1), cv2.LINE_8)
    soft = cv2.GaussianBlur(covered.astype(np.float32), (0, 0), rng.uniform(0.6, 3.0))
    return np.asarray(1 - rng.uniform(0.4, 1) * limits.shadow * soft, dtype=np.float32)


def _colour(x: Field, y: Field, limits: Conditions, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return (h, w, 3): lamp light that is more yellow on one side than on the other."""
    way, strength = rng.uniform(0, 2 * np.pi), limits.cast * rng.uniform(0, 1)
    share = np.clip(0.6 + 0.8 * ((x - 0.5) * np.cos(way) + (y - 0.5) * np.sin(way)), 0, 1)
    return np.asarray(1 - strength * share[:, :, None] * LAMP, dtype=np.float32)


def _spot(ends: tuple[float, float], limits: Conditions, rng: np.random.Generator) -> Spot | None:
    if rng.random() >= limits.glare:
        return None
    place = rng.uniform(0.15, 0.85, 2) * ends
    return float(place[0]), float(place[1]), float(rng.uniform(0.04, 0.12)), float(rng.uniform(60, 260))


def _glare(spot: Spot, size: tuple[int, int]) -> Field:
    """Return the light that a spot adds, reduced as :func:`light` is."""
    x, y, radius, strength = spot
    across, down = _places(size)
    return np.asarray(
        strength * np.outer(np.exp(-(((down - y) / radius) ** 2)), np.exp(-(((across - x) / radius) ** 2))), np.float32
    )


def _places(size: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x of the columns and y of the rows of a reduced photo, of the photo's longer side."""
    across, down = ((np.arange(-(-length // REDUCTION)) + 0.5) * REDUCTION / max(size) for length in size)
    return across, down
