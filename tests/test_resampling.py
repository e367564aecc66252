from itertools import product

import numpy as np
import pytest
from scipy.stats import norm, t

from pipeline.resampling import ends


@pytest.mark.parametrize("writers", [5, 6])
def test_the_ends_are_hesterbergs_percentiles_of_every_possible_draw(writers: int) -> None:
    counted, n = np.array([(-3, 12), (9, 40), (31, 50), (0, 20), (12, 25), (44, 60)])[:writers].T
    draws = np.array(list(product(range(writers), repeat=writers)))
    shares = counted[draws].sum(axis=1) / n[draws].sum(axis=1)
    tail = norm.cdf(-np.sqrt(writers / (writers - 1)) * t.ppf(0.975, writers - 1))
    assert ends(counted, n, seed=0) == pytest.approx(tuple(np.quantile(shares, [tail, 1 - tail])), abs=0.03)
    low, high = np.quantile(shares, [0.025, 0.975])
    assert ends(counted, n, seed=0)[0] < low - 0.03
    assert ends(counted, n, seed=0)[1] > high + 0.03


def test_the_opposite_counts_have_the_opposite_ends() -> None:
    counted, n = np.array([4, -2, 7, 0, 1]), np.array([10, 20, 15, 9, 30])
    low, high = ends(counted, n, seed=3)
    assert ends(-counted, n, seed=3) == pytest.approx((-high, -low))


@pytest.mark.slow
def test_more_writers_than_are_drawn_at_once_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, n = np.arange(40), np.full(40, 50)
    at_once = ends(counted, n, seed=0)
    monkeypatch.setattr("pipeline.resampling.AT_ONCE", 30)
    assert ends(counted, n, seed=0) == at_once


@pytest.mark.parametrize(("counted", "n"), [([1], [1]), ([1, 1], [1, 0]), ([1, 1, 1], [1, 1])])
def test_fewer_than_two_writers_with_a_digit_each_are_refused(counted: list[int], n: list[int]) -> None:
    with pytest.raises(ValueError, match="two writers or more"):
        ends(np.array(counted), np.array(n), seed=0)
