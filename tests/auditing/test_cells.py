import numpy as np
import pytest

from pipeline.auditing import cells


def vectors(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    drawn = np.random.default_rng(0).random((count, 8), dtype=np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


@pytest.mark.parametrize("count", [1, 2, 3000])
def test_every_digit_is_compared_once_and_with_what_lies_in_its_own_cell(count: int) -> None:
    asked, others = zip(*cells.comparisons(vectors(count)), strict=True)
    assert sorted(np.concatenate(asked).tolist()) == list(range(count))
    for own, compared in zip(asked, others, strict=True):
        assert set(own.tolist()) <= set(compared.tolist())
        assert (np.diff(compared) > 0).all()


def test_a_digit_is_compared_with_few_of_many_and_with_the_nearest_of_them() -> None:
    many = vectors(6000)
    likeness = many @ many.T
    np.fill_diagonal(likeness, -1)
    share, met = 0.0, 0
    for own, compared in cells.comparisons(many):
        share += len(own) * len(compared) / len(many) ** 2
        met += int(np.isin(likeness[own].argmax(axis=1), compared).sum())
    assert share < 0.55
    assert met / len(many) > 0.98


def test_images_without_ink_and_equal_ones_are_in_cells_too() -> None:
    many = np.concatenate([np.zeros((40, 8), np.float32), np.tile(vectors(1), (40, 1)), vectors(40)])
    assert sorted(np.concatenate([own for own, _ in cells.comparisons(many)]).tolist()) == list(range(120))
