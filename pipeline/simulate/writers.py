"""A simulated writer: a hand, a pen, and one way of writing each digit."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.strokes import FORMS, Points, follow, knots

Colour = tuple[int, int, int]
"""Blue, green, red, 0..255."""

PENS: dict[str, Colour] = {
    "black": (46, 42, 40),
    "blue": (150, 70, 42),
    "dark blue": (92, 52, 44),
    "grey": (82, 80, 80),
}
_PEN_SHARES = (0.5, 0.25, 0.15, 0.1)
_FINENESS = 4  # strokes are drawn this many times finer than asked and then averaged, so that their edges are grey


@dataclass(frozen=True)
class Writer:
    """What stays the same through one writer's sheet; lengths in mm."""

    seed: int
    height: float  # of a digit
    width_ratio: float  # of the stroke model's width
    slant: float  # tangent; positive leans to the right
    pen_width: float
    pressure: float  # how far the line thins at a stroke's ends, 0..1
    wobble: float  # how far a digit differs from the writer's last one, of its height
    tremor: float  # of its height
    ink: Colour
    opacity: float  # 0..1
    forms: tuple[int, ...]  # index of the usual form, by digit
    hand: NDArray[np.float64]  # (10, 64, 2): where this writer's knots differ from the model's, by digit


def writer(seed: int) -> Writer:
    """Return the writer of a seed; the same seed is the same writer."""
    rng = np.random.default_rng([seed, 1])
    forms = []
    for digit in range(10):
        weights = np.array([form.weight for form in FORMS[digit]])
        forms.append(int(rng.choice(len(weights), p=weights / weights.sum())))
    return Writer(
        seed=seed,
        height=float(np.clip(rng.normal(9.2, 1.3), 6.0, 12.0)),
        width_ratio=float(np.exp(rng.normal(0.0, 0.12))),
        slant=float(rng.normal(0.1, 0.11)),
        pen_width=float(np.clip(np.exp(rng.normal(np.log(0.62), 0.28)), 0.35, 1.3)),
        pressure=float(rng.uniform(0.1, 0.5)),
        wobble=float(rng.uniform(0.012, 0.03)),
        tremor=float(rng.uniform(0.001, 0.006)),
        ink=PENS[str(rng.choice(list(PENS), p=_PEN_SHARES))],
        opacity=float(rng.uniform(0.8, 0.98)),
        forms=tuple(forms),
        hand=np.clip(rng.normal(0.0, 0.02, (10, 64, 2)), -0.05, 0.05),
    )


def write_digit(who: Writer, digit: int, rng: np.random.Generator) -> list[Points]:
    """Return the strokes of one digit in mm about the digit's middle; no two are alike."""
    usual = who.forms[digit] if rng.random() < 0.9 else int(rng.integers(len(FORMS[digit])))
    strokes = knots(FORMS[digit][usual])
    size = who.height * np.exp(rng.normal(0, 0.05))
    turn, lean = rng.normal(0, 0.04), who.slant + rng.normal(0, 0.035)
    across = who.width_ratio * np.exp(rng.normal(0, 0.06))
    shape = np.array([[across, -lean], [np.sin(turn) * across, 1.0]]) * size
    written, used = [], 0
    for runs in strokes:
        drift = rng.normal(0, who.wobble, 2)  # a stroke begins where the pen comes down, not quite where it should
        moved: list[Points] = []
        for run in runs:
            habit = who.hand[digit, used : used + len(run)]
            shifted = run + habit + drift + rng.normal(0, who.wobble, run.shape)
            if moved:
                shifted[0] = moved[-1][-1]
            moved.append(shifted)
            used += len(run)
        path = np.concatenate([follow(run) for run in moved])
        path += _tremor(len(path), who.tremor, rng) - (0.0, 0.5)
        written.append(path @ shape.T)
    return written


def scribble(who: Writer, rng: np.random.Generator) -> list[Points]:
    """Return the strokes, in mm about the middle, with which a digit is struck out: a zigzag, down and up again."""
    turns = int(rng.integers(9, 14))
    x = np.tile([-0.5, 0.5], turns)[:turns] * who.height * rng.uniform(0.75, 1.0)
    y = np.linspace(-0.5, 0.5, turns) * who.height * rng.uniform(0.7, 1.0)
    zigzag = np.stack([x, y], axis=1) + rng.normal(0, 0.04 * who.height, (turns, 2))
    back = zigzag[::-1] * (-1.0, 1.0) + rng.normal(0, 0.04 * who.height, (turns, 2))
    return [follow(np.concatenate([zigzag, back]), 0.3)]


def _tremor(count: int, strength: float, rng: np.random.Generator) -> Points:
    """Return (count, 2) of smooth small deviations."""
    kernel = np.hanning(9) / np.hanning(9).sum()
    noise = rng.normal(0, 2 * strength, (count + 8, 2))
    return np.stack([np.convolve(noise[:, axis], kernel, mode="valid") for axis in (0, 1)], axis=1)


def draw(
    strokes: list[Points], who: Writer, scale: float, shape: tuple[int, int], middle: tuple[float, float]
) -> NDArray[np.float32]:
    """Draw strokes with the writer's pen.

    Parameters
    ----------
    strokes : paths in mm about the digit's middle
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
        press = 1 - who.pressure * np.abs(2 * along - 1) ** 3  # a pen touches down and lifts off lightly
        widths = np.maximum(np.round(who.pen_width * press * fine), 1).astype(int)
        ends = np.round(places * 16).astype(int)  # cv2 takes 4 binary places
        for start, end, width in zip(ends[:-1], ends[1:], widths[1:], strict=True):
            cv2.line(canvas, start.tolist(), end.tolist(), 255, int(width), cv2.LINE_8, 4)
    small = cv2.resize(canvas, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32) / np.float32(255)
