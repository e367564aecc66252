"""Where the printed box lines really are: they check a registration and straighten what the markers leave bent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.reader.canvas import Canvas
from pipeline.template import Box, Template

Millimetres = NDArray[np.float64]
"""(N, 2) float64: x, y on the page."""

REACH_MM = (1.1, 2.0)  # how far a vertical and a horizontal line is looked for: less than half of the gap to the next
CORNER_MM = 2.0  # of a line's ends are left out: there another line begins
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
    lines = [line for cell in template.cells for line in _lines(canvas, cell.box_mm)]
    places, axes, offsets, strengths = (np.array(values) for values in zip(*lines, strict=True))
    clear = strengths > CLEAR * max(float(np.median(strengths)), 1.0)
    share = float(clear.mean())
    terms = np.zeros((6, 2))
    if share < MIN_SHARE:
        return Bend(terms, share)
    for axis in (0, 1):
        chosen = clear & (axes == axis)
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


def _lines(canvas: Canvas, box: Box) -> list[tuple[tuple[float, float], int, float, float]]:
    """Return for a box's four lines: middle (mm), axis across, distance across to where it is (mm), ink."""
    x, y, width, height = box
    inner_width, inner_height = width - 2 * CORNER_MM, height - 2 * CORNER_MM
    found = []
    for line in (y, y + height):
        strip = (x + CORNER_MM, line - REACH_MM[1], inner_width, 2 * REACH_MM[1])
        found.append(((x + width / 2, line), 1, *_peak(canvas, strip, line, 1)))
    for line in (x, x + width):
        strip = (line - REACH_MM[0], y + CORNER_MM, 2 * REACH_MM[0], inner_height)
        found.append(((line, y + height / 2), 0, *_peak(canvas, strip, line, 0)))
    return found


def _peak(canvas: Canvas, strip: Box, line: float, axis: int) -> tuple[float, float]:
    """Return how far across a strip its darkest line lies from ``line`` (mm), and its ink above the strip's paper."""
    where = canvas.place(strip)
    profile = np.median(canvas.ink[where], axis=axis).astype(np.float64)  # a stroke that crosses leaves no trace
    profile = np.convolve(profile - np.median(profile), np.ones(3) / 3, mode="same")
    top = int(np.argmax(profile))
    near = np.arange(max(top - 2, 0), min(top + 3, len(profile)))
    weights = np.maximum(profile[near], 0)
    centre = float(near @ weights / weights.sum()) if weights.sum() > 0 else float(top)
    start = where[1 - axis].start
    return (start + centre + 0.5) / canvas.scale + canvas.origin_mm[axis] - line, float(profile[top])
