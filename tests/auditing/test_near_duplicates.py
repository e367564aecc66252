from collections.abc import Callable

import cv2
import numpy as np
import pytest
import scipy.ndimage
from numpy.typing import NDArray

from pipeline import digits as digit_table
from pipeline.auditing import near_duplicates, neighbours
from pipeline.auditing.neighbours import NOBODY
from pipeline.digits import Images
from tests import bundled as bundled_digits
from tests.memory import with_most_memory

MANY = 1000
NEXT = np.roll(np.arange(400), 1)


@pytest.fixture(scope="module")
def bundled() -> tuple[Images, NDArray[np.uint8]]:
    table = bundled_digits.table()
    labels = digit_table.labels(table)
    chosen = np.random.default_rng(0).permutation(len(labels))[:MANY]
    return digit_table.images(table)[chosen], labels[chosen]


@pytest.mark.slow
@pytest.mark.parametrize("step", [neighbours.embedded, lambda shown: near_duplicates.distances(shown, NEXT)])
def test_memory_is_not_that_of_smoothed_images(
    step: Callable[[Images], NDArray[np.floating]],
    bundled: tuple[Images, NDArray[np.uint8]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images = bundled[0][:400]
    whole = step(images)
    for module in (neighbours, near_duplicates):
        monkeypatch.setattr(module, "AT_ONCE", 8)
    found, most = with_most_memory(lambda: step(images))
    np.testing.assert_array_equal(found, whole)
    assert most - 3 * found.nbytes < images.size * np.float32().nbytes / 2


def test_the_distance_is_the_least_over_half_pixel_shifts(bundled: tuple[Images, NDArray[np.uint8]]) -> None:
    smooth = neighbours.blurred(bundled[0][:6])
    neighbour = np.array([1, 2, 3, 4, 5, NOBODY], dtype=np.intp)
    found = near_duplicates.distances(bundled[0][:6], neighbour)
    assert found[5] == np.inf
    halves = np.arange(-1, 1.1, 0.5)
    for place in range(5):
        own, other = smooth[place].astype(float), smooth[place + 1].astype(float)
        shifted = [scipy.ndimage.shift(other, (y, x), order=1, mode="grid-constant") for y in halves for x in halves]
        expected = min(np.linalg.norm(own / np.linalg.norm(own) - moved / np.linalg.norm(moved)) for moved in shifted)
        assert found[place] == pytest.approx(expected, abs=1e-4)


def again_photographed(images: Images) -> Images:
    """Return the same ink, paler, half a pixel off, with a camera's noise."""
    off = np.array([[1, 0, 0.4], [0, 1, 0.5]])
    moved = np.stack([cv2.warpAffine(image, off, (28, 28)) for image in images]) * 0.8
    noise = np.random.default_rng(0).normal(0, 3, moved.shape)
    return np.clip(moved + noise * (moved > 0), 0, 255).astype(np.uint8)


@pytest.mark.slow
def test_the_same_ink_paler_and_half_a_pixel_off_is_found_and_nothing_else(
    bundled: tuple[Images, NDArray[np.uint8]],
) -> None:
    images, labels = bundled
    again = np.flatnonzero(~np.isin(labels, [1, 7]))[:20]  # in 28 pixels one person's 1 or 7 looks like another's
    together = np.concatenate([images, again_photographed(images[again])])
    both = np.concatenate([labels, labels[again]])
    nearest = neighbours.nearest(neighbours.embedded(together), neighbours.hands([None] * len(both)))
    found = near_duplicates.pairs(near_duplicates.distances(together, nearest), nearest, both, spreads=5)
    assert {(pair.first, pair.second) for pair in found} == {(int(k), MANY + n) for n, k in enumerate(again)}
    assert [pair.distance for pair in found] == sorted(pair.distance for pair in found)


def test_what_is_usual_is_not_moved_by_a_few_pairs_of_the_same_ink() -> None:
    rng = np.random.default_rng(0)
    labels = np.full(400, 7, dtype=np.uint8)
    usual = np.exp(rng.normal(-1, 0.2, 400))
    middle, spread = near_duplicates.usual(usual, labels)
    assert middle[7] == pytest.approx(-1, abs=0.05)
    assert spread[7] == pytest.approx(0.2, abs=0.04)
    usual[:8] = 0
    again = near_duplicates.usual(usual, labels)
    assert again[1][7] == pytest.approx(spread[7], rel=0.1)
    assert np.isneginf(near_duplicates.unusual(usual, labels)[:8]).all()


def test_of_few_digits_nothing_is_said() -> None:
    labels = np.zeros(20, dtype=np.uint8)
    distances = np.concatenate([[1e-6], np.full(19, 0.5)])
    assert near_duplicates.unusual(distances, labels).tolist() == [0.0] * 20
