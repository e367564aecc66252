from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.auditing import inverted_file


def vectors(count: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(0).random((count, 8), dtype=np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


@pytest.mark.parametrize("count", [1, 2, 3000])
def test_every_digit_is_in_one_cell_and_meets_that_and_the_nearest_others(count: int) -> None:
    asked, members = zip(*inverted_file.comparisons(vectors(count)), strict=True)
    assert sorted(np.concatenate(members).tolist()) == list(range(count))
    for own, met in zip(asked, members, strict=True):
        assert set(met.tolist()) <= set(own.tolist())
    times = Counter(np.concatenate(asked).tolist())
    assert max(times.values()) <= inverted_file.MET
    assert sorted(times) == list(range(count))


def test_a_digit_is_compared_with_few_of_many_and_with_the_nearest_of_them() -> None:
    many = vectors(6000)
    likeness = many @ many.T
    np.fill_diagonal(likeness, -1)
    nearest, share, met = likeness.argmax(axis=1), 0.0, 0
    for asked, members in inverted_file.comparisons(many):
        share += len(asked) * len(members) / len(many) ** 2
        met += int(np.isin(nearest[asked], members).sum())
    assert share < 0.3
    assert met / len(many) > 0.99


def test_images_without_ink_and_equal_ones_are_in_cells_too() -> None:
    many = np.concatenate([np.zeros((40, 8), np.float32), np.tile(vectors(1), (40, 1)), vectors(40)])
    assert sorted(np.concatenate([members for _, members in inverted_file.comparisons(many)]).tolist()) == list(
        range(120)
    )
