"""Ink that reaches through two rows: a long tail that touches the digit below counts once in each."""

from dataclasses import replace

import numpy as np

from pipeline.reader.rows.glyphs import Glyph
from pipeline.reader.rows.lines import TREND, course, rows_of

TALL = 1.5  # times the median height of its neighbours: two rows may meet in it
NEIGHBOURS = 6
INSIDE = 0.15  # of the typical height: how far inside its box a row's course must pass
BEYOND = 4.0  # of the typical height: how far past its ends a row's course is followed


def rows_with_tails(glyphs: list[Glyph], typical: float) -> list[list[Glyph]]:
    """Group glyphs into rows as :func:`rows_of` does; one through which two rows pass is in both, and ``shared``."""
    tall = _tall(glyphs)
    rows = rows_of([glyph for glyph in glyphs if glyph not in tall], typical)
    alone: list[Glyph] = []
    places: list[tuple[list[Glyph], Glyph]] = []
    for glyph in tall:
        through = [row for row in rows if _passes(row, glyph, typical)]
        if len(through) > 1:
            places += [(row, replace(glyph, shared=True)) for row in through]
        else:
            alone.append(glyph)
    if not places:
        return rows_of(glyphs, typical)
    rows = rows_of([glyph for glyph in glyphs if glyph not in tall or glyph in alone], typical)
    for old, glyph in places:
        row = next(row for row in rows if old[0] in row)
        row.append(glyph)
        row.sort(key=lambda one: one.centre)
    return rows


def _tall(glyphs: list[Glyph]) -> list[Glyph]:
    middles = np.array([glyph.centre for glyph in glyphs]).reshape(-1, 2)
    heights = np.array([glyph.height for glyph in glyphs])
    found = []
    for glyph, middle in zip(glyphs, middles, strict=True):
        nearest = np.argsort(np.hypot(*(middles - middle).T), kind="stable")[1 : NEIGHBOURS + 1]
        if len(nearest) and glyph.height > TALL * np.median(heights[nearest]):
            found.append(glyph)
    return found


def _passes(row: list[Glyph], glyph: Glyph, typical: float) -> bool:
    x = glyph.centre[0]
    middles = np.array([one.centre for one in row])
    if not middles[0, 0] - BEYOND * typical <= x <= middles[-1, 0] + BEYOND * typical:
        return False
    nearest = np.sort(np.argsort(np.abs(middles[:, 0] - x), kind="stable")[:TREND])
    falls, offset = course(middles[nearest])
    y = falls * x + offset
    return bool(glyph.y + INSIDE * typical < y < glyph.bottom - INSIDE * typical)
