import hashlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import strata
from tests.laws import up_to


def ids_of(count: int) -> list[str]:
    return [hashlib.blake2b(str(place).encode(), digest_size=8).hexdigest() for place in range(count)]


@settings(max_examples=up_to(30), deadline=None)
@given(st.lists(st.integers(0, 9), max_size=120), st.integers(0, 130), st.integers(0, 3))
def test_every_label_has_its_share_and_a_larger_limit_only_adds(labels: list[int], limit: int, seed: int) -> None:
    given_labels, ids = np.array(labels, np.uint8), ids_of(len(labels))
    places = strata.chosen(ids, given_labels, limit, seed)
    expected = min(limit, len(labels)) if limit else len(labels)
    assert len(places) == len(set(places.tolist())) == expected
    assert places.tolist() == sorted(places.tolist())
    if limit and labels:
        larger = strata.chosen(ids, given_labels, limit + 1, seed)
        assert set(places.tolist()) <= set(larger.tolist())
        for label in set(labels):
            fair = labels.count(label) * expected / len(labels)
            assert abs((given_labels[places] == label).sum() - fair) < 1.5


def test_the_choice_depends_on_ids_and_seed_and_not_on_the_order_of_rows() -> None:
    ids, labels = np.array(ids_of(300)), np.arange(300, dtype=np.uint8) % 10
    first = ids[strata.chosen(ids.tolist(), labels, 40, 0)]
    turned = np.random.default_rng(0).permutation(300)
    again = ids[turned][strata.chosen(ids[turned].tolist(), labels[turned], 40, 0)]
    assert set(first) == set(again)
    assert set(first) != set(ids[strata.chosen(ids.tolist(), labels, 40, 1)])


def test_a_rare_label_stays_rare() -> None:
    labels = np.repeat([1, 2, 3], [90, 10, 900]).astype(np.uint8)
    places = strata.chosen(ids_of(1000), labels, 100, 0)
    assert np.bincount(labels[places]).tolist() == [0, 9, 1, 90]


def test_seats_are_given_out_by_websters_method() -> None:
    """Of five, 60 of 100 digits have 3 seats, 25 and 15 one each: quotients 60/5 = 12, 25/3 = 8.3 and 15/1 = 15."""
    labels = np.repeat([1, 2, 3], [60, 25, 15]).astype(np.uint8)
    assert np.bincount(labels[strata.chosen(ids_of(100), labels, 5, 0)]).tolist() == [0, 3, 1, 1]
    # Of three, the label that is rarest still has none: 15/1 is less than 60/3 and 25/1.
    assert np.bincount(labels[strata.chosen(ids_of(100), labels, 3, 0)], minlength=4).tolist() == [0, 2, 1, 0]
