from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.intervals import by_writers
from pipeline.scores import wilson
from tests.laws import up_to

a_writer = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def interval(counts: list[tuple[int, int]], seed: int = 0) -> tuple[float, float]:
    right, n = np.array(counts, dtype=np.int64).T
    return by_writers(right, n, seed=seed)


@settings(max_examples=up_to(12), deadline=None)
@given(st.lists(a_writer, min_size=2, max_size=30))
def test_interval_holds_the_accuracy_and_wilsons_interval(counts: list[tuple[int, int]]) -> None:
    low, high = interval(counts)
    right, n = sum(r for r, _ in counts), sum(n for _, n in counts)
    least, most = wilson(right, n)
    assert 0 <= low <= least <= right / n <= most <= high <= 1


@settings(max_examples=up_to(12), deadline=None)
@given(st.lists(a_writer, min_size=2, max_size=4))
def test_with_few_writers_the_ends_reach_from_the_worst_to_the_best_writer(counts: list[tuple[int, int]]) -> None:
    shares = [r / n for r, n in counts]
    right, n = sum(r for r, _ in counts), sum(n for _, n in counts)
    least, most = wilson(right, n)
    assert interval(counts) == pytest.approx((min(*shares, least), max(*shares, most)))


def test_percentiles_are_those_of_every_possible_draw() -> None:
    counts = np.array([(50, 100), (90, 100), (99, 100), (100, 100), (70, 100), (80, 100)])
    draws = counts[np.array(list(product(range(6), repeat=6)))].sum(axis=1)
    shares = draws[:, 0] / draws[:, 1]
    tail = 0.0024232  # Phi(-sqrt(6 / 5) * 2.5706), Student's t of 5 degrees of freedom from any table
    expected = np.quantile(shares, [tail, 1 - tail])
    assert interval([tuple(row) for row in counts.tolist()]) == pytest.approx(tuple(expected), abs=0.012)


def test_an_interval_without_an_error_is_wilsons_and_not_a_certainty() -> None:
    assert interval([(166, 166)] * 3) == pytest.approx(wilson(498, 498))


def test_the_same_seed_gives_the_same_interval() -> None:
    counts = [(31 + k * k % 13, 47 + k) for k in range(16)]
    assert interval(counts) == interval(counts) != interval(counts, seed=1)


@pytest.mark.parametrize("counts", [[(1, 1)], [(2, 1), (1, 1)], [(0, 0), (1, 1)], [(-1, 3), (1, 1)]])
def test_counts_that_cannot_be_are_refused(counts: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="two writers or more"):
        interval(counts)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("writers", "at_least"),
    [(3, 0.84), (5, 0.87), (10, 0.87), (30, 0.9)],  # measured in 3,000 runs, less four standard errors of 400 runs
)
def test_interval_holds_the_truth_about_as_often_as_the_docstring_says(writers: int, at_least: float) -> None:
    rng = np.random.default_rng(0)
    mean, deviation, runs = 0.98, 0.015, 400
    weight = mean * (1 - mean) / deviation**2 - 1
    held = plain = 0
    for _ in range(runs):
        n = rng.integers(60, 170, writers)
        right = rng.binomial(n, rng.beta(mean * weight, (1 - mean) * weight, writers))
        low, high = by_writers(right, n, seed=0)
        held += low <= mean <= high
        least, most = wilson(int(right.sum()), int(n.sum()))
        plain += least <= mean <= most
    print(f"{writers} writers: {held / runs:.3f} by writers, {plain / runs:.3f} as if digits were independent")
    assert held / runs >= at_least
    assert plain / runs < 0.88  # what takes digits for independent is too sure
