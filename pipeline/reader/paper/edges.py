"""Straight edges of something light on something darker: what the outline of a sheet of paper is made of."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.page import WIDEST_STROKE
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Grey

SIDE = 600  # pixels: the reduced copy's longer side; edges are found to a fraction of a pixel, 0.1% of the photo
SHORTEST = 0.03 * SIDE  # pixels: shorter pieces of edge are bends, things on the desk and texture
STRAIGHT = (
    0.01 * SIDE
)  # pixels: how far a piece may lie from the line that it is said to continue; paper bends a little
PARALLEL = np.cos(np.radians(5))  # … and how much it may turn away from it
GRAIN = 1.0  # pixels: standard deviation of the smoothing that takes out sensor noise
SURROUNDINGS = 0.1  # of the longer side: light changes over larger lengths than this
MOST = 20  # edges, the longest: a quadrilateral is sought among all fours of them

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Edge:
    """A straight edge, perhaps in pieces; walking along it, what is light lies on the right."""

    start: Points  # (2,) x, y in pixels of the reduced copy
    way: Points  # (2,) unit vector
    pieces: Points  # (P, 2): from where to where, in pixels along ``way`` from ``start``

    @property
    def length(self) -> float:
        """Pixels that were seen of it."""
        return float(np.diff(self.pieces).sum())


def without_ink(rgb: Rgb) -> tuple[Rgb, float]:
    """Return a reduced copy in which ink is gone, and the reduction.

    Strokes up to ``WIDEST_STROKE`` of the photo's side vanish in a morphological closing, as in
    :func:`pipeline.reader.page.ink_map`.

    Parameters
    ----------
    rgb : (H, W, 3) uint8

    Returns
    -------
    (h, w, 3) uint8 with a longer side of at most ``SIDE``; photo pixels a pixel
    """
    height, width = rgb.shape[:2]
    reduction = max(max(height, width) / SIDE, 1.0)
    size = (max(round(width / reduction), 1), max(round(height / reduction), 1))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    reach = max(round(max(size) * WIDEST_STROKE), 3) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    wide = cv2.copyMakeBorder(small, reach, reach, reach, reach, cv2.BORDER_REPLICATE)  # keeps a strip of desk there
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, disc)[reach:-reach, reach:-reach]
    return np.asarray(closed, dtype=np.uint8), reduction


def _in_even_light(grey: Grey) -> Grey:
    """Divide by the brightness of the wider surroundings, so that a step counts the same in light and in the dark."""
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), GRAIN)
    around = cv2.GaussianBlur(smooth, (0, 0), SURROUNDINGS * max(grey.shape))
    return np.asarray(np.clip(128 * smooth / np.maximum(around, 1), 0, 255) + 0.5, dtype=np.uint8)


def straight_edges(grey: Grey) -> list[Edge]:
    """Find the straight edges of a picture without ink, longest first.

    The line segment detector LSD (von Gioi, Jakubowicz, Morel and Randall, 2010) sees the picture as it is, for weak
    edges in glare, and in even light, for those in the dark. Pieces of one line that are light on the same side are
    one edge.
    """
    detector = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD, scale=0.8)
    found = [detector.detect(seen)[0] for seen in (grey, _in_even_light(grey))]
    ends = np.concatenate(
        [np.empty((0, 2, 2)), *(np.reshape(lines, (-1, 2, 2)) for lines in found if lines is not None)]
    )
    lengths = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    ends = ends[lengths >= SHORTEST]
    left = [_light_on_the_right(grey, pair) for pair in ends[np.argsort(-lengths[lengths >= SHORTEST], kind="stable")]]
    edges: list[Edge] = []
    while left and len(edges) < MOST:
        first = left[0]
        members = [pair for pair in left if pair is first or _continues(pair, first)]
        edges.append(_fitted(members))
        left = [pair for pair in left if not any(pair is member for member in members)]
    return sorted(edges, key=lambda edge: -edge.length)


def _light_on_the_right(grey: Grey, pair: Points) -> Points:
    """Order the ends of (2, 2) a segment so that the brighter side is on the right."""
    way = (pair[1] - pair[0]) / np.linalg.norm(pair[1] - pair[0])
    along = pair[0] + np.linspace(0.1, 0.9, 15)[:, None] * (pair[1] - pair[0])
    right, left = (_levels(grey, along + side * 3 * np.array([-way[1], way[0]])) for side in (1, -1))
    return pair if np.median(right) >= np.median(left) else pair[::-1]


def _levels(grey: Grey, points: Points) -> NDArray[np.uint8]:
    """Return the brightness at (N, 2) points; outside the picture, that of its edge."""
    x, y = np.round(points).astype(int).T
    return np.asarray(grey[y.clip(0, grey.shape[0] - 1), x.clip(0, grey.shape[1] - 1)], dtype=np.uint8)


def _continues(pair: Points, line: Points) -> bool:
    way = (line[1] - line[0]) / np.linalg.norm(line[1] - line[0])
    own = (pair[1] - pair[0]) / np.linalg.norm(pair[1] - pair[0])
    away = (pair - line[0]) @ np.array([-way[1], way[0]])
    return bool(own @ way >= PARALLEL and np.abs(away).max() <= STRAIGHT)


def _fitted(members: list[Points]) -> Edge:
    """Fit one line through segments, each by its length."""
    ends = np.array(members)
    lengths = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    points = (ends[:, 0][:, None] + np.linspace(0, 1, 11)[None, :, None] * (ends[:, 1] - ends[:, 0])[:, None]).reshape(
        -1, 2
    )
    weights = np.repeat(lengths, 11)
    middle = (weights[:, None] * points).sum(axis=0) / weights.sum()
    _, _, axes = np.linalg.svd((points - middle) * np.sqrt(weights)[:, None], full_matrices=False)
    way = axes[0] * np.sign(axes[0] @ (ends[0, 1] - ends[0, 0]))
    pieces = np.sort((ends - middle) @ way, axis=1)
    return Edge(middle, way, _joined(pieces))


def _joined(pieces: Points) -> Points:
    """Join pieces that overlap."""
    merged: list[list[float]] = []
    for begin, end in pieces[np.argsort(pieces[:, 0])]:
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    return np.array(merged)
