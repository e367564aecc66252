import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from pipeline import calibration
from pipeline.calibration import Bin, bins, calibration_error, fitted_temperature, scaled
from tests.laws import up_to

read = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def drawn(n: int, spread: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels drawn from their softmax: perfectly calibrated at temperature 1."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, spread, (n, 10))
    labels = (softmax(logits, axis=1).cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return logits, labels


@settings(max_examples=up_to(40), deadline=None)
@given(read)
def test_bins_are_scikit_learns_of_equal_width(rows: list[tuple[float, bool]]) -> None:
    confidence, right = (np.array(column) for column in zip(*rows, strict=True))
    found = bins(confidence, right)
    shares, means = calibration_curve(right, confidence, n_bins=15, strategy="uniform", pos_label=True)
    assert [one.accuracy for one in found] == pytest.approx(shares.tolist())
    assert [one.confidence for one in found] == pytest.approx(means.tolist())
    assert sum(one.n for one in found) == len(rows)


@settings(max_examples=up_to(40), deadline=None)
@given(read)
def test_calibration_error_is_at_least_the_difference_of_the_means(rows: list[tuple[float, bool]]) -> None:
    confidence, right = (np.array(column) for column in zip(*rows, strict=True))
    error = calibration_error(bins(confidence, right))
    assert abs(confidence.mean() - right.mean()) - 1e-9 <= error <= 1


def test_calibration_error_in_a_case_counted_by_hand() -> None:
    found = bins(np.array([0.5, 0.6, 0.6, 1.0, 0.0]), np.array([True, False, True, True, False]))
    assert [(one.n, round(one.confidence, 6), one.accuracy) for one in found] == [
        (1, 0, 0),
        (1, 0.5, 1),
        (2, 0.6, 0.5),
        (1, 1, 1),
    ]
    assert calibration_error(found) == pytest.approx((0.5 + 2 * 0.1) / 5)
    assert calibration_error([Bin(0.7, 0.4, 3)]) == pytest.approx(0.3)


def test_log_loss_is_scikit_learns_and_finite_where_the_label_had_probability_0() -> None:
    logits, labels = drawn(50, 2)
    probabilities = softmax(logits, axis=1)
    assert calibration.log_loss(probabilities, labels) == pytest.approx(log_loss(labels, probabilities))
    certain = np.eye(10, dtype=np.float32)[:2]
    assert calibration.log_loss(certain, np.array([0, 0])) == pytest.approx(126 * math.log(2) / 2)  # float32's 2^-126


@settings(max_examples=up_to(40), deadline=None)
@given(st.integers(0, 100), st.floats(0.05, 20))
def test_scaling_is_softmax_of_divided_logits_and_keeps_predictions(seed: int, temperature: float) -> None:
    logits, _ = drawn(20, 3, seed)
    found = scaled(softmax(logits, axis=1), temperature)
    assert found == pytest.approx(softmax(logits / temperature, axis=1), abs=1e-9)
    assert (found.argmax(axis=1) == logits.argmax(axis=1)).all()


def test_the_log_loss_after_scaling_is_that_of_the_scaled_probabilities_also_where_float32_cannot_hold_them() -> None:
    logits, labels = drawn(50, 2)
    found = calibration.scaled_log_loss(softmax(logits, axis=1), labels, 0.7)
    assert found == pytest.approx(log_loss(labels, softmax(logits / 0.7, axis=1)))
    rows = np.full((3, 10), 1e-30, np.float32)
    rows[:, 0] = 1
    scaled_loss = calibration.scaled_log_loss(rows, np.array([1, 0, 0]), 0.2)
    assert scaled_loss == pytest.approx(30 * math.log(10) / 0.2 / 3)  # 1e-150, as a third of the rows


@pytest.mark.parametrize("temperature", [0.06, 0.25, 1.0, 3.0, 12.0])
def test_fitting_finds_the_temperature_that_was_put_in(temperature: float) -> None:
    logits, labels = drawn(20_000, 2)
    found = fitted_temperature(softmax(logits * temperature, axis=1), labels)
    assert found == pytest.approx(temperature, rel=0.03)


@pytest.mark.parametrize("seed", range(3))
def test_no_temperature_nearby_or_far_is_better_than_the_fitted_one(seed: int) -> None:
    logits, labels = drawn(300, 2, seed)
    found = fitted_temperature(softmax(logits * 1.7, axis=1), labels)

    def loss(temperature: float) -> float:
        return float(-log_softmax(logits * 1.7 / temperature, axis=1)[np.arange(300), labels].mean())

    others = [found - 0.01, found + 0.01, *np.geomspace(0.05, 20, 60)]
    assert all(loss(found) < loss(other) for other in others)


def test_without_an_error_no_temperature_is_fitted() -> None:
    logits, _ = drawn(100, 2)
    assert fitted_temperature(softmax(logits, axis=1), logits.argmax(axis=1)) == 1
