"""Where the printed box lines really are: they check a registration and straighten what the markers leave bent."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.template.canvas import Canvas, strips
from pipeline.template import COLS, ROWS, Template

Millimetres = NDArray[np.float64]
"""(N, 2) float64: x, y on the page."""

Offsets = NDArray[np.float64]
"""(10, 10) float64, mm: by box; NaN where it is not known."""

REACH_MM = (1.1, 2.0)  # how far a vertical and a horizontal line is looked for: less than half of the gap to the next
CLEAR = 0.4  # of the median line's ink: a paler peak is no line
AGREE_MM = 0.4  # opposite lines of a box are that much apart or nearer than printed: else one is a pen's
FLAT_MM = 0.8  # lines that are all nearer than this to their places are not those of neighbours
SEAM_MM = 3.0  # a box and those around it are not further apart, even at a crease: a seam where wrong rows meet is
MIN_SHARE = (
    0.8  # of all boxes must be found so before they are trusted: 0.82 and more on simulated photos at their worst
)


@dataclass(frozen=True)
class Bend:
    """How far the paper lies from where the markers say: a lens, a curl, a crease, a missing marker."""

    offsets: tuple[Offsets, Offsets]  # mm to the right and down, by box
    middles: NDArray[np.float64]  # (10, 10, 2) mm: of the boxes
    share: float  # of the boxes whose lines were found, 0..1

    def moved(self, places: Millimetres) -> Millimetres:
        """Return where on the markers' plane the given places of the page are seen.

        Linear between the boxes' middles, and on along a quadratic surface outside.
        """
        first, last = self.middles[0, 0], self.middles[-1, -1]
        steps = np.array([COLS - 1, ROWS - 1])
        grid = np.clip((places - first) / (last - first) * steps, 0, steps).astype(np.float32)
        surface, around = _surface(places), _surface(self.middles.reshape(-1, 2))
        moved = places.astype(np.float64)
        for axis, offsets in enumerate(self.offsets):
            terms = np.linalg.lstsq(around, offsets.ravel())[0]
            rest = (offsets.ravel() - around @ terms).reshape(ROWS, COLS).astype(np.float32)
            between = cv2.remap(rest, grid[None, :, 0], grid[None, :, 1], cv2.INTER_LINEAR)
            moved[:, axis] += surface @ terms + between[0]
        return np.asarray(moved, dtype=np.float64)


def find_bend(canvas: Canvas, template: Template, missing: tuple[int, ...] = ()) -> Bend:
    """Follow the box lines from the markers inwards: each box is looked for where its neighbours say that it is.

    Parameters
    ----------
    canvas : Canvas
    template : Template
    missing : places of markers on which the registration does not rest, from the upper left clockwise

    Returns
    -------
    Bend
        None at all, with the share that was found, where too few boxes are found.
    """
    middles = np.array([cell.box_mm for cell in template.cells]).reshape(ROWS, COLS, 4)
    middles = middles[:, :, :2] + middles[:, :, 2:] / 2
    known, said = _where_they_should_be(canvas, template)
    if max(np.nanmax(np.abs(offsets), initial=0.0) for offsets in known) > FLAT_MM or np.isnan(known).any():
        known, said = _followed(canvas, template, missing)
    share = float(np.mean([_plain(*both) for both in zip(known, said, strict=True)], axis=(1, 2)).min())
    trusted = share >= MIN_SHARE
    right, down = (_evened(offsets) if trusted else np.zeros((ROWS, COLS)) for offsets in said)
    return Bend((right, down), middles, share)


def _where_they_should_be(canvas: Canvas, template: Template) -> tuple[list[Offsets], list[Offsets]]:
    """Return the boxes' offsets to the right and down, looked for where they were printed: enough for a flat sheet."""
    every = np.arange(ROWS * COLS)
    known = [_boxes(canvas, template, axis, every, np.zeros(len(every))).reshape(ROWS, COLS) for axis in (0, 1)]
    return known, known


def _followed(canvas: Canvas, template: Template, missing: tuple[int, ...]) -> tuple[list[Offsets], list[Offsets]]:
    """Return the boxes' offsets, NaN where they were not found, and what is believed then."""
    rings = _rings(missing)
    known = [np.full((ROWS, COLS), np.nan), np.full((ROWS, COLS), np.nan)]
    said = [np.zeros((ROWS, COLS)), np.zeros((ROWS, COLS))]
    for ring in range(int(rings.max()) + 1):
        here = np.flatnonzero(rings.ravel() == ring)
        for axis in (0, 1):
            if ring:
                said[axis] = np.where(rings == ring, _from_neighbours(said[axis], rings < ring), said[axis])
            found = _boxes(canvas, template, axis, here, said[axis].ravel()[here])
            known[axis].ravel()[here] = found
            said[axis].ravel()[here] = np.where(np.isnan(found), said[axis].ravel()[here], found)
    return known, said


def _rings(missing: tuple[int, ...]) -> NDArray[np.int64]:
    """Return (10, 10): how many boxes each is away from the nearest corner with a marker."""
    row, col = np.mgrid[:ROWS, :COLS]
    ways = ((row, col), (row, COLS - 1 - col), (ROWS - 1 - row, COLS - 1 - col), (ROWS - 1 - row, col))
    away = [np.maximum(*way) for place, way in enumerate(ways) if place not in missing]
    return np.asarray(np.min(away, axis=0), dtype=np.int64)


def _from_neighbours(offsets: Offsets, known: NDArray[np.bool_]) -> Offsets:
    """Return the mean offset of the known boxes around each."""
    kernel = np.ones((3, 3))
    total = cv2.filter2D(np.where(known, offsets, 0.0), -1, kernel, borderType=cv2.BORDER_CONSTANT)
    count = cv2.filter2D(known.astype(np.float64), -1, kernel, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(total / np.maximum(count, 1.0), dtype=np.float64)


def _plain(known: Offsets, said: Offsets) -> NDArray[np.bool_]:
    """Return which boxes were found where those around them are: not so along a seam of wrong rows."""
    low, high = (shape(said, np.ones((3, 3))) for shape in (cv2.erode, cv2.dilate))
    return np.asarray(np.isfinite(known) & (high - low < SEAM_MM))


def _evened(offsets: Offsets) -> Offsets:
    """Return the offsets without what one box alone says: the median of each with its eight neighbours."""
    return np.asarray(cv2.medianBlur(offsets.astype(np.float32), 3), dtype=np.float64)


def _surface(places: Millimetres) -> NDArray[np.float64]:
    x, y = (places / 100).T
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def _boxes(
    canvas: Canvas, template: Template, axis: int, boxes: NDArray[np.int64], said: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (N,): how far (mm) boxes really lie from where they were printed; NaN where no line is clear.

    Both lines across ``axis`` are looked for around ``said``. Where they disagree, the one nearer to it counts.
    """
    lines = (2 * boxes[:, None] + np.array([0, 1])).ravel()
    shifts = np.round(np.repeat(said, 2) * canvas.scale).astype(np.int64)
    offsets, strengths = _lines(canvas, template, axis, lines, shifts)
    clear = strengths.reshape(-1, 2) > CLEAR * max(float(np.median(strengths)), 1.0)
    both = np.where(clear, offsets.reshape(-1, 2), np.nan)
    apart = np.abs(both[:, 0] - both[:, 1]) > AGREE_MM
    distance = np.where(clear, np.abs(offsets.reshape(-1, 2) - said[:, None]), np.inf)
    nearer = both[np.arange(len(both)), distance.argmin(axis=1)]
    mean = np.where(clear.all(axis=1), both.mean(axis=1), nearer)
    return np.asarray(np.where(apart, nearer, mean), dtype=np.float64)


def _lines(
    canvas: Canvas, template: Template, axis: int, lines: NDArray[np.int64], shifts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for box lines across an axis, looked for ``shifts`` pixels away: how far (mm) they lie away, their ink."""
    reach = REACH_MM[axis]
    places = strips(canvas.blank(), template, axis, reach)[lines][:, :, ::2]
    stride = canvas.ink.shape[1] if axis == 1 else 1
    if shifts.any():
        places = np.clip(places + (shifts * stride)[:, None, None], 0, canvas.ink.size - 1)
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
    printed = (boxes[:, [axis]] + boxes[:, [axis + 2]] * np.array([0.0, 1.0])).ravel()[lines]
    starts = np.round((printed - reach - canvas.origin_mm[axis]) * canvas.scale)
    offsets = (starts + shifts + centres + 0.5) / canvas.scale + canvas.origin_mm[axis] - printed
    return offsets, profiles.max(axis=1)
