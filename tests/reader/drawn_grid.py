"""Tables and lined paper for tests: ruled by hand or printed, filled in by drawn writers, with known truth."""

from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.normalize import Digit, normalize
from pipeline.simulate.pens import draw
from pipeline.simulate.strokes import Points
from pipeline.simulate.writers import write_digit, writer

Rgb = NDArray[np.uint8]
SCALE = 6.0  # pixels a mm
CELL, MARGIN = 14.0, 12.0  # mm
PAPER, PEN = (225, 228, 230), (40, 42, 48)
NEAR, ALIKE = 2.0, 0.92  # pixels of 28x28; share of each one's ink that must be so near to the other's


@dataclass(frozen=True)
class Kind:
    """How a table is ruled, filled in and photographed; lengths in mm unless they are shares of a cell."""

    colour: tuple[int, int, int] = (70, 72, 78)
    width: float = 0.5
    wobble: float = 0.0
    gaps: float = 0.0  # of a line
    dotted: bool = False
    uneven: float = 0.0  # of a cell
    framed: bool = True
    height: float = 8.0  # of the digits
    astray: float = 0.0  # how far a digit is from its cell's middle
    turn: float = 0.0  # degrees
    tilt: float = 0.0  # how much narrower the far end is
    dark: float = 0.0  # how much light a shadow over one corner takes
    noise: float = 2.0


@dataclass(frozen=True)
class Drawn:
    """A picture, and each digit as it looks alone."""

    rgb: Rgb
    digits: dict[tuple[int, int], Digit]


@cache
def page(rows: tuple[str, ...], kind: Kind, seed: int, *, missing: int | None = None) -> Drawn:
    """Draw a filled-in table; a space leaves a cell blank, ``missing`` leaves out a line from left to right.

    The same one is drawn once, and cannot be written on.
    """
    rng = np.random.default_rng(seed)
    across = _places(len(rows[0]), kind, rng)
    down = _places(len(rows), kind, rng)
    paper = np.full((*_pixels(down[-1] + MARGIN, across[-1] + MARGIN), 3), PAPER, np.uint8)
    for place, y in enumerate(down):
        if place != missing and (kind.framed or 0 < place < len(down) - 1):
            _rule(paper, (across[0], y), (across[-1], y), kind, rng)
    for place, x in enumerate(across):
        if kind.framed or 0 < place < len(across) - 1:
            _rule(paper, (x, down[0]), (x, down[-1]), kind, rng)
    digits = {}
    for row, string in enumerate(rows):
        for col, digit in enumerate(string):
            if digit == " ":
                continue
            middle = np.array([across[col : col + 2].mean(), down[row : row + 2].mean()])
            middle = middle + rng.uniform(-1, 1, 2) * kind.astray
            digits[row, col] = _write(paper, int(digit), middle, kind=kind, seed=seed, rng=rng)
    photo = photographed(paper, kind, rng)
    photo.flags.writeable = False
    return Drawn(photo, digits)


def lined(paper: Rgb, spacing: int, kind: Kind, seed: int, *, squared: bool = False) -> Rgb:
    """Rule a picture of writing with lines ``spacing`` pixels apart; ink lets them shine through."""
    rng = np.random.default_rng(seed)
    height, width = (length / SCALE for length in paper.shape[:2])
    ruled = np.full(paper.shape, 255, np.uint8)
    for y in np.arange(spacing / 2, paper.shape[0], spacing) / SCALE:
        _rule(ruled, (0, y), (width, y), kind, rng)
    for x in np.arange(spacing / 2, paper.shape[1], spacing) / SCALE if squared else ():
        _rule(ruled, (x, 0), (x, height), kind, rng)
    return np.asarray(cv2.multiply(paper, ruled, scale=1 / 255), dtype=np.uint8)


def photographed(paper: Rgb, kind: Kind, rng: np.random.Generator) -> Rgb:
    """Turn and tilt a page, cast a shadow over it and add the camera's blur and noise."""
    height, width = paper.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    inwards = kind.tilt * width / 2
    seen = corners + np.array([(inwards, 0), (-inwards, 0), (0, 0), (0, 0)], np.float32)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -kind.turn, 1.0)
    seen = np.asarray(cv2.transform(seen[None], turn)[0], dtype=np.float32)
    seen -= seen.min(axis=0)
    size = tuple(int(length) for length in np.ceil(seen.max(axis=0)))
    matrix = cv2.getPerspectiveTransform(corners, seen)
    photo = cv2.warpPerspective(paper, matrix, size, flags=cv2.INTER_AREA, borderValue=PAPER)
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    light = 1 - kind.dark / (1 + np.exp(-8 * (x + y - 1)))
    grey = cv2.GaussianBlur(photo, (0, 0), 0.7) * light[:, :, None]
    return np.clip(grey + rng.normal(0, kind.noise, grey.shape), 0, 255).astype(np.uint8)


def alike(read: Digit, drawn: Digit) -> bool:
    """Tell whether a digit that was read is the one that was drawn."""
    for one, other in ((read, drawn), (drawn, read)):
        away = cv2.distanceTransform((other < 64).astype(np.uint8), cv2.DIST_L2, 5)
        if (away[one >= 128] <= NEAR).mean() < ALIKE:
            return False
    return True


def anything(seed: int, severity: float) -> Kind:
    """Return a random kind of table, at most so far from a plain one; ``severity`` is 0..1."""
    rng = np.random.default_rng([seed, 77])
    shade = int(rng.integers(40, 150))
    colours = ((shade, shade, shade), (60, 80, 170), (130, 80, 60))
    return replace(
        Kind(),
        colour=colours[int(rng.choice(3, p=(0.6, 0.25, 0.15)))],
        width=float(rng.uniform(0.25, 0.8)),
        wobble=float(rng.uniform(0, 0.4) * severity),
        gaps=float(rng.uniform(0, 0.1) * severity),
        dotted=bool(rng.random() < 0.3 * severity),
        uneven=float(rng.uniform(0, 0.12) * severity),
        framed=bool(rng.random() > 0.4 * severity),
        height=float(rng.uniform(6.5, 8.5 + 2 * severity)),
        astray=float(rng.uniform(0, 1 + 1.5 * severity)),
        turn=float(rng.uniform(-14, 14) * severity),
        tilt=float(rng.uniform(0, 0.2) * severity),
        dark=float(rng.uniform(0, 0.7) * severity),
        noise=float(rng.uniform(1, 2 + 4 * severity)),
    )


def _pixels(*lengths: float) -> tuple[int, ...]:
    return tuple(round(length * SCALE) for length in lengths)


def _places(count: int, kind: Kind, rng: np.random.Generator) -> NDArray[np.float64]:
    steps = CELL * np.clip(1 + kind.uneven * rng.normal(0, 1, count), 0.75, 1.3)
    return MARGIN + np.concatenate([[0.0], np.cumsum(steps)])


def _rule(
    picture: Rgb, start: tuple[float, float], stop: tuple[float, float], kind: Kind, rng: np.random.Generator
) -> None:
    """Draw a line in steps of half a mm, which strays from its course by up to about ``wobble``."""
    length = float(np.hypot(stop[0] - start[0], stop[1] - start[1]))
    share = np.linspace(0, 1, max(int(length * 2), 2))
    waves = sum(np.sin(2 * np.pi * (share * rng.uniform(0.5, 4) + rng.random())) for _ in range(3))
    path = np.outer(1 - share, start) + np.outer(share, stop)
    path[:, int(abs(stop[0] - start[0]) > abs(stop[1] - start[1]))] += kind.wobble * waves / 2
    thick = max(round(kind.width * SCALE), 1)
    lost = np.zeros(len(path), bool)
    while lost.mean() < kind.gaps:
        first = int(rng.integers(len(path)))
        lost[first : first + int(rng.integers(2, 6))] = True
    points = np.round(path * SCALE * 16).astype(int)
    for place, (one, other) in enumerate(zip(points[:-1].tolist(), points[1:].tolist(), strict=True)):
        if not lost[place] and not (kind.dotted and place % 2):
            cv2.line(picture, one, other, kind.colour, thick, cv2.LINE_AA, 4)


def _write(
    paper: Rgb, digit: int, middle: NDArray[np.float64], *, kind: Kind, seed: int, rng: np.random.Generator
) -> Digit:
    """Write a digit onto the paper, and return it as it looks alone."""
    who = writer(seed, kind.height)
    who = replace(who, pen=replace(who.pen, width=float(np.clip(who.pen.width, 0.5, 0.9)), breaks=0.0))
    strokes: list[Points] = [path + middle for path in write_digit(who, digit, rng)]
    covered = draw(strokes, who.pen, SCALE, paper.shape[:2], (0.0, 0.0))
    ink = 1 - covered[:, :, None] * (1 - np.array(PEN) / 255)
    paper[:] = (paper * ink).astype(np.uint8)
    return normalize((covered * 255).astype(np.uint8), "mnist")
