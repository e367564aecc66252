"""Where the printed box lines really are: they check a registration and straighten what the markers leave bent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.reader.canvas import Canvas, strips
from pipeline.template import Template

Millimetres = NDArray[np.float64]
"""(N, 2) float64: x, y on the page."""

REACH_MM = (1.1, 2.0)  # how far a vertical and a horizontal line is looked for: less than half of the gap to the next
CLEAR = 0.4  # of the median line's ink: a paler peak is no line
OUTLIER_MM = 0.4  # from the fitted surface: pen along a line, not the line
MIN_SHARE = 0.75  # of all lines must be found before they are trusted: 0.94 and more on simulated photos, 0.6 by chance


@dataclass(frozen=True)
class Bend:
    """How far the paper lies from where the markers say, as a quadratic surface: a lens, a curl, a missing marker."""

    terms: NDArray[np.float64]  # (6, 2), millimetres, of 1, x, y, x², xy, y² in units of 100 mm
    share: float  # of the lines that were found, 0..1

    def moved(self, places: Millimetres) -> Millimetres:
        """Return where on the markers' plane the given places of the page are seen."""
        return np.asarray(places + _surface(places) @ self.terms, dtype=np.float64)


def find_bend(canvas: Canvas, template: Template) -> Bend:
    """Fit the bend to all box lines; none where too few lines are found."""
    sides = [_lines(canvas, template, axis) for axis in (0, 1)]
    limit = CLEAR * max(float(np.median(np.concatenate([strengths for _, _, strengths in sides]))), 1.0)
    share = float(np.mean(np.concatenate([strengths > limit for _, _, strengths in sides])))
    terms = np.zeros((6, 2))
    if share < MIN_SHARE:
        return Bend(terms, share)
    for axis, (places, offsets, strengths) in enumerate(sides):
        chosen = strengths > limit
        surface, distance = _surface(places[chosen]), offsets[chosen]
        kept = np.abs(distance - np.median(distance)) < 2 * OUTLIER_MM
        for _ in range(3):
            terms[:, axis] = np.linalg.lstsq(surface[kept], distance[kept])[0]
            kept = np.abs(surface @ terms[:, axis] - distance) < OUTLIER_MM
        share = min(share, float(kept.mean()))
    return Bend(terms if share >= MIN_SHARE else np.zeros((6, 2)), share)


def _surface(places: Millimetres) -> NDArray[np.float64]:
    x, y = (places / 100).T
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def _lines(
    canvas: Canvas, template: Template, axis: int
) -> tuple[Millimetres, NDArray[np.float64], NDArray[np.float64]]:
    """Return for every box line across an axis: its middle, how far across it really is (mm), and its ink."""
    reach = REACH_MM[axis]
    places = strips(canvas.blank(), template, axis, reach)
    along = np.sort(canvas.ink.ravel()[places].astype(np.uint16), axis=2)  # 16 bits are sorted ten times as fast as 8
    profiles = along[:, :, along.shape[2] // 2].astype(np.float64)  # the median: a stroke that crosses leaves no trace
    profiles = np.pad(profiles - np.median(profiles, axis=1, keepdims=True), ((0, 0), (1, 1)))
    profiles = (profiles[:, :-2] + profiles[:, 1:-1] + profiles[:, 2:]) / 3
    tops = profiles.argmax(axis=1)
    near = tops[:, None] + np.arange(-2, 3)
    inside = np.clip(near, 0, profiles.shape[1] - 1)
    weights = np.maximum(np.take_along_axis(profiles, inside, axis=1), 0) * (near == inside)
    total = weights.sum(axis=1)
    centres = np.where(total > 0, (near * weights).sum(axis=1) / np.maximum(total, 1e-9), tops)
    boxes = np.array([cell.box_mm for cell in template.cells])
    lines = (boxes[:, [axis]] + boxes[:, [axis + 2]] * np.array([0.0, 1.0])).ravel()
    starts = np.round((lines - reach - canvas.origin_mm[axis]) * canvas.scale)
    offsets = (starts + centres + 0.5) / canvas.scale + canvas.origin_mm[axis] - lines
    middles = np.repeat(boxes[:, :2] + boxes[:, 2:] / 2, 2, axis=0)
    middles[:, axis] = lines
    return middles, offsets, profiles.max(axis=1)
