"""Two digits that touch, parted where nobody has said what they are: only where both halves then look like digits."""

from dataclasses import replace

import numpy as np

from pipeline.reader.rows.apart import Sheet
from pipeline.reader.rows.bridge import Meeting, meetings
from pipeline.reader.rows.chances import chances
from pipeline.reader.rows.glyphs import Glyph
from pipeline.reader.rows.measured import Row, measured
from pipeline.reader.rows.verdicts import FALLS
from pipeline.reader.strokes import Part

LOOKS = np.log(0.9)  # of each half's best reading: a 2 and a 3 that touch have 0.99, a 0 with a tail 0.83 at its best


def parted(sheet: Sheet, row: Row, col: int, likely: float) -> tuple[Sheet, Row] | None:
    """Return the sheet and the row with one glyph parted into two digits, or None where they are not certain.

    Of all lines that part it, the one whose halves look most like digits is taken. Both halves must be one digit each
    with a probability of ``likely``, by their size and their looks, and each must look like some digit.
    """
    best: tuple[float, Sheet, Row] | None = None
    for meeting in meetings(row.masks[col], row.line):
        halves = _halves(sheet, row, col, meeting) if meeting.lower >= FALLS else None
        if halves is None:
            continue
        apart, glyphs = halves
        new = measured(apart, [*row.glyphs[:col], *glyphs, *row.glyphs[col + 1 :]])
        looks = new.readings[col : col + 2].max(axis=1)
        if (chances(new).alone[col : col + 2] < likely).any() or (looks < LOOKS).any():
            continue
        if best is None or looks.sum() > best[0]:
            best = float(looks.sum()), apart, new
    return None if best is None else best[1:]


def _halves(sheet: Sheet, row: Row, col: int, meeting: Meeting) -> tuple[Sheet, list[Glyph]] | None:
    """Cut a glyph along a line: the sheet with both halves as parts of their own, and these from left to right."""
    glyph, own = row.glyphs[col], row.masks[col]
    left = meeting.left(own)
    if not left.any() or (left == own).all():
        return None
    labels = sheet.labels.copy()
    window = labels[glyph.y : glyph.bottom, glyph.x : glyph.right]
    found = []
    for half in (left, own & ~left):
        index = int(labels.max())
        window[half] = index + 1
        rows, cols = np.flatnonzero(half.any(axis=1)), np.flatnonzero(half.any(axis=0))
        box = int(cols[0]) + glyph.x, int(rows[0]) + glyph.y, int(np.ptp(cols)) + 1, int(np.ptp(rows)) + 1
        found.append(replace(glyph, parts=(Part(index, *box, int(half.sum())),)))
    return replace(sheet, labels=labels), found
