import hashlib

import numpy as np
import pytest

from pipeline.digits import Images
from pipeline.learning.corruptions.kinds import KINDS, corrupted
from tests.printed_digits import printed

STILL = ("scale", "brightness", "stripe", "canny_edges")  # nothing about them is random


@pytest.fixture(scope="module")
def images() -> Images:
    """Forty digits, four of each kind."""
    return np.repeat(printed(), 4, axis=0)


def ids_of(count: int) -> list[str]:
    return [hashlib.blake2b(bytes([place]), digest_size=8).hexdigest() for place in range(count)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_corruption_changes_every_digit_and_keeps_shape_type_and_input(kind: str, images: Images) -> None:
    before = images.copy()
    made = corrupted(kind, images, ids_of(40), seed=0)
    assert made.shape == images.shape
    assert made.dtype == np.uint8
    assert (made != images).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("kind", KINDS)
def test_a_digits_corruption_depends_on_its_own_id_and_the_seed_alone(
    kind: str, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ids_of(40)
    whole = corrupted(kind, images, ids, seed=0)
    some = [33, 2, 17]
    np.testing.assert_array_equal(corrupted(kind, images[some], [ids[i] for i in some], seed=0), whole[some])
    monkeypatch.setattr("pipeline.learning.corruptions.kinds.AT_ONCE", 7)
    np.testing.assert_array_equal(corrupted(kind, images, ids, seed=0), whole)
    other_seed = corrupted(kind, images, ids, seed=1)
    other_ids = corrupted(kind, images, ids[::-1], seed=0)
    for other in (other_seed, other_ids):
        assert (other == whole).all() == (kind in STILL)


def test_no_digits_are_no_trouble(images: Images) -> None:
    for kind in KINDS:
        assert corrupted(kind, images[:0], [], seed=0).shape == (0, 28, 28)


def test_two_corruptions_of_one_digit_share_no_random_number() -> None:
    grey = np.full((20, 28, 28), 85, np.uint8)
    spoiled, counted = (corrupted(kind, grey, ids_of(20), seed=0) for kind in ("impulse_noise", "shot_noise"))
    # Drawn from the same numbers, both would darken the same pixels; apart, they agree as often as chance has it.
    assert abs(np.corrcoef((spoiled == 0).ravel(), (counted == 0).ravel())[0, 1]) < 0.04
