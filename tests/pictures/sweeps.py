"""A made-up sweep to draw, and the figure that a picture is drawn on."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from pipeline.factors import Outcome
from pipeline.params import SweptValue

ACTIVATIONS, RATES = ("relu", "tanh", "sigmoid"), (0.01, 0.001, 0.0001)


def sweep_of(count: int, diverged: tuple[int, ...] = ()) -> list[Outcome]:
    """The first rows of activation x rate x seed; activations are furthest apart, each row has its own accuracy."""
    values = itertools.product(ACTIVATIONS, RATES, range(-(-count // 9)))
    rows = []
    for number, (activation, rate, seed) in enumerate(itertools.islice(values, count), start=1):
        accuracy = 0.98 - 0.2 * ACTIVATIONS.index(activation) - 0.02 * RATES.index(rate) - 0.0004 * seed
        lost = number in diverged
        its: dict[str, SweptValue] = {"model.activation": activation, "train.learning_rate": rate, "train.seed": seed}
        rows.append(Outcome(number, its, None if lost else accuracy, None if lost else 0.1, 1, 900, 5000, 3, 1.5))
    return rows


def drawn(monkeypatch: pytest.MonkeyPatch, module: Any, outcomes: list[Outcome]) -> Figure:
    """Draw and return the figure in place of its file."""
    figures: list[Figure] = []

    @contextmanager
    def unsaved(_: Path, width: float, height: float) -> Iterator[Figure]:
        figures.append(Figure(figsize=(width, height)))
        yield figures[-1]

    monkeypatch.setattr(module, "drawing", unsaved)
    module.draw(Path("a.png"), outcomes)
    return figures[0]
