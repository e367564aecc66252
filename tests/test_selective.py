import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from pipeline.selective import read_from, threshold
from tests.laws import up_to

rows = st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.7, 0.9, 0.95, 1.0]), st.booleans()), min_size=1, max_size=120)


@settings(max_examples=up_to(60), deadline=None)
@given(rows, st.sampled_from([0.5, 0.8]))
def test_threshold_is_the_lowest_whose_wilson_interval_is_above_the_target(
    read: list[tuple[float, bool]], target: float
) -> None:
    confidence, right = (np.array(column) for column in zip(*read, strict=True))

    def passes(lowest: float) -> bool:
        kept = [good for sure, good in read if sure >= lowest]
        return bool(binomtest(sum(kept), len(kept)).proportion_ci(method="wilson").low >= target)

    passing = [lowest for lowest in sorted(set(confidence.tolist())) if passes(lowest)]
    assert threshold(confidence, right, target) == (passing[0] if passing else None)


@pytest.mark.parametrize(("n", "found"), [(3837, None), (3838, 0.75)])
def test_999_in_a_thousand_cannot_be_said_of_fewer_than_3838_digits(n: int, found: float | None) -> None:
    assert threshold(np.full(n, 0.75, np.float32), np.ones(n, bool)) == found


def test_digits_of_the_same_confidence_are_read_together_or_not_at_all() -> None:
    confidence = np.repeat([0.9, 0.8], 4000)
    right = np.ones(8000, bool)
    right[4000:4100] = False
    assert threshold(confidence, right) == threshold(confidence[::-1], right[::-1]) == 0.9


def test_confidences_a_float32_step_below_1_are_told_apart() -> None:
    below = np.nextafter(np.float32(1), np.float32(0))
    confidence = np.repeat([np.float32(1), below], 4000)
    found = threshold(confidence, np.repeat([True, False], 4000))
    assert found == 1
    assert read_from(confidence, np.repeat([True, False], 4000), found)["errors"] == 0


def test_a_digit_as_sure_as_the_threshold_is_read() -> None:
    confidence, right = np.array([1.0, 0.75, 0.5], np.float32), np.ones(3, bool)
    assert [read_from(confidence, right, lowest)["n"] for lowest in (1.0, 0.75, 0.5)] == [1, 2, 3]


def test_what_is_read_is_counted_by_hand() -> None:
    confidence, right = np.array([0.9, 0.8, 0.7, 0.99], np.float32), np.array([True, False, False, True])
    expected = {"target": 0.999, "threshold": 0.75, "read": 0.75, "n": 3, "errors": 1, "accuracy": 0.666667}
    assert read_from(confidence, right, 0.75) == expected
    assert read_from(confidence, right, None) == {"target": 0.999, "read": 0.0, "n": 0, "errors": 0}
    assert "accuracy" not in read_from(confidence, right, 1.0)
