import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline import digits
from pipeline.reader import quick
from tests import bundled

Held = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64]]


@pytest.fixture(scope="module")
def held_out() -> Held:
    """1,000 bundled digits, their labels, and what a classifier says that was fitted to the 4,000 others."""
    table = bundled.table()
    images, labels = digits.images(table), digits.labels(table)
    test = np.array(table["split"].to_pylist()) == "test"
    fitted = quick.fit(images[~test], labels[~test])
    return images[test], labels[test], fitted.log_probabilities(images[test])


def test_97_of_100_held_out_digits_are_told(held_out: Held) -> None:
    _, labels, logs = held_out
    assert (logs.argmax(axis=1) == labels).mean() >= 0.97


def test_probabilities_mean_what_they_say(held_out: Held) -> None:
    _, labels, logs = held_out
    sure = np.exp(logs.max(axis=1))
    right = logs.argmax(axis=1) == labels
    assert abs(sure.mean() - right.mean()) < 0.015
    assert right[sure > 0.95].mean() > 0.99
    assert right[sure < 0.8].mean() < 0.9


def test_probabilities_sum_to_one_and_none_is_impossible(held_out: Held) -> None:
    logs = held_out[2]
    np.testing.assert_allclose(np.exp(logs).sum(axis=1), 1)
    assert logs.min() >= np.log(quick.DOUBT / 10) - 1e-9


@pytest.mark.parametrize("level", [0, 255])
def test_no_digit_and_even_images_have_probabilities(level: int) -> None:
    assert quick.log_probabilities(np.empty((0, 28, 28), np.uint8)).shape == (0, 10)
    assert np.isfinite(quick.log_probabilities(np.full((2, 28, 28), level, np.uint8))).all()


def test_a_digit_is_judged_alone(held_out: Held) -> None:
    images = held_out[0][:50]
    together = quick.log_probabilities(images)
    np.testing.assert_allclose(together[7:8], quick.log_probabilities(images[7:8]), atol=1e-3)


@pytest.mark.slow
def test_two_fits_are_the_same() -> None:
    rng = np.random.default_rng(1)
    images, labels = rng.integers(0, 256, (60, 28, 28), np.uint8), (np.arange(60) % 10).astype(np.uint8)
    one, two = quick.fit(images, labels), quick.fit(images, labels)
    np.testing.assert_array_equal(one.weights, two.weights)
    assert one.sharpness == two.sharpness


@pytest.mark.slow
def test_it_needs_no_learning_library() -> None:
    code = (
        "import sys; from pipeline.reader import quick; quick.bundled(); print({'torch', 'sklearn'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "set()"
