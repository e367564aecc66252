"""Hands, pens and the paths that they draw."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from pipeline.simulate.pens import KINDS, Pen, broken, draw, write
from pipeline.simulate.strokes import FORMS, follow, knots
from pipeline.simulate.writers import write_digit, writer

PEN = Pen("gel", (40, 40, 40), 0.5, 0.2, 1.0, 0.0, breaks=1.0)


@pytest.mark.parametrize("digit", range(10))
def test_pens_pass_through_every_knot_without_jumps(digit: int) -> None:
    for form in FORMS[digit]:
        for stroke in knots(form):
            for run in stroke:
                path = follow(run)
                gaps = np.linalg.norm(np.diff(path, axis=0), axis=1)
                assert gaps.max() < 0.05
                nearest = np.linalg.norm(path[:, None] - run[None], axis=2).min(axis=0)
                assert nearest.max() < 1e-9
            for before, after in pairwise(stroke):
                assert (before[-1] == after[0]).all()


@pytest.mark.slow
def test_writers_differ_more_from_each_other_than_from_themselves() -> None:
    def picture(seed: int, again: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        who = writer(seed)
        rng = np.random.default_rng([seed, again])
        digits = [draw(write_digit(who, digit, rng), who.pen, 2, (32, 32), (16, 16)) for digit in range(10)]
        return np.stack([cv2.GaussianBlur(one, (0, 0), 1) for one in digits])

    first, second = ([picture(seed, again) for seed in range(12)] for again in (0, 1))
    within = np.mean([np.abs(a - b).mean() for a, b in zip(first, second, strict=True)])
    between = np.mean([np.abs(first[i] - second[j]).mean() for i in range(12) for j in range(12) if i != j])
    assert 0 < within < 0.8 * between


@pytest.mark.slow
def test_every_kind_of_pen_is_met_and_none_is_wider_than_a_fifth_of_a_digit() -> None:
    pens = [writer(seed).pen for seed in range(300)]
    assert {pen.kind for pen in pens} == set(KINDS)
    assert all(writer(seed, 12).pen.width <= 0.2 * 12 for seed in range(300))


def test_a_pen_that_breaks_leaves_a_gap_that_can_be_seen() -> None:
    line = [np.stack([np.linspace(0, 10, 200), np.zeros(200)], axis=1)]
    whole, gapped = (
        draw(strokes, PEN, 8, (16, 96), (8, 8)) for strokes in (line, broken(line, PEN, np.random.default_rng(0)))
    )
    assert cv2.connectedComponents((whole > 0.5).astype(np.uint8))[0] == 2  # paper and one line
    assert cv2.connectedComponents((gapped > 0.5).astype(np.uint8))[0] == 3


def test_ink_lets_through_the_line_that_it_crosses() -> None:
    picture = np.full((60, 60, 3), 240, np.uint8)
    picture[28:32] = 120
    pale = Pen("pencil", (90, 90, 90), 1.0, 0.0, 0.6, 0.0, 0.0)
    write(picture, [np.array([[3.0, 0.5], [3.0, 5.5]])], pale, 10, np.random.default_rng(0))
    crossing, ink, line = (int(picture[place][0]) for place in ((30, 30), (15, 30), (30, 5)))
    assert crossing < min(ink, line)
