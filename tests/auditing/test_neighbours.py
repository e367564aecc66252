from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from pipeline import digits as digit_table
from pipeline.auditing import inverted_file, neighbours
from pipeline.auditing.neighbours import NOBODY
from pipeline.digits import Images
from tests import bundled


@pytest.fixture(scope="module")
def images() -> Images:
    return digit_table.images(bundled.table())


@pytest.mark.parametrize("every", [300, 299])
def test_nearest_is_the_nearest_of_all_other_hands(images: Images, every: int) -> None:
    """Of few digits also in cells, all of which are met."""
    vectors = neighbours.embedded(images[::16][:300])
    writers = [None if place % 3 == 0 else f"mnist/{place % 7}" for place in range(300)]
    found = neighbours.nearest(vectors, neighbours.hands(writers), every)
    distance = cdist(vectors, vectors)
    for place, writer in enumerate(writers):
        others = [k for k in range(300) if k != place and (writer is None or writers[k] != writer)]
        assert found[place] in others
        assert distance[place, found[place]] == pytest.approx(distance[place, others].min(), abs=1e-6)


def cosines(vectors: NDArray[np.float32], neighbour: NDArray[np.intp]) -> NDArray[np.float32]:
    return np.asarray(np.einsum("nd,nd->n", vectors, vectors[neighbour]))


def test_of_very_many_digits_what_is_near_is_found_all_the_same(images: Images) -> None:
    vectors = neighbours.embedded(images)
    hand = np.arange(len(images)) % 500
    exact, found = neighbours.nearest(vectors, hand), neighbours.nearest(vectors, hand, every=100)
    assert (hand[found] != hand).all()
    near = cosines(vectors, exact) >= np.quantile(cosines(vectors, exact), 0.8)
    assert (found == exact)[near].all()
    assert (found == exact).mean() > 0.98


def test_cells_are_left_to_more_digits_than_are_all_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    original = inverted_file.comparisons

    def noted(vectors: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        asked.append(len(vectors))
        return original(vectors)

    monkeypatch.setattr(inverted_file, "comparisons", noted)
    for count in (9, 10, 11):
        neighbours.nearest(np.eye(count, 196, dtype=np.float32), np.arange(count), every=10)
    assert asked == [11]


def test_a_digit_with_only_its_own_hand_around_it_still_has_a_neighbour() -> None:
    rng = np.random.default_rng(0)
    own, others = np.full((2, 3000, 196), 0.01, np.float32)
    own[:, :98] += rng.random((3000, 98))
    others[:, 98:] += rng.random((3000, 98))
    vectors = np.concatenate([own, others[:2]])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = neighbours.nearest(vectors, np.array([0] * 3000 + [1, 1]), every=100)
    assert (found[:3000] >= 3000).all()
    assert (found[3000:] < 3000).all()
    assert (found[3000:] != NOBODY).all()


@pytest.mark.parametrize("every", [2, 3])
def test_one_hand_alone_has_no_neighbour(every: int) -> None:
    vectors = np.eye(3, 196, dtype=np.float32)
    assert neighbours.nearest(vectors, np.zeros(3, dtype=np.int64), every).tolist() == [NOBODY] * 3
    assert neighbours.nearest(vectors[:0], np.zeros(0, dtype=np.int64), every).tolist() == []
