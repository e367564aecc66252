"""A drawn writer: one row's hand, its digits as ink, and how a pen strikes them out or fails."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.strokes import Points
from pipeline.simulate.writers import Writer, scribble, write_digit


@dataclass
class Hand:
    """One row's writer, size and faults."""

    who: Writer
    height: float  # pixels
    pen: float  # width of its line, digit heights
    pitch: float  # digit heights
    fault: str | None
    place: int  # of the faulty digit


def digit_ink(hand: Hand, digit: int, rng: np.random.Generator) -> NDArray[np.float32]:
    return _drawn(hand, write_digit(hand.who, digit, rng))


def _drawn(hand: Hand, strokes: list[Points]) -> NDArray[np.float32]:
    """Return (3 H, 3 H) ink, 0..1, with the digit in its middle."""
    side, fine = round(3 * hand.height), 4
    wide = np.zeros((side * fine, side * fine), np.uint8)
    for stroke in strokes:
        points = np.round(stroke * (hand.height / hand.who.height * fine) + side * fine / 2).astype(np.int32)
        cv2.polylines(wide, [points], False, 255, max(round(hand.pen * hand.height * fine), 1))
    return np.asarray(cv2.resize(wide, (side, side), interpolation=cv2.INTER_AREA) / np.float32(255))


def middle_of(ink: NDArray[np.float32]) -> tuple[float, float]:
    return ink.shape[1] / 2, ink.shape[0] / 2


def break_ink(ink: NDArray[np.float32], hand: Hand, rng: np.random.Generator) -> None:
    """Lift the pen along a band through the digit's middle."""
    angle, half = rng.uniform(0, np.pi), rng.uniform(0.04, 0.12) * hand.height
    down, across = np.indices(ink.shape)
    middle = middle_of(ink)
    away = (across - middle[0]) * np.cos(angle) + (down - middle[1]) * np.sin(angle)
    ink[np.abs(away) < half] = 0


def struck_out(ink: NDArray[np.float32], hand: Hand, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a digit's ink with a zigzag over it."""
    return np.maximum(ink, _drawn(hand, scribble(hand.who, rng)))
