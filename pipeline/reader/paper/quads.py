"""Quadrilaterals that straight edges and the photo's borders form, light inside and dark outside."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pipeline.reader.paper.edges import Edge, Points

# Lengths are fractions of the photo's longer side, areas of the photo.
SMALLEST = 0.04  # area: a smaller sheet has digits of a few pixels
SHORTEST_SIDE = 0.1
BEYOND = 0.35  # how far outside the photo a corner may lie that two sides give
AT_BORDER = 0.02  # an edge this near to the photo's border could be the frame of a ruled table
TURN = np.radians(25), np.radians(155)  # from a side to the next, in perspective
SEEN_SIDE, SEEN = 0.3, 0.6  # of each side in view, and of all sides together, must be seen as an edge


@dataclass(frozen=True)
class Quad:
    """Four sides around something light; lengths in pixels."""

    corners: Points  # (4, 2) x, y, clockwise as seen
    seen: tuple[bool, ...]  # the side from each corner to the next is an edge; False: the photo's border
    score: float  # how much more of the sides in view is seen than not
    clear: int  # sides that are seen well away from the photo's border


def quads(edges: list[Edge], shape: tuple[int, int]) -> list[Quad]:
    """Return the convex quadrilaterals of which enough is seen; at least one side lies away from the photo's border.

    Parameters
    ----------
    edges : list of Edge
    shape : (height, width) of the picture in which they were found
    """
    if not edges:
        return []
    lines = sorted([*edges, *_borders(shape)], key=lambda edge: float(np.arctan2(edge.way[1], edge.way[0])))
    starts, ways = np.array([line.start for line in lines]), np.array([line.way for line in lines])
    real = np.array([np.isfinite(line.pieces[0, 0]) for line in lines])
    clear = np.array([bool(edge) and not _at_border(line, shape) for edge, line in zip(real, lines, strict=True)])
    fours = np.array(list(combinations(range(len(lines)), 4)))
    fours = fours[clear[fours].any(axis=1)]
    corners, sides = _meeting(starts, ways, fours)
    found = []
    for place in np.flatnonzero(_plausible(corners, sides, ways[fours], real[fours], shape)):
        four, seen = [lines[i] for i in fours[place]], real[fours[place]]
        score = _score(four, corners[place], seen, shape)
        if score is not None:  # corner i is where side i ends: from there on runs side i + 1
            ahead = tuple(np.roll(seen, -1).tolist())
            found.append(Quad(corners[place], ahead, score, int(clear[fours[place]].sum())))
    return found


def _borders(shape: tuple[int, int]) -> list[Edge]:
    height, width = shape
    everywhere = np.array([[-np.inf, np.inf]])
    clockwise = ((0, 0), (1, 0)), ((width, 0), (0, 1)), ((width, height), (-1, 0)), ((0, height), (0, -1))
    return [Edge(np.array(start, float), np.array(way, float), everywhere) for start, way in clockwise]


def _at_border(edge: Edge, shape: tuple[int, int]) -> bool:
    """Tell whether all that was seen of an edge lies along one of the photo's borders."""
    reach = AT_BORDER * max(shape)
    x, y = (edge.start + edge.pieces[[0, -1], [0, 1]][:, None] * edge.way).T
    height, width = shape
    return any(bool((gap < reach).all()) for gap in (x, y, width - x, height - y))


def _meeting(starts: Points, ways: Points, fours: NDArray[np.int64]) -> tuple[Points, Points]:
    """Return (N, 4, 2) corners where each line meets the next, and (N, 4) signed lengths of the sides between."""
    start, way = starts[fours], ways[fours]
    other_start, other_way = np.roll(start, -1, axis=1), np.roll(way, -1, axis=1)
    cross = way[..., 0] * other_way[..., 1] - way[..., 1] * other_way[..., 0]
    apart = other_start - start
    along = (apart[..., 0] * other_way[..., 1] - apart[..., 1] * other_way[..., 0]) / np.where(
        cross == 0, np.nan, cross
    )
    corners = start + along[..., None] * way
    sides = ((corners - np.roll(corners, 1, axis=1)) * way).sum(axis=2)
    return corners, sides


def _plausible(
    corners: Points, sides: Points, ways: Points, real: NDArray[np.bool_], shape: tuple[int, int]
) -> NDArray[np.bool_]:
    height, width = shape
    longer = max(shape)
    following = np.roll(ways, -1, axis=1)
    turns = np.arctan2(
        ways[..., 0] * following[..., 1] - ways[..., 1] * following[..., 0], (ways * following).sum(axis=2)
    )
    x, y = corners[..., 0], corners[..., 1]
    outside = np.maximum(np.maximum(-x, x - width), np.maximum(-y, y - height))
    both = real & np.roll(real, -1, axis=1)
    shifted = np.roll(corners, -1, axis=1)
    area = np.abs((x * shifted[..., 1] - y * shifted[..., 0]).sum(axis=1)) / 2
    with np.errstate(invalid="ignore"):
        return np.asarray(
            real.any(axis=1)
            & (sides > SHORTEST_SIDE * longer).all(axis=1)
            & ((turns > TURN[0]) & (turns < TURN[1])).all(axis=1)
            & (outside <= np.where(both, BEYOND * longer, 0.5)).all(axis=1)
            & (area > SMALLEST * height * width)
        )


def _score(four: list[Edge], corners: Points, real: NDArray[np.bool_], shape: tuple[int, int]) -> float | None:
    """Return how much more of the sides in view is seen than not, in pixels; None where too little is seen."""
    seen_total = view_total = 0.0
    for place, edge in enumerate(four):
        if not real[place]:
            continue
        ends = (corners[[place - 1, place]] - edge.start) @ edge.way
        begin, end = _in_view(edge, float(ends[0]), float(ends[1]), shape)
        seen = float((edge.pieces.clip(begin, end)[:, 1] - edge.pieces.clip(begin, end)[:, 0]).sum())
        if seen < SEEN_SIDE * (end - begin):
            return None
        seen_total, view_total = seen_total + seen, view_total + end - begin
    return 2 * seen_total - view_total if view_total and seen_total >= SEEN * view_total else None


def _in_view(edge: Edge, begin: float, end: float, shape: tuple[int, int]) -> tuple[float, float]:
    """Return the part of a side, along its edge, that lies in the photo."""
    for axis, length in enumerate(shape[::-1]):
        if abs(edge.way[axis]) > 1e-9:
            low, high = sorted(((limit - edge.start[axis]) / edge.way[axis]) for limit in (0, length))
            begin, end = max(begin, float(low)), min(end, float(high))
    return begin, max(end, begin)
