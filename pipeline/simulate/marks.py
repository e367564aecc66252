"""What a hand put on a page: marks, each a digit or what should have been one, and the page that holds them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.pens import Bgr, Pen, write
from pipeline.simulate.strokes import Points
from pipeline.simulate.writers import Writer, scribble, write_digit

State = Literal["digit", "blank", "scribble"]

Quad = NDArray[np.float64]
"""(4, 2) float64: x, y in mm; upper left, upper right, lower right, lower left."""


@dataclass(frozen=True)
class Mark:
    """One digit on a page, or what stands at its place; lengths in mm from the page's upper left corner."""

    row: int
    col: int
    label: int
    state: State
    pen: Pen
    strokes: tuple[Points, ...]  # none where nothing was written
    cell: Quad | None = None  # the ruled or printed box around it

    @cached_property
    def ink(self) -> Quad | None:
        """Return the box of its ink; None where nothing was written."""
        if not self.strokes:
            return None
        path = np.concatenate(self.strokes)
        (left, top), (right, bottom) = path.min(axis=0) - self.pen.width / 2, path.max(axis=0) + self.pen.width / 2
        return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])

    @property
    def corners(self) -> Quad:
        """Return the corners of its cell, else of its ink."""
        if self.cell is not None:
            return self.cell
        assert self.ink is not None, "a mark outside any cell is written"
        return self.ink


@dataclass(frozen=True)
class Drawn:
    """A page with its print and ink."""

    picture: Bgr
    scale: float  # pixels a mm; the pixel (i, j) covers i/scale..(i+1)/scale mm
    marks: tuple[Mark, ...]

    @property
    def page_mm(self) -> tuple[float, float]:
        """Width and height."""
        return self.picture.shape[1] / self.scale, self.picture.shape[0] / self.scale


def strokes_at(
    who: Writer, label: int, state: State, middle: NDArray[np.float64], rng: np.random.Generator
) -> tuple[Points, ...]:
    """Return the strokes of a digit, struck out or not, about ``middle`` (mm on the page)."""
    if state == "blank":
        return ()
    strokes = write_digit(who, label, rng)
    if state == "scribble":
        strokes = strokes + scribble(who, rng)
    return tuple(path + middle for path in strokes)


def put(picture: Bgr, marks: list[Mark], scale: float, rng: np.random.Generator) -> None:
    """Write all marks on the picture of a page of ``scale`` pixels a mm."""
    for mark in marks:
        if mark.strokes:
            write(picture, list(mark.strokes), mark.pen, scale, rng)


def spoilt_places(count: int, spoilt: int, rng: np.random.Generator) -> list[State]:
    """Return what stands in each of ``count`` places, of which ``spoilt`` hold no good digit."""
    states: list[State] = ["digit"] * count
    for place in rng.choice(count, min(spoilt, count), replace=False):
        states[place] = "blank" if rng.random() < 0.5 else "scribble"
    return states
