"""A simulated writer: a hand, a pen, and one way of writing each digit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.pens import Pen, broken, pick
from pipeline.simulate.strokes import FORMS, Points, follow, knots


@dataclass(frozen=True)
class Writer:
    """What stays the same through one writer's sheet; lengths in mm."""

    seed: int
    height: float  # of a digit
    width_ratio: float  # of the stroke model's width
    slant: float  # tangent; positive leans to the right
    wobble: float  # how far a digit differs from the writer's last one, of its height
    tremor: float  # of its height
    pen: Pen
    forms: tuple[int, ...]  # index of the usual form, by digit
    hand: NDArray[np.float64]  # (10, 64, 2): where this writer's knots differ from the model's, by digit


def writer(seed: int, height: float | None = None) -> Writer:
    """Return the writer of a seed, who writes ``height`` mm high if that is stated; the same seed is the same hand."""
    rng = np.random.default_rng([seed, 1])
    forms = []
    for digit in range(10):
        weights = np.array([form.weight for form in FORMS[digit]])
        forms.append(int(rng.choice(len(weights), p=weights / weights.sum())))
    usual = float(np.clip(rng.normal(9.2, 1.3), 6.0, 12.0))
    return Writer(
        seed=seed,
        height=height or usual,
        width_ratio=float(np.exp(rng.normal(0.0, 0.12))),
        slant=float(rng.normal(0.1, 0.11)),
        wobble=float(rng.uniform(0.012, 0.03)),
        tremor=float(rng.uniform(0.001, 0.006)),
        pen=pick(np.random.default_rng([seed, 2]), height or usual),
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
    return broken(written, who.pen, rng)


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
