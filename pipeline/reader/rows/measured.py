"""A row of glyphs with everything that is measured on it, once."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.reader import quick
from pipeline.reader.normalize import normalize
from pipeline.reader.records import Ink
from pipeline.reader.rows.align import Seen
from pipeline.reader.rows.apart import Sheet, cut
from pipeline.reader.rows.bridge import bridged
from pipeline.reader.rows.glyphs import Glyph
from pipeline.reader.rows.shapes import Shape, mask_of, no_writing, shape_of
from pipeline.reader.ruling.hidden import lacks_stroke
from pipeline.reader.sharpness import softness

BESIDE = 0.5  # of the typical height: a stray piece as near as this may be a digit's
FEW = 3  # glyphs: fewer do not show how high their row is written


@dataclass(frozen=True)
class Row:
    """One written row; lengths in pixels of the sheet's ink."""

    glyphs: list[Glyph]
    shapes: list[Shape]
    inks: list[Ink]  # each glyph's crop
    masks: list[NDArray[np.bool_]]  # each glyph's own ink within its box
    cut_off: list[bool]  # by the photo's edge
    beside: list[bool]  # a stray piece of ink may be part of it
    ruled: list[bool]  # a ruled line, taken out, may have hidden a stroke of it
    softness: float  # median, pixels of a 28x28 digit that an edge takes
    height: float  # of its digits
    line: float  # how wide its pen's line is

    @cached_property
    def readings(self) -> NDArray[np.float64]:
        """Return (N, 10) log probabilities of what each glyph looks like."""
        return quick.log_probabilities(np.array([normalize(ink, "mnist") for ink in self.inks]))

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """Return (N,) lengths of each glyph's line."""
        return np.array([shape.area for shape in self.shapes]) / self.line

    @cached_property
    def spoilt(self) -> list[str | None]:
        """Say of each glyph why it is no digit whoever wrote it, or None."""
        return [no_writing(shape, self.line) for shape in self.shapes]

    @cached_property
    def gap(self) -> float:
        """Return the median gap between neighbours, in digit heights; infinite for one glyph."""
        gaps = [(after.x - before.right) / self.height for before, after in pairwise(self.glyphs)]
        return float(np.median(gaps)) if gaps else np.inf

    def falls_into_two(self, col: int) -> float:
        """Return how high the lower of two digits is that one glyph may fall into, as a share of its height."""
        return bridged(self.masks[col], self.line)

    def seen(self) -> list[Seen]:
        """Return the glyphs as the alignment with a string sees them."""
        after = [(b.x - a.right) / self.height for a, b in pairwise(self.glyphs)]
        return [
            Seen(
                width=max(shape.width, self.line) / self.height,
                height=shape.height / self.height,
                length=float(length) / self.height,
                gap=gap,
                odd=spoilt is not None,
                whole=not (cut_off or glyph.shared),
                reading=None if cut_off or glyph.shared else reading,
            )
            for glyph, shape, length, gap, spoilt, cut_off, reading in zip(
                self.glyphs,
                self.shapes,
                self.lengths,
                [*after, np.inf],
                self.spoilt,
                self.cut_off,
                self.readings,
                strict=True,
            )
        ]


def measured(sheet: Sheet, glyphs: list[Glyph]) -> Row:
    """Measure a row's glyphs; a short row takes its digit height from the whole sheet."""
    shapes = [shape_of(glyph, sheet.labels) for glyph in glyphs]
    masks = [mask_of(glyph, sheet.labels) for glyph in glyphs]
    boxes = [sheet.ink[glyph.y : glyph.bottom, glyph.x : glyph.right] for glyph in glyphs]
    heights = [glyph.height for glyph in glyphs]
    line = float(np.median([shape.stroke for shape in shapes]))
    return Row(
        glyphs=glyphs,
        shapes=shapes,
        inks=[cut(sheet, glyph) for glyph in glyphs],
        masks=masks,
        cut_off=[sheet.at_edge(glyph) for glyph in glyphs],
        beside=[any(_apart(glyph, stray) < BESIDE * sheet.typical for stray in sheet.strays) for glyph in glyphs],
        ruled=[_ruled(sheet, glyph, mask, line) for glyph, mask in zip(glyphs, masks, strict=True)],
        softness=float(np.median([softness(box, own) for box, own in zip(boxes, masks, strict=True)])),
        height=float(np.median(heights)) if len(glyphs) >= FEW else sheet.typical,
        line=line,
    )


def _ruled(sheet: Sheet, glyph: Glyph, mask: NDArray[np.bool_], line: float) -> bool:
    """Tell whether a stroke along a ruled line may be lacking."""
    return sheet.hidden is not None and lacks_stroke(mask, sheet.hidden, (glyph.y, glyph.x), line)


def _apart(one: Glyph, other: Glyph) -> float:
    """Return the distance between two boxes, pixels; 0 where they overlap."""
    across = max(one.x, other.x) - min(one.right, other.right)
    down = max(one.y, other.y) - min(one.bottom, other.bottom)
    return float(np.hypot(max(across, 0), max(down, 0)))
