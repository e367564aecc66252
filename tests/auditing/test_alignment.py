import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.auditing.alignment import GAP, SURE, UNKNOWN, align, pairing
from tests.auditing.readings import read_as
from tests.laws import up_to

a_digit = st.integers(0, 9)
a_row = st.lists(a_digit, min_size=1, max_size=14)


def integers(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def best_by_trying_all(pair: NDArray[np.float64]) -> float:
    """Return the best score over every choice of equally many places and labels that are paired in order."""
    width = len(pair)
    return max(
        sum(float(pair[i, j]) for i, j in zip(places, labels, strict=True)) + 2 * (width - count) * GAP
        for count in range(width + 1)
        for places in itertools.combinations(range(width), count)
        for labels in itertools.combinations(range(width), count)
    )


@settings(max_examples=up_to(40), deadline=None)
@given(st.lists(st.tuples(a_digit, a_digit), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_the_alignment_is_the_best_of_all_that_there_are(row: list[tuple[int, int]], seed: int) -> None:
    written, labels = (list(column) for column in zip(*row, strict=True))
    probabilities, given_labels = read_as(written, seed, sure=0.9), integers(labels)
    pair = pairing(probabilities, given_labels)
    evidence = best_by_trying_all(pair) - float(np.trace(pair))
    found = align(probabilities, given_labels)
    assert np.isclose(found.evidence, evidence if evidence > SURE else 0)


@settings(max_examples=up_to(40), deadline=None)
@given(a_row, st.integers(0, 2**32 - 1))
def test_labels_at_their_own_places_stay_there(row: list[int], seed: int) -> None:
    found = align(read_as(row, seed), integers(row))
    assert not found.shifted
    assert found.partners.tolist() == list(range(len(row)))


@settings(max_examples=up_to(40), deadline=None)
@given(a_digit, a_row)
def test_labels_that_are_all_alike_are_never_shifted_whatever_is_read(label: int, written: list[int]) -> None:
    assert not align(read_as(written), integers([label] * len(written))).shifted


@settings(max_examples=up_to(40), deadline=None)
@given(st.lists(a_digit, min_size=7, max_size=14), st.integers(1, 2))
def test_partners_of_a_shifted_row_are_in_order_and_each_is_used_once(row: list[int], by: int) -> None:
    partners = align(read_as(row), integers(row[by:] + row[:by])).partners
    used = partners[partners != UNKNOWN]
    assert (np.diff(used) > 0).all()


def test_a_place_that_was_not_read_says_nothing_for_or_against() -> None:
    probabilities = read_as([1, 2, 3])
    probabilities[1] = np.nan
    pair = pairing(probabilities, integers([1, UNKNOWN, 3]))
    assert pair[1].tolist() == [0, 0, 0]
    assert pair[:, 1].tolist() == [0, 0, 0]
    assert 2.2 < pair[0, 0] < np.log(10)
    assert -4.6 < pair[0, 2] < -3
