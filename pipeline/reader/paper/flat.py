"""The geometry of a flat sheet before a camera: how far it is from straight, and how large it becomes."""

import numpy as np

from pipeline.reader.paper.edges import Points

SLANT = 10.0  # degrees: written rows slant so, too, and the reader of rows follows them
KEYSTONE = 0.9  # a side shorter than this part of the opposite one is perspective that changes the digits' shape
LENS = 1.1, 4.0  # focal length by half the photo's longer side, of phones: 20 to 72 mm beside 36 mm film
USUAL_LENS = 1.45  # 26 mm: the main camera of nearly every phone
CONVERGING = 0.05  # how much both pairs of sides must converge for the lens to be measured: ten times the error of it
LIKELY = 0.5, 2.0  # the aspect that perspective says, by that of the sides as seen; beyond, the sides are believed


def inset(corners: Points, margins: Points) -> Points:
    """Move each side of (4, 2) a clockwise outline inwards by its own margin, in pixels; (4,), from corner to next."""
    ways = np.roll(corners, -1, axis=0) - corners
    ways = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    starts = corners + margins[:, None] * np.column_stack([-ways[:, 1], ways[:, 0]])
    before_start, before = np.roll(starts, 1, axis=0), np.roll(ways, 1, axis=0)
    cross = before[:, 0] * ways[:, 1] - before[:, 1] * ways[:, 0]
    apart = starts - before_start
    along = (apart[:, 0] * ways[:, 1] - apart[:, 1] * ways[:, 0]) / cross
    return np.asarray(before_start + along[:, None] * before)


def slant(outline: Points) -> float:
    """Return how far a sheet lies from upright or from lying on its side, in degrees, 0..45."""
    across = (outline[1] - outline[0]) + (outline[2] - outline[3])
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    return abs((angle + 45) % 90 - 45)


def askew(outline: Points) -> bool:
    """Tell whether a sheet is turned or in perspective so far that it should be straightened."""
    sides = np.linalg.norm(np.roll(outline, -1, axis=0) - outline, axis=1)
    keystone = min(min(pair) / max(pair) for pair in (sides[[0, 2]], sides[[1, 3]]))
    return bool(slant(outline) > SLANT or keystone < KEYSTONE)


def flat_size(outline: Points, shape: tuple[int, int]) -> tuple[int, int]:
    """Return the width and height in pixels at which a straightened sheet shows as much as its photo.

    The sheet's shape follows from its outline in perspective (Zhang and He, "Whiteboard scanning and image
    enhancement", 2007, section 3.1), if pixels are square and the lens's axis meets the photo's middle.

    Parameters
    ----------
    outline : (4, 2) float64
        The sheet's corners on the photo, clockwise from the upper left one.
    shape : (height, width) of the photo
    """
    sides = np.linalg.norm(np.roll(outline, -1, axis=0) - outline, axis=1)
    width, height = max(sides[0], sides[2]), max(sides[1], sides[3])
    seen = float(width / height)
    aspect = _in_perspective(outline - np.array(shape[::-1]) / 2, max(shape) / 2)
    if not LIKELY[0] * seen < aspect < LIKELY[1] * seen:
        aspect = seen
    area = min(width * height, float(shape[0] * shape[1]))
    return max(round(float(np.sqrt(area * aspect))), 1), max(round(float(np.sqrt(area / aspect))), 1)


def _in_perspective(centred: Points, half: float) -> float:
    """Return a sheet's width by its height; the lens is measured where the perspective is strong enough for that."""
    m1, m2, m4, m3 = (
        np.array([x / half, y / half, 1.0]) for x, y in centred
    )  # upper left and right, lower left, right
    turn = np.cross(m1, m4)
    n2 = (turn @ m3) / (np.cross(m2, m4) @ m3) * m2 - m1
    n3 = (turn @ m2) / (np.cross(m3, m4) @ m2) * m3 - m1
    squared = 0.0
    if min(abs(n2[2]), abs(n3[2])) > CONVERGING:
        squared = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2])
    if not LENS[0] ** 2 < squared < LENS[1] ** 2:
        squared = USUAL_LENS**2
    lens = np.array([1 / squared, 1 / squared, 1])
    return float(np.sqrt((n2**2 @ lens) / (n3**2 @ lens)))
