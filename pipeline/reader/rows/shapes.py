"""How much pen line a glyph holds: what tells one digit from two that touch, from a piece, and from a scribble."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.rows.glyphs import Glyph
from pipeline.reader.strokes import Labels

# One pen has one line: rows by 90 hands hold 0.72 to 1.36 of their median, mostly 0.9 to 1.1.
THINNEST, WIDEST = 0.5, 2.0
MAX_PATCH, PATCH_LENGTH = 2.3, 1.5  # of the line's width: digits have at most 2.2; a filled loop alone is shorter
BLOT = 0.5  # of the glyph's larger side: a solid patch as wide as this is a blot or a hole; a thick marker's is 0.3
FULL = 0.75  # of its box, unless it is narrow; thick markers fill 0.6
MAX_LENGTH = 3.0  # diagonals of its box: digits have at most 2.5, a digit struck out 4 and more


@dataclass(frozen=True)
class Shape:
    """One glyph's measurements, pixels."""

    width: float
    height: float
    area: float
    stroke: float  # how wide the pen's line is
    patch: float  # how wide the widest solid patch is

    @property
    def length(self) -> float:
        """How long the pen's line is."""
        return self.area / self.stroke


def shape_of(glyph: Glyph, labels: Labels) -> Shape:
    """Measure a glyph: the mean distance to the paper gives the line's width (a strip w wide has (w + 1) / 4)."""
    own = mask_of(glyph, labels)
    depth = cv2.distanceTransform(np.pad(own, 1).astype(np.uint8), cv2.DIST_L2, 5)
    stroke = max(4 * float(depth[depth > 0].mean()) - 1, 1.0)
    return Shape(glyph.width, glyph.height, float(own.sum()), stroke, 2 * float(depth.max()))


def mask_of(glyph: Glyph, labels: Labels) -> NDArray[np.bool_]:
    """Return (H, W) bool: the glyph's own ink within its box."""
    window = labels[glyph.y : glyph.bottom, glyph.x : glyph.right]
    own = np.zeros(window.shape, bool)
    for part in glyph.parts:
        own |= window == part.index + 1
    return own


def no_writing(shape: Shape, line: float) -> str | None:
    """Say why a glyph is no digit whoever wrote it, or None; ``line`` is the row's median line width, pixels."""
    if not THINNEST <= shape.stroke / line <= WIDEST:
        detail = f"a line {shape.stroke / line:.1f} times as wide as the row's"
        return f"{detail}, limits {THINNEST:g} and {WIDEST:g}: print, a shadow or another pen"
    side = max(shape.width, shape.height)
    if shape.patch > BLOT * side:
        return f"a solid patch of {shape.patch / side:.2f} of its size, limit {BLOT:g}: a blot or a hole"
    filled = shape.area / (shape.width * shape.height)
    if filled > FULL and min(shape.width, shape.height) > BLOT * side:
        return f"{filled:.0%} of its box is ink, limit {FULL:.0%}: a blot or a scribble"
    length = shape.length / float(np.hypot(shape.width, shape.height))
    if shape.patch > MAX_PATCH * line and length > PATCH_LENGTH:
        return (
            f"a solid patch {shape.patch / line:.1f} times as wide as the pen's line, limit {MAX_PATCH:g}: a scribble"
        )
    if length > MAX_LENGTH:
        return f"a line {length:.1f} times as long as its diagonal, limit {MAX_LENGTH:g}: a scribble"
    return None
