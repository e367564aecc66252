import re
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.digits import Images
from pipeline.gap.differences import NOTHING, Measured, compared, sentences
from pipeline.gap.properties import NAMES, PROPERTIES, measured
from tests.gap.hands import written


def said_of(images: Images, labels: NDArray[np.uint8]) -> list[str]:
    theirs, their_labels = written(300, 0)
    found = compared(Measured(measured(images), labels), Measured(measured(theirs), their_labels))
    assert found is not None
    return sentences(found)


def thinned(image: Images) -> Images:
    """Strokes about a pixel thinner: a quarter of a pixel is taken off at each side, twice."""
    fine = cv2.resize(image, (112, 112), interpolation=cv2.INTER_CUBIC)
    fine = cv2.erode(fine, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    return np.asarray(cv2.resize(fine, (28, 28), interpolation=cv2.INTER_AREA), np.uint8)


def moved(x: float, y: float, slant: float = 0.0, size: float = 1.0) -> Callable[[Images], Images]:
    lean = np.tan(np.radians(slant)) * size
    map_ = np.array([[size, -lean, x + 14 * (1 - size + lean)], [0, size, y + 14 * (1 - size)]])
    return lambda image: np.asarray(cv2.warpAffine(image, map_, (28, 28), flags=cv2.INTER_AREA), np.uint8)


def soiled(image: Images) -> Images:
    spots = np.random.default_rng(int(image.sum())).random((28, 28)) < 0.06
    return np.where(spots, np.maximum(image, 30), image).astype(np.uint8)


@pytest.mark.parametrize(
    ("change", "first"),
    [
        (thinned, r"strokes (0\.[89]|1\.[012]) px thinner than MNIST's"),
        (lambda image: np.asarray(cv2.dilate(image, np.ones((3, 3)))), r"strokes \d\.\d px thicker than MNIST's"),
        (moved(2, 0), r"centred 2\.0 px too far to the right"),
        (moved(-2, 0), r"centred 2\.0 px too far to the left"),
        (moved(0, 1), r"centred 1\.0 px too low"),
        (moved(0, -1), r"centred 1\.0 px too high"),
        (moved(0, 0, slant=12), r"slanted 1[0-3] degrees more to the right than MNIST's"),
        (moved(0, 0, slant=-12), r"slanted 1[0-3] degrees less to the right than MNIST's"),
        (moved(0, 0, size=0.8), r"digits [34]\.\d px smaller than MNIST's"),
        (lambda image: np.asarray(image * 0.6, np.uint8), r"ink \d+ levels of 255 paler than MNIST's"),
        (lambda image: np.asarray(cv2.GaussianBlur(image, (0, 0), 1)), r"edges \d\.\d px softer than MNIST's"),
        (soiled, r"[56]\.\d% more of the paper soiled than in MNIST"),
    ],
)
def test_a_bad_setting_is_said_first(change: Callable[[Images], Images], first: str) -> None:
    images, labels = written(100, 1)
    said = said_of(np.stack([change(image) for image in images]), labels)
    assert re.fullmatch(first, said[0]), said


def test_digits_that_are_thrown_off_the_centre_are_said_to_be_so_without_a_direction() -> None:
    images, labels = written(100, 1)
    corners = [(3, 3), (-3, 3), (3, -3), (-3, -3)]
    thrown = np.stack([np.roll(image, corners[place // 10 % 4], (0, 1)) for place, image in enumerate(images)])
    said = said_of(thrown, labels)
    assert said[0].startswith("centred 3.")
    assert said[0].endswith("less exactly than MNIST's")


def test_nothing_is_said_of_digits_of_the_same_hand_whatever_their_mix_of_labels() -> None:
    images, labels = written(200, 3)
    few_but_ones = np.flatnonzero((labels == 1) | (np.arange(200) % 7 == 0))
    assert said_of(images, labels) == [NOTHING]
    assert said_of(images[few_but_ones], labels[few_but_ones]) == [NOTHING]


def test_differences_are_means_by_label_over_the_spread_within_labels() -> None:
    generator = np.random.default_rng(0)
    ours, theirs = (
        Measured(generator.normal(size=(count, len(NAMES))) * 10, generator.integers(0, 4, count)) for count in (40, 90)
    )
    alone = Measured(np.vstack([ours.measures, np.full((1, len(NAMES)), 1e6)]), np.append(ours.labels, 9))
    found = compared(alone, theirs)  # a label that MNIST lacks takes no part
    assert found is not None
    for place, entry in enumerate(PROPERTIES):
        expected, variance = 0.0, 0.0
        for value, label in zip(ours.measures[:, place], ours.labels, strict=True):
            same = [theirs.measures[i, place] for i in range(90) if theirs.labels[i] == label]
            own = [ours.measures[i, place] for i in range(40) if ours.labels[i] == label]
            expected += (value - np.mean(same)) / 40
            variance += (np.var(same) + np.var(own)) / 2 / 40
        assert found.difference[place] == pytest.approx(expected)
        assert found.effect[place] == pytest.approx(expected / max(np.sqrt(variance), entry.grain))


def test_sources_without_a_common_label_are_not_compared() -> None:
    one, other = (Measured(np.zeros((3, len(NAMES))), np.full(3, label)) for label in (1, 2))
    assert compared(one, other) is None


def test_a_single_digit_is_compared_without_a_warning() -> None:
    images, labels = written(100, 1)
    assert len(said_of(images[:1], labels[:1])) >= 1


def test_where_each_label_has_one_digit_alone_the_error_is_still_of_a_size() -> None:
    generator = np.random.default_rng(0)
    single = Measured(generator.normal(size=(10, len(NAMES))), np.arange(10))
    many = Measured(generator.normal(size=(300, len(NAMES))), np.arange(300) % 10)
    found = compared(single, many)
    assert found is not None
    assert np.abs(found.errors).max() < 10
