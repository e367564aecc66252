"""Find the sheet of paper on a photo where a desk, a floor or a table shows beside it."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.reader.paper.edges import Points, straight_edges, without_ink
from pipeline.reader.paper.quads import Quad, quads
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Corners

# One or two edges could be those of a shadow. A shadow takes all colours alike; a desk does not, or is almost black.
TINTED = 0.15  # natural logarithm: a colour that the desk takes so much more than another
BLACK = 0.3  # of the paper's brightness: deeper than a shadow in a lit room
BESIDE = 6  # pixels of the reduced copy: how far from a side its two colours are taken


@dataclass(frozen=True)
class Paper:
    """A sheet of paper on a photo."""

    corners: Corners  # clockwise as seen, from the photo's upper left one; in its pixels, perhaps outside it
    seen: tuple[bool, bool, bool, bool]  # the side from each corner to the next is an edge; False: the photo's border


def find_paper(rgb: Rgb) -> Paper | None:
    """Return the sheet of paper, or None where the paper fills the photo or nothing is certain.

    The sheet is the quadrilateral whose sides are light inside and dark outside for most of their length in view. Up
    to three sides may be the photo's border. Of several, the one with most edge in view is taken.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    """
    bare, reduction = without_ink(rgb)
    grey = bare.min(axis=2)  # white paper is bright in all three colours, a wooden desk is not
    shape = (grey.shape[0], grey.shape[1])
    found = sorted(quads(straight_edges(grey), shape), key=lambda quad: -quad.score)
    small = np.asarray(cv2.resize(rgb, shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    best = next((quad for quad in found if _is_paper(small, quad)), None)
    if best is None:
        return None
    first = int(np.argmin(best.corners.sum(axis=1)))
    corners = (np.roll(best.corners, -first, axis=0) + 0.5) * reduction
    one, two, three, four = np.roll(best.seen, -first)
    return Paper(np.asarray(corners, np.float32), (bool(one), bool(two), bool(three), bool(four)))


def _is_paper(small: Rgb, quad: Quad) -> bool:
    """Tell whether the inside goes on to where the photo's border is a side, and whether the outside is no shadow."""
    if all(quad.seen):
        return True
    sides = [_beside(small, quad.corners[place], quad.corners[(place + 1) % 4]) for place in range(4)]
    bright = [float(np.log(inside.min() + 1)) for inside, _ in sides]
    dark = [float(np.log(outside.min() + 1)) for _, outside in sides]
    real = np.flatnonzero(quad.seen)
    middle = (np.mean([bright[i] for i in real]) + np.mean([dark[i] for i in real])) / 2
    if min(bright[i] for i in np.flatnonzero(~np.array(quad.seen))) < middle:
        return False
    return quad.clear > 2 or not any(_as_a_shadow(*sides[i]) for i in real)


def _as_a_shadow(inside: Points, outside: Points) -> bool:
    taken = np.log((outside + 1) / (inside + 1))
    return bool(np.ptp(taken) < TINTED and taken.mean() > np.log(BLACK))


def _beside(small: Rgb, begin: Points, end: Points) -> tuple[Points, Points]:
    """Return the median colours (3,) just inside and just outside a side, by its part in the photo."""
    way = (end - begin) / np.linalg.norm(end - begin)
    inwards = np.array([-way[1], way[0]]) * BESIDE
    along = begin + np.linspace(0.05, 0.95, 60)[:, None] * (end - begin)
    size = np.array(small.shape[1::-1])
    x, y = np.round(along[((along >= -1) & (along <= size)).all(axis=1)]).astype(int).T
    colours = []
    for shift_x, shift_y in (np.round(inwards).astype(int), -np.round(inwards).astype(int)):
        seen = small[(y + shift_y).clip(0, size[1] - 1), (x + shift_x).clip(0, size[0] - 1)]
        colours.append(np.median(seen, axis=0) if len(seen) else np.zeros(3))
    return colours[0], colours[1]
