"""Which glyph is which digit of a row's string, and how certain that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
Steps = list[tuple[int, int, Table]]
"""Of each kind of step: how many found and how many expected it takes, and its (found + 1, expected + 1) log odds."""

# Of each digit, in heights of itself: median box width and line length of MNIST's bundled digits, as upright crops.
WIDTHS = np.array([0.90, 0.44, 0.94, 0.80, 0.80, 0.96, 0.70, 0.76, 0.76, 0.66])
LENGTHS = np.array([2.33, 1.04, 2.10, 2.08, 1.75, 2.11, 1.88, 1.64, 2.20, 1.82])
# Natural logarithms' standard deviations; MNIST's lie at 0.20 to 0.27 (a 1: 0.46) for widths, 0.10 to 0.19 for lengths.
WIDTH_SPREAD, LENGTH_SPREAD, HEIGHT_SPREAD = 0.35, 0.2, 0.25
TAIL = 0.03  # of digits are unlike all others: each measurement may be anything
RANGE = 3.7  # natural logarithm of the largest by the least size that ink can have: "anything"
HABIT = 3  # glyphs' worth of doubt about a writer's own width and length, in digits

# How rare, as natural logarithms of odds against one whole digit alone. Orders of magnitude, by judgement: any one of
# them 2 more or less (7 times as rare or as common) changes none of 279 verdicts on real rows and at most 2 of 160
# digits on simulated photos of the worst kind.
TWO_TOUCH, THREE_TOUCH, BROKEN, LEFT_OUT, FOREIGN = -5.0, -8.0, -5.0, -7.0, -7.0
ODD = 5.0  # ink that looks like no writing is that much likelier to be foreign
NEAR, FAR = 0.2, 0.5  # digit heights: two pieces of one digit are nearer than this, and never further
UNREAD = np.log(0.1)  # what a reading that says nothing gives each digit


@dataclass(frozen=True)
class Seen:
    """A glyph as the alignment sees it; lengths in the row's digit heights."""

    width: float
    height: float
    length: float
    gap: float  # to the next glyph
    odd: bool  # it looks like no writing
    whole: bool  # False: cut off or grown together with ink of another row, so that its measurements say nothing
    reading: NDArray[np.float64] | None  # (10,) log probabilities


@dataclass(frozen=True)
class Alignment:
    """Probabilities; glyphs i, digits j of the string."""

    alone: Table  # (glyphs, digits): glyph i is digit j, all of it and nothing else
    evidence: float  # natural logarithm of how well row and string fit: only differences mean something


def align(row: Sequence[Seen], string: str) -> Alignment:
    """Weigh all ways in which a row of glyphs can be a string of digits, from both ends.

    Each glyph is one digit, two or three that touch, a piece of one, or foreign; each digit may be left out. The
    probability of a pairing is the share of all ways that hold it (the forward-backward algorithm: Baum and Petrie,
    1966). A reading counts only as much as its own doubt allows, and never decides on its own digit: what it
    exposes is a row that is shifted.
    """
    digits = np.array([int(digit) for digit in string], dtype=np.int64)
    return weigh(len(row), len(digits), _steps(row, digits))


def weigh(n: int, m: int, steps: Steps) -> Alignment:
    """Weigh all ways to walk through ``n`` found and ``m`` expected in ``steps``, the first of which pairs one each."""
    ahead, behind = (np.full((n + 1, m + 1), -np.inf) for _ in range(2))
    ahead[0, 0] = behind[n, m] = 0.0
    for i, j in np.ndindex(n + 1, m + 1):
        ways = [ahead[i - a, j - b] + table[i - a, j - b] for a, b, table in steps if i >= a and j >= b]
        ahead[i, j] = _sum(ways) if ways else 0.0
    for i, j in ((n - a, m - b) for a, b in np.ndindex(n + 1, m + 1)):
        ways = [behind[i + a, j + b] + table[i, j] for a, b, table in steps if i + a <= n and j + b <= m]
        behind[i, j] = _sum(ways) if ways else 0.0
    total = float(ahead[n, m])
    alone = np.exp(ahead[:n, :m] + steps[0][2][:n, :m] + behind[1:, 1:] - total)
    return Alignment(np.asarray(alone), total)


def _sum(ways: list[float]) -> float:
    top = max(ways)
    return float(top + np.log(np.exp(np.array(ways) - top).sum())) if np.isfinite(top) else -np.inf


def _steps(row: Sequence[Seen], digits: NDArray[np.int64]) -> Steps:
    """Return for each kind of step how many glyphs and digits it takes and its (glyphs + 1, digits + 1) log odds."""
    n, m = len(row), len(digits)
    wide, long = habit(row, digits)
    expected_width, expected_length = np.log(WIDTHS[digits]) + wide, np.log(LENGTHS[digits]) + long
    alone, two, three, broken = (np.full((n + 1, m + 1), -np.inf) for _ in range(4))
    foreign, left_out = np.full((n + 1, m + 1), FOREIGN), np.full((n + 1, m + 1), LEFT_OUT)
    for i, seen in enumerate(row):
        alone[i, :m] = like(seen, expected_width, expected_length)
        if seen.reading is not None:
            alone[i, :m] += seen.reading[digits] - UNREAD
        alone[i, :m] -= ODD * seen.odd
        foreign[i] += ODD * seen.odd
        for table, count, odds in ((two, 2, TWO_TOUCH), (three, 3, THREE_TOUCH)):
            if m >= count:
                table[i, : m - count + 1] = odds + like(
                    seen, _joint(expected_width, count), _joint(expected_length, count)
                )
        if i + 1 < n:
            broken[i, :m] = BROKEN + pieces(seen, row[i + 1], expected_width, expected_length)
    return [(1, 1, alone), (1, 2, two), (1, 3, three), (2, 1, broken), (0, 1, left_out), (1, 0, foreign)]


def habit(row: Sequence[Seen], digits: NDArray[np.int64]) -> tuple[float, float]:
    """Return how much wider and longer than MNIST's this writer's digits are, as natural logarithms."""
    whole = [seen for seen in row if seen.whole]
    if not whole or not len(digits):
        return 0.0, 0.0
    trust = len(whole) / (len(whole) + HABIT)
    wide = np.median(np.log([seen.width for seen in whole])) - np.median(np.log(WIDTHS[digits]))
    long = np.median(np.log([seen.length for seen in whole])) - np.median(np.log(LENGTHS[digits]))
    return float(np.clip(trust * wide, -0.5, 0.5)), float(np.clip(trust * long, -0.3, 0.3))


def _joint(expected: Table, count: int) -> Table:
    """Return the log size of ``count`` neighbours together."""
    sizes = np.exp(expected)
    return np.asarray(np.log(sum(sizes[k : len(sizes) - count + 1 + k] for k in range(count))))


def like(seen: Seen, width: Table, length: Table) -> Table:
    """Return the log odds of a glyph's size being that expected against its being anything."""
    if not seen.whole:
        return np.zeros_like(width)
    return np.asarray(
        _near(np.log(seen.width) - width, WIDTH_SPREAD)
        + _near(np.log(seen.length) - length, LENGTH_SPREAD)
        + _near(np.full_like(width, np.log(seen.height)), HEIGHT_SPREAD)
    )


def _near(distance: Table, spread: float) -> Table:
    bell = np.exp(-0.5 * (distance / spread) ** 2) / (spread * np.sqrt(2 * np.pi))
    return np.asarray(np.log((1 - TAIL) * bell * RANGE + TAIL))


def pieces(one: Seen, other: Seen, width: Table, length: Table) -> Table:
    """Return the log odds of two neighbours being pieces of one digit."""
    if one.gap > FAR or not (one.whole and other.whole):
        return np.full_like(width, -np.inf)
    joint = Seen(
        width=max(one.width + other.width + one.gap, one.width, other.width),
        height=max(one.height, other.height),
        length=one.length + other.length,
        gap=other.gap,
        odd=False,
        whole=True,
        reading=None,
    )
    return like(joint, width, length) + (1.0 if one.gap < NEAR else -2.0)
