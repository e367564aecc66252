"""Paper that does not lie flat: a curl and creases, where its points are seen, and how light falls on it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.severity import Conditions

Places = NDArray[np.float64]
"""(N, 2) float64: x, y in mm on the flat page."""

_STEPS = 6  # of a fixed point iteration that gains a decimal or more each, for slopes of paper on a desk


@dataclass(frozen=True)
class Crease:
    """A ridge or a valley where the paper was folded."""

    through: tuple[float, float]  # mm
    across: tuple[float, float]  # unit vector that crosses it
    height: float  # mm above the desk, negative for a valley
    reach: float  # mm from the crease to where the paper lies flat again, about
    sharpness: float  # mm: radius of the fold


@dataclass(frozen=True)
class Bend:
    """The height of a sheet above the desk: a cylinder's wave, and creases."""

    along: tuple[float, float]  # unit vector in which the wave runs
    curl: float  # mm from its lowest to its highest place
    length: float  # mm of one wave
    phase: float
    creases: tuple[Crease, ...]
    eye: tuple[float, float, float]  # x, y of the lens and its height above the desk, mm

    def height(self, places: Places) -> NDArray[np.float64]:
        """Return (N,) heights above the desk, mm."""
        wave = 2 * np.pi * (places @ np.array(self.along)) / self.length + self.phase
        high: NDArray[np.float64] = self.curl * 0.5 * (1 + np.cos(wave))
        for crease in self.creases:
            away = (places - crease.through) @ np.array(crease.across)
            high += crease.height * np.exp(-np.hypot(away, crease.sharpness) / crease.reach)
        return high

    def slope(self, places: Places, step: float = 0.5) -> NDArray[np.float64]:
        """Return (N, 2): how steeply the paper rises to the right and downwards."""
        rises = [self.height(places + way) - self.height(places - way) for way in np.eye(2) * step / 2]
        return np.stack(rises, axis=1) / step

    def seen_at(self, places: Places) -> Places:
        """Return where on the desk's plane the lens sees points of the sheet: higher ones further out."""
        eye = np.array(self.eye)
        away = (places - eye[:2]) * (eye[2] / (eye[2] - self.height(places)))[:, None]
        return np.asarray(eye[:2] + away, dtype=np.float64)

    def flat(self, seen: Places) -> Places:
        """Return the points of the sheet that are seen at points of the desk's plane."""
        places = seen
        for _ in range(_STEPS):
            places = places + seen - self.seen_at(places)
        return places


def bend(page_mm: tuple[float, float], eye: NDArray[np.float64], limits: Conditions, rng: np.random.Generator) -> Bend:
    """Return how a sheet of ``page_mm`` lies."""
    way = rng.uniform(0, 2 * np.pi)
    length = max(page_mm) * rng.uniform(0.9, 2.5)
    creases = tuple(_crease(page_mm, rng) for _ in range(int(rng.integers(0, limits.folds + 1))))
    curl = limits.curl * rng.uniform(0, 1)
    where = (float(eye[0]), float(eye[1]), float(eye[2]))
    return Bend(_unit(way), float(curl), float(length), float(rng.uniform(0, 2 * np.pi)), creases, where)


def _crease(page_mm: tuple[float, float], rng: np.random.Generator) -> Crease:
    """Return a fold through the middle, as letters are folded, or anywhere."""
    if rng.random() < 0.5:
        through, way = (page_mm[0] / 2, page_mm[1] / 2), float(np.pi / 2 * rng.integers(2) + rng.normal(0, 0.01))
    else:
        through, way = (rng.uniform(0, page_mm[0]), rng.uniform(0, page_mm[1])), rng.uniform(0, np.pi)
    height = rng.choice([-1, 1]) * rng.uniform(0.4, 2.0)
    return Crease(through, _unit(way), float(height), float(rng.uniform(15, 40)), float(rng.uniform(1, 2.5)))


def _unit(way: float) -> tuple[float, float]:
    return float(np.cos(way)), float(np.sin(way))
