"""The ink of a whole sheet in connected pieces, and in which boxes each lies."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.strokes import GROW
from pipeline.reader.template.canvas import Canvas, nearest_box, owners
from pipeline.template import COLS, ROWS, Template

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """Connected ink larger than a speck; (N,) arrays are by piece, lengths in canvas pixels."""

    labels: NDArray[Any]  # integers, (H, W): 0 = paper
    names: Numbers  # (N,): each piece's label
    area: Numbers  # (N,)
    edges: Numbers  # (N, 4): left, top, first column right of it, first row below it
    inside: Numbers  # (cells + 1, N): its pixels by box, 0 = between boxes

    def elsewhere(self, number: int) -> Numbers:
        """Return (N,): pixels in boxes other than ``number``."""
        return np.asarray(self.area - self.inside[0] - self.inside[number])

    def mask(self, chosen: list[int], where: tuple[slice, slice]) -> NDArray[np.bool_]:
        """Return which pixels of a window belong to the chosen pieces."""
        labels = self.labels[where]
        found = labels == self.names[chosen[0]]
        for piece in chosen[1:]:
            found |= labels == self.names[piece]
        return np.asarray(found)


def find_pieces(
    canvas: Canvas, template: Template, levels: NDArray[np.float64], lowest: NDArray[np.float64], smallest: float
) -> Pieces:
    """Find the connected pieces of ink, each with the paler ink around it, as in :mod:`pipeline.reader.strokes`.

    Parameters
    ----------
    canvas : Canvas
        Printed lines and hints already taken out.
    template : Template
    levels : (cells,) float64
        The ink, 0..255, that parts strokes from paper in and around each box.
    lowest : (2, cells) float64
        The ink that may still be grain: somewhere a stroke is darker than the first, and nowhere paler than the second.
    smallest : float
        Pixels; smaller pieces are dropped.
    """
    blank = canvas.blank()
    rows, cols = nearest_box(blank, template)
    dark, pale = (
        canvas.ink >= np.minimum(np.ceil(least), 255).astype(np.uint8).reshape(ROWS, COLS)[:, cols][rows]
        for least in (np.maximum(levels, lowest[0]), np.maximum(levels * GROW, lowest[1]))
    )
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        pale.view(np.uint8), connectivity=8, ltype=_label_type(pale)
    )
    inked = np.flatnonzero(pale)
    label = np.ravel(labels)[inked]
    reaches = np.bincount(label[dark.ravel()[inked]], minlength=count) > 0
    kept = reaches & (stats[:, cv2.CC_STAT_AREA] >= smallest)
    kept[0] = False
    number = (np.cumsum(kept) * kept).astype(np.int32)
    box = owners(blank, template).ravel()[inked].astype(np.int64)
    width, total = len(template.cells) + 1, int(kept.sum())
    inside = np.bincount(number[label] * width + box, minlength=(total + 1) * width).reshape(-1, width)[1:].T
    boxes = stats[kept, :4].astype(np.int64)
    boxes[:, 2:] += boxes[:, :2]
    return Pieces(
        np.asarray(labels), np.flatnonzero(kept), stats[kept, cv2.CC_STAT_AREA].astype(np.int64), boxes, inside
    )


def _label_type(inked: NDArray[np.bool_]) -> int:
    """Return 16 bits where they will do, which takes a quarter of the time: each piece has a first pixel."""
    firsts = inked[1:, 1:] & ~inked[:-1, 1:] & ~inked[1:, :-1]
    return cv2.CV_16U if np.count_nonzero(firsts) + sum(inked.shape) < np.iinfo(np.uint16).max else cv2.CV_32S
