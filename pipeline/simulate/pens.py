"""What people write with: the colour, width and habits of a pen, and its ink on paper."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.strokes import Points

Bgr = NDArray[np.uint8]
"""(H, W, 3) uint8 as OpenCV has it: blue, green, red."""

Colour = tuple[int, int, int]
"""Blue, green, red, 0..255."""

_FINENESS = 4  # strokes are drawn this many times finer than asked and then averaged, so that their edges are grey
_WHITE = 240.0  # of 255: what ink colours were seen on


@dataclass(frozen=True)
class Kind:
    """A sort of pen; lengths in mm unless they are stated in digit heights."""

    share: float  # how many people write with one
    ink: Colour
    width: tuple[float, float]
    of_height: bool = False  # the width is stated in digit heights
    opacity: tuple[float, float] = (0.82, 0.98)
    grain: float = 0.08  # how unevenly the paper takes the ink: standard deviation, of the ink
    breaks: float = 0.0  # gaps a digit


KINDS: dict[str, Kind] = {
    "black ballpoint": Kind(0.3, (46, 42, 40), (0.4, 0.8)),
    "blue ballpoint": Kind(0.2, (150, 70, 42), (0.4, 0.8)),
    "dark blue ballpoint": Kind(0.12, (92, 52, 44), (0.4, 0.8)),
    "red ballpoint": Kind(0.08, (58, 48, 196), (0.45, 0.9)),
    "pencil": Kind(0.14, (92, 90, 88), (0.4, 0.8), opacity=(0.5, 0.85), grain=0.3),
    "gel": Kind(0.08, (40, 36, 36), (0.4, 0.7), breaks=0.35),
    "marker": Kind(0.05, (44, 38, 36), (0.1, 0.2), of_height=True),
    "red marker": Kind(0.03, (50, 40, 205), (0.1, 0.2), of_height=True),
}


@dataclass(frozen=True)
class Pen:
    """One pen in one hand; lengths in mm."""

    kind: str
    ink: Colour
    width: float
    pressure: float  # how far the line thins at a stroke's ends, 0..1
    opacity: float  # 0..1
    grain: float
    breaks: float


def pick(rng: np.random.Generator, height: float) -> Pen:
    """Return a pen for a hand that writes digits ``height`` mm high."""
    shares = np.array([kind.share for kind in KINDS.values()])
    name = str(rng.choice(list(KINDS), p=shares / shares.sum()))
    kind = KINDS[name]
    width = float(rng.uniform(*kind.width)) * (height if kind.of_height else 1.0)
    return Pen(
        name, kind.ink, width, float(rng.uniform(0.1, 0.5)), float(rng.uniform(*kind.opacity)), kind.grain, kind.breaks
    )


def broken(strokes: list[Points], pen: Pen, rng: np.random.Generator) -> list[Points]:
    """Return strokes in mm with the gaps that a pen leaves when its ink stops flowing for a moment."""
    if rng.random() >= pen.breaks:
        return strokes
    longest = max(range(len(strokes)), key=lambda place: len(strokes[place]))
    path = strokes[longest]
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    gap = pen.width + rng.uniform(0.15, 0.5)  # a line's ends are round: this much more than its width stays open
    start = along[-1] * rng.uniform(0.25, 0.65)
    before, after = path[along < start], path[along > start + gap]
    if min(len(before), len(after)) < 2:
        return strokes
    return [*strokes[:longest], before, after, *strokes[longest + 1 :]]


def draw(
    strokes: list[Points], pen: Pen, scale: float, shape: tuple[int, int], middle: tuple[float, float]
) -> NDArray[np.float32]:
    """Draw strokes with a pen.

    Parameters
    ----------
    strokes : paths in mm about the digit's middle
    pen : Pen
    scale : pixels a mm
    shape : height and width of the result
    middle : x, y of the digit's middle, in pixels from the upper left corner

    Returns
    -------
    (H, W) float32
        0 = paper, 1 = covered by ink; edges between.
    """
    fine = scale * _FINENESS
    canvas = np.zeros((shape[0] * _FINENESS, shape[1] * _FINENESS), np.uint8)
    for path in strokes:
        places = path * fine + np.array(middle) * _FINENESS
        along = np.linspace(0, 1, len(path))
        press = 1 - pen.pressure * np.abs(2 * along - 1) ** 3  # a pen touches down and lifts off lightly
        widths = np.maximum(np.round(pen.width * press * fine), 1).astype(int)
        ends = np.round(places * 16).astype(int).tolist()  # cv2 takes 4 binary places
        for (start, end), width in zip(pairwise(ends), widths[1:].tolist(), strict=True):
            cv2.line(canvas, start, end, 255, width, cv2.LINE_8, 4)
    small = cv2.resize(canvas, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def write(picture: Bgr, strokes: list[Points], pen: Pen, scale: float, rng: np.random.Generator) -> None:
    """Put strokes, in mm from the picture's upper left corner, on the paper; ink lets through what is below it."""
    path = np.concatenate(strokes)
    low = np.maximum((path.min(axis=0) - pen.width) * scale, 0).astype(int)
    high = np.minimum(np.ceil((path.max(axis=0) + pen.width) * scale).astype(int), picture.shape[1::-1])
    if (high <= low).any():
        return
    part = picture[low[1] : high[1], low[0] : high[0]]
    covered = draw(strokes, pen, scale, (part.shape[0], part.shape[1]), (float(-low[0]), float(-low[1])))
    share = np.clip(covered * pen.opacity * (1 + pen.grain * _tooth(covered.shape, scale, rng)), 0, 1)[:, :, None]
    part[:] = np.asarray(part * (1 - share * (1 - np.array(pen.ink, np.float32) / _WHITE)) + 0.5, dtype=np.uint8)


def _tooth(shape: tuple[int, ...], scale: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the paper's roughness, mean 0 and standard deviation 1: its fibres are about 0.1 mm thick."""
    noise = cv2.GaussianBlur(rng.standard_normal(shape, dtype=np.float32), (0, 0), max(0.1 * scale, 0.5))
    return np.asarray(noise / max(float(noise.std()), 1e-6), dtype=np.float32)
