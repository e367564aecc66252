"""A photo of a ruled table becomes a flat picture of it: lines gone, every cell's place known."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.grid.lattice import Lattice
from pipeline.reader.page import ink_map
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Homography, Ink
from pipeline.reader.ruling.erasing import erase
from pipeline.reader.ruling.hidden import Hidden
from pipeline.reader.ruling.ridges import Line

CELL = 96  # pixels of a cell's shorter side on the flat picture: a digit is 40 and more high, twice what 20x20 needs
LARGEST = 2800  # pixels of the flat picture's longer side; cells are smaller where there are more than 29 in a row
MARGIN = 0.6  # of a cell around the table: strokes leave it
FINER = 1.3  # times the flat picture's resolution: to this a photo is averaged down before it is flattened


@dataclass(frozen=True)
class Table:
    """A table seen straight on; places in pixels of ``ink``."""

    ink: Ink  # lines taken out
    lines: NDArray[np.bool_]  # (H, W): where they were
    hidden: Hidden  # where they may hide a stroke
    inside: NDArray[np.bool_]  # (H, W): what the photo shows
    cells: NDArray[np.float32]  # (rows, columns, 4, 2): corners from the top left, clockwise
    in_photo: NDArray[np.float32]  # the same in pixels of the photo
    cell: float  # pixels of a usual cell's shorter side


def flatten(rgb: Rgb, lattice: Lattice, factor: float, open_sides: tuple[bool, bool, bool, bool]) -> Table:
    """Flatten a table and take its lines out.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    lattice : Lattice
    factor : float
        Pixels of the copy on which the lattice was found, a pixel of the photo.
    open_sides : four bool
        Whether there are cells without a frame above, below, to the left and to the right of the outermost lines.
    """
    places = _with_open(lattice.crossings, open_sides)
    matrix, size, scale = _straight(lattice.crossings, places, factor)
    shades, inside = _flat(rgb, matrix, size, scale * factor, factor)
    flipped = matrix[[1, 0, 2]][:, [1, 0, 2]]
    across = [_moved(line, matrix) for line in (*lattice.across, *lattice.border[0])]
    down = [_moved(line, flipped) for line in (*lattice.down, *lattice.border[1])]
    flat = cv2.perspectiveTransform(places.reshape(1, -1, 2), matrix).reshape(places.shape)
    corners = _corners(np.asarray(flat, np.float64))
    steps = (
        np.linalg.norm(corners[:, :, 1] - corners[:, :, 0], axis=2),
        np.linalg.norm(corners[:, :, 3] - corners[:, :, 0], axis=2),
    )
    cell = float(min(np.median(step) for step in steps))
    ink = np.maximum.reduce(shades)
    ink, lines, hidden = erase(ink, across, down, factor=scale, window=round(cell), shades=shades)
    in_photo = (_corners(places) + 0.5) / factor - 0.5
    return Table(ink, lines, hidden, inside, corners.astype(np.float32), in_photo.astype(np.float32), cell)


def crooked(table: Table) -> NDArray[np.float64]:
    """Return (rows, columns): by what factor a side of each cell differs from those of its row or column, at most."""
    sides = np.linalg.norm(np.roll(table.cells, -1, axis=2) - table.cells, axis=3)
    factors = []
    for pair, along in (((0, 2), 0), ((1, 3), 1)):
        lengths = np.maximum(sides[:, :, pair], 1e-3)
        factors.append(np.abs(np.log(lengths / np.median(lengths, axis=(along, 2), keepdims=True))).max(axis=2))
    return np.asarray(np.exp(np.maximum(*factors)))


def spacing(lattice: Lattice) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the distances between neighbouring lines, rows' and columns', with the perspective taken out."""
    matrix, _, _ = _straight(lattice.crossings, lattice.crossings, 1.0)
    flat = cv2.perspectiveTransform(lattice.crossings.reshape(1, -1, 2), matrix).reshape(lattice.crossings.shape)
    return np.median(np.diff(flat[:, :, 1], axis=0), axis=1), np.median(np.diff(flat[:, :, 0], axis=1), axis=0)


def _with_open(places: NDArray[np.float64], open_sides: tuple[bool, bool, bool, bool]) -> NDArray[np.float64]:
    """Add the places where lines would cross if open cells had a frame, as far out as the cells beside are wide."""
    above, below, left, right = open_sides
    if above:
        places = np.concatenate([2 * places[:1] - places[1:2], places])
    if below:
        places = np.concatenate([places, 2 * places[-1:] - places[-2:-1]])
    if left:
        places = np.concatenate([2 * places[:, :1] - places[:, 1:2], places], axis=1)
    if right:
        places = np.concatenate([places, 2 * places[:, -1:] - places[:, -2:-1]], axis=1)
    return places


def _straight(
    ruled: NDArray[np.float64], places: NDArray[np.float64], factor: float
) -> tuple[Homography, tuple[int, int], float]:
    """Return the homography from the copy to the flat picture, its width and height, and its pixels a copy's pixel."""
    quad = np.array([ruled[0, 0], ruled[0, -1], ruled[-1, -1], ruled[-1, 0]])
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    width, height = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    cell = min(width / (ruled.shape[1] - 1), height / (ruled.shape[0] - 1))
    scale = min(CELL / cell, 1 / factor, LARGEST / max(width, height))
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)]) * scale
    matrix = np.asarray(cv2.getPerspectiveTransform(quad.astype(np.float32), flat.astype(np.float32)), np.float64)
    ends = cv2.perspectiveTransform(places.reshape(1, -1, 2), matrix)[0]
    low, high = ends.min(axis=0) - MARGIN * cell * scale, ends.max(axis=0) + MARGIN * cell * scale
    matrix = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ matrix
    size = int(np.ceil(high[0] - low[0])), int(np.ceil(high[1] - low[1]))
    return matrix, size, float(scale)


def _flat(
    rgb: Rgb, matrix: Homography, size: tuple[int, int], detail: float, factor: float
) -> tuple[tuple[Ink, ...], NDArray[np.bool_]]:
    """Return the flat picture's ink in each colour of light, and where it lies in the photo.

    ``detail`` is its pixels a photo's pixel.
    """
    reduction = min(FINER * detail, 1.0)
    small = rgb if reduction == 1 else cv2.resize(rgb, None, fx=reduction, fy=reduction, interpolation=cv2.INTER_AREA)
    inks = [ink_map(np.ascontiguousarray(small[:, :, channel])) for channel in range(3)]
    ratio = factor / reduction
    to_copy = np.array([[ratio, 0, 0.5 * ratio - 0.5], [0, ratio, 0.5 * ratio - 0.5], [0, 0, 1]])
    whole = matrix @ to_copy
    flat = tuple(np.asarray(cv2.warpPerspective(ink, whole, size, flags=cv2.INTER_LINEAR), np.uint8) for ink in inks)
    inside = cv2.warpPerspective(np.full(inks[0].shape, 255, np.uint8), whole, size, flags=cv2.INTER_NEAREST) > 0
    return flat, np.asarray(inside)


def _moved(line: Line, matrix: Homography) -> Line:
    """Return a line on the flat picture."""
    columns = np.arange(line.start, line.stop)
    points = np.stack([columns, line.middle], axis=1)[None].astype(np.float64)
    x, y = cv2.perspectiveTransform(points, matrix)[0].T
    start, stop = int(np.floor(x[0])), int(np.ceil(x[-1])) + 1
    along = np.arange(start, stop)
    nearest = np.clip(np.searchsorted(x, along), 0, len(columns) - 1)
    return replace(line, start=start, middle=np.interp(along, x, y), seen=line.seen[nearest])


def _corners(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (rows, columns, 4, 2) from the crossings around each cell."""
    return np.stack([places[:-1, :-1], places[:-1, 1:], places[1:, 1:], places[1:, :-1]], axis=2)
