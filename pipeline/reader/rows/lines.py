"""Glyphs become written rows, however the paper slants or bends."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.reader.rows.glyphs import Glyph

# Lengths are fractions of the sheet's typical digit height.
STEP_UP = 0.75  # how far the next digit may stand above or below the row's course
REACH = 6.0  # how far away the next digit may be; written gaps are 0.3 to 3
TREND = 5  # neighbours from which a row's course at its end is read
STEEPEST = 0.4  # slope of the rows (22 degrees); a photo held more askew than that is turned first
CLOSE = 0.3  # how exactly digits of a row stand on one line, when the slope is looked for
CLEARLY = 1.1  # times as many digits must stand in line along a slope as along the photo's edge


@dataclass(frozen=True)
class _Chain:
    """Glyphs in a row so far, left to right, with their places once the rows' slope is taken out."""

    glyphs: list[Glyph]
    places: NDArray[np.float64]  # (N, 2) x, y


def rows_of(glyphs: list[Glyph], typical: float) -> list[list[Glyph]]:
    """Group glyphs into rows, each from left to right, rows from top to bottom.

    The slope that most rows share is taken out. Each glyph is linked to its nearest neighbour on the right where both
    agree; the chains that this gives are then joined where one continues another's course. Bent rows need no
    straightening this way.

    Parameters
    ----------
    glyphs : list of Glyph
    typical : float
        The sheet's typical digit height, pixels.
    """
    in_order = sorted(glyphs, key=lambda glyph: (glyph.centre, glyph.y))
    places = np.array([glyph.centre for glyph in in_order], float).reshape(-1, 2)
    places[:, 1] -= slope(places, typical) * places[:, 0]
    chains = _chains(in_order, places, typical)
    while (pair := _continuation(chains, typical)) is not None:
        left, right = chains[pair[0]], chains[pair[1]]
        joined = _Chain(left.glyphs + right.glyphs, np.concatenate([left.places, right.places]))
        chains = [chain for chain in chains if chain is not left and chain is not right] + [joined]
    return [chain.glyphs for chain in sorted(chains, key=lambda chain: float(chain.places[:, 1].mean()))]


def slope(places: NDArray[np.float64], typical: float) -> float:
    """Return how far rows fall for each pixel to the right: the slope along which most pairs of digits stand.

    Parameters
    ----------
    places : (N, 2) float64
        Middles of the digits, pixels.
    typical : float
        Digit height, pixels.
    """
    one, other = np.triu_indices(len(places), 1)
    dx, dy = (places[other] - places[one]).T
    near = (np.abs(dx) <= 2 * REACH * typical) & (np.abs(dx) >= 0.5 * typical)
    dx, dy = dx[near], dy[near]
    if len(dx) < TREND:
        return 0.0
    slopes = np.linspace(-STEEPEST, STEEPEST, 41)
    inline = np.array([np.exp(-0.5 * ((dy - by * dx) / (CLOSE * typical)) ** 2).sum() for by in slopes])
    best = int(np.argmax(inline))
    return float(slopes[best]) if inline[best] > CLEARLY * inline[len(slopes) // 2] else 0.0


def _chains(glyphs: list[Glyph], places: NDArray[np.float64], typical: float) -> list[_Chain]:
    """Link glyphs that are each other's nearest neighbour along the row."""
    if not len(glyphs):
        return []
    dx = places[None, :, 0] - places[:, None, 0]
    dy = np.abs(places[None, :, 1] - places[:, None, 1])
    cost = np.where((dx > 0) & (dx <= REACH * typical) & (dy <= STEP_UP * typical), dx + 2 * dy, np.inf)
    onward, back = cost.argmin(axis=1), cost.argmin(axis=0)
    follows = {
        int(onward[i]): i for i in range(len(glyphs)) if np.isfinite(cost[i, onward[i]]) and back[onward[i]] == i
    }
    leads = {before: after for after, before in follows.items()}
    chains = []
    for first in range(len(glyphs)):
        if first in follows:
            continue
        chain = [first]
        while chain[-1] in leads:
            chain.append(leads[chain[-1]])
        chains.append(_Chain([glyphs[place] for place in chain], places[chain]))
    return chains


def _continuation(chains: list[_Chain], typical: float) -> tuple[int, int] | None:
    """Return which two chains continue each other best, or None."""
    if len(chains) < 2:
        return None
    ends = np.array([(*chain.places[-1], *course(chain.places[-TREND:])) for chain in chains])
    starts = np.array([(*chain.places[0], *course(chain.places[:TREND])) for chain in chains])
    gap = starts[None, :, 0] - ends[:, None, 0]
    meeting = (starts[None, :, 0] + ends[:, None, 0]) / 2
    left = ends[:, None, 3] + ends[:, None, 2] * meeting
    right = starts[None, :, 3] + starts[None, :, 2] * meeting
    miss = np.abs(left - right)
    cost = np.where((gap > 0) & (gap <= 2 * REACH * typical) & (miss <= STEP_UP * typical), gap + 2 * miss, np.inf)
    best = int(np.argmin(cost))
    return divmod(best, len(chains)) if np.isfinite(cost.flat[best]) else None


def course(places: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and offset of the line on which a row's glyphs stand; level where these are too few."""
    if len(places) < 3:
        return 0.0, float(places[:, 1].mean())
    falls, offset = np.polyfit(places[:, 0], places[:, 1], 1)
    return float(falls), float(offset)
