"""Parts become glyphs: what one digit's strokes form together."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from pipeline.reader.strokes import Labels, Part

# Lengths below are fractions of the sheet's typical digit height, measured on photos of handwriting by 20 people.
STACKED_GAP = 0.35  # a cap above its body, the two halves of a broken stroke
STACKED_OVERLAP = 0.4  # … share at least this fraction of the narrower one's width
SIDE_GAP = 0.16  # a small stroke beside its body: the cap of a 5 that sets out to the right
SMALL = 0.5  # … is at most this high
TALLEST, WIDEST = 1.35, 2.0  # of one digit with all its strokes
TALLER = 1.25  # … or this much taller than its tallest stroke, for writers who write large
DOUBT = 1.5  # a stroke whose second nearest body is within this factor of its nearest one could be either's


@dataclass(frozen=True)
class Glyph:
    """Parts that were written as one digit; lengths in pixels."""

    parts: tuple[Part, ...]
    doubtful: bool = field(default=False)  # one of its strokes may belong to a neighbour
    shared: bool = field(default=False)  # two rows meet in it

    @cached_property
    def x(self) -> int:
        """Left edge."""
        return min(part.x for part in self.parts)

    @cached_property
    def y(self) -> int:
        """Top edge."""
        return min(part.y for part in self.parts)

    @cached_property
    def right(self) -> int:
        """First column right of it."""
        return max(part.right for part in self.parts)

    @cached_property
    def bottom(self) -> int:
        """First row below it."""
        return max(part.bottom for part in self.parts)

    @property
    def width(self) -> int:
        """Right edge minus left edge."""
        return self.right - self.x

    @property
    def height(self) -> int:
        """Bottom edge minus top edge."""
        return self.bottom - self.y

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the box, x and y."""
        return (self.x + self.right) / 2, (self.y + self.bottom) / 2

    @property
    def area(self) -> int:
        """Ink pixels."""
        return sum(part.area for part in self.parts)


def typical_height(parts: list[Part]) -> float:
    """Return the median part height in pixels, weighted by ink so that specks do not count; 0 without parts."""
    if not parts:
        return 0.0
    heights = np.array([part.height for part in parts], float)
    weights = np.array([part.area for part in parts], float)
    order = np.argsort(heights)
    middle = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
    return float(heights[order][middle])


class _Outlines:
    """The ink of parts as trees to measure distances with, each built when it is first asked for."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._trees: dict[int, cKDTree] = {}

    def of(self, part: Part) -> cKDTree:
        if part.index not in self._trees:
            self._trees[part.index] = cKDTree(_pixels(part, self._labels))
        return self._trees[part.index]


def join(parts: list[Part], labels: Labels, typical: float) -> list[Glyph]:
    """Join the strokes of each digit: a cap above or beside its body, the halves of a broken stroke.

    A stroke joins the nearest body that it fits. Where a second body is nearly as near, both are marked doubtful:
    the reader never guesses whose stroke it is.

    Parameters
    ----------
    parts : list of Part
    labels : (H, W) int32, as :func:`pipeline.reader.strokes.parts` gives them
    typical : float
        The sheet's typical digit height, pixels.
    """
    by_size = sorted(parts, key=lambda part: (-part.area, part.index))
    outlines = _Outlines(labels)
    groups: list[list[Part]] = []
    doubtful: set[int] = set()
    for part in by_size:
        fits = sorted(
            (distance, place)
            for place, group in enumerate(groups)
            if (distance := _fit(part, group, outlines, typical)) is not None
        )
        if not fits:
            groups.append([part])
            continue
        nearest, home = fits[0]
        if len(fits) > 1 and fits[1][0] <= DOUBT * nearest + 1:
            doubtful.update((home, fits[1][1]))
        groups[home].append(part)
    return [Glyph(tuple(group), place in doubtful) for place, group in enumerate(groups)]


def _fit(part: Part, group: list[Part], outlines: _Outlines, typical: float) -> float | None:
    """Return the gap in pixels between a stroke and a body that it may belong to, or None where it does not fit."""
    x, y = min(p.x for p in group), min(p.y for p in group)
    right, bottom = max(p.right for p in group), max(p.bottom for p in group)
    tallest = max(TALLEST * typical, TALLER * max(part.height, *(p.height for p in group)))
    if max(bottom, part.bottom) - min(y, part.y) > tallest:
        return None
    if max(right, part.right) - min(x, part.x) > WIDEST * typical:
        return None
    shared = min(right, part.right) - max(x, part.x)
    stacked = shared >= STACKED_OVERLAP * min(right - x, part.width)
    reach = (STACKED_GAP if stacked else SIDE_GAP) * typical
    if not stacked and part.height > SMALL * typical:
        return None
    apart = max(max(y, part.y) - min(bottom, part.bottom), max(x, part.x) - min(right, part.right))
    if apart > reach:
        return None
    gap = min(_gap(outlines.of(part), outlines.of(other)) for other in group)
    return gap if gap <= reach else None


def _gap(one: cKDTree, other: cKDTree) -> float:
    """Return the least distance in pixels between the ink of two parts."""
    few, many = sorted((one, other), key=lambda tree: int(tree.n))
    distances, _ = many.query(few.data)
    return float(distances.min())


def _pixels(part: Part, labels: Labels) -> np.ndarray:
    """Return (area, 2) x, y of a part's ink."""
    window = labels[part.y : part.bottom, part.x : part.right] == part.index + 1
    rows, cols = np.nonzero(window)
    return np.column_stack((cols + part.x, rows + part.y))
