"""Glyphs become written rows, however the paper slants or bends."""

import numpy as np

from pipeline.reader.glyphs import Glyph

# Lengths are fractions of the sheet's typical digit height.
STEP_UP = 0.75  # how far the next digit may stand above or below
REACH = 6.0  # how far away the next digit may be; written gaps are 0.3 to 3
TREND = 5  # neighbours from which a row's course at its end is read


def rows_of(glyphs: list[Glyph], typical: float) -> list[list[Glyph]]:
    """Group glyphs into rows, each from left to right, rows from top to bottom.

    Each glyph is linked to its nearest neighbour on the right where both agree; the chains that this gives are then
    joined where one continues another's course. Slanted and curved rows need no straightening this way.

    Parameters
    ----------
    glyphs : list of Glyph
    typical : float
        The sheet's typical digit height, pixels.
    """
    chains = _chains(sorted(glyphs, key=lambda glyph: (glyph.centre, glyph.y)), typical)
    while (pair := _continuation(chains, typical)) is not None:
        left, right = pair
        chains = [chain for chain in chains if chain is not left and chain is not right] + [left + right]
    return sorted(chains, key=_middle)


def _chains(glyphs: list[Glyph], typical: float) -> list[list[Glyph]]:
    """Link glyphs that are each other's nearest neighbour along the row."""
    places = np.array([glyph.centre for glyph in glyphs]).reshape(-1, 2)
    dx = places[None, :, 0] - places[:, None, 0]
    dy = np.abs(places[None, :, 1] - places[:, None, 1])
    cost = np.where((dx > 0) & (dx <= REACH * typical) & (dy <= STEP_UP * typical), dx + 2 * dy, np.inf)
    if not len(glyphs):
        return []
    onward, back = cost.argmin(axis=1), cost.argmin(axis=0)
    follows = {
        int(onward[i]): i for i in range(len(glyphs)) if np.isfinite(cost[i, onward[i]]) and back[onward[i]] == i
    }
    leads = {before: after for after, before in follows.items()}
    chains = []
    for first in range(len(glyphs)):
        if first in follows:
            continue
        chain, place = [glyphs[first]], first
        while place in leads:
            place = leads[place]
            chain.append(glyphs[place])
        chains.append(chain)
    return chains


def _continuation(chains: list[list[Glyph]], typical: float) -> tuple[list[Glyph], list[Glyph]] | None:
    """Return the two chains that continue each other best, or None."""
    best, pair = np.inf, None
    for left in chains:
        for right in chains:
            gap = right[0].centre[0] - left[-1].centre[0]
            if left is right or not 0 < gap <= 2 * REACH * typical:
                continue
            meeting = (right[0].centre[0] + left[-1].centre[0]) / 2
            miss = abs(_course(left[-TREND:], meeting) - _course(right[:TREND], meeting))
            if miss <= STEP_UP * typical and gap + 2 * miss < best:
                best, pair = gap + 2 * miss, (left, right)
    return pair


def _course(glyphs: list[Glyph], x: float) -> float:
    """Return the height y at which the row of these glyphs passes ``x``."""
    xs, ys = np.array([glyph.centre for glyph in glyphs]).T
    if len(glyphs) < 3:
        return float(ys.mean())
    _slope, offset = np.polyfit(xs - x, ys, 1)
    return float(offset)


def _middle(chain: list[Glyph]) -> float:
    return float(np.mean([glyph.centre[1] for glyph in chain]))
