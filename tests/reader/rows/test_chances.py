from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.reader.rows.align import (
    BROKEN,
    FOREIGN,
    LENGTHS,
    ODD,
    THREE_TOUCH,
    TWO_TOUCH,
    UNREAD,
    WIDTHS,
    Seen,
    habit,
    like,
    pieces,
)
from pipeline.reader.rows.chances import Chances, chances
from pipeline.reader.rows.measured import Row
from tests.laws import up_to
from tests.reader.rows.test_align import digit_glyph, half_glyph, pair_glyph, row_of

KINDS = ("alone", "touching", "piece", "foreign")


def weighed(row: list[Seen]) -> Chances:
    readings = np.array([np.full(10, np.log(0.1)) if one.reading is None else one.reading for one in row])
    return chances(cast(Row, SimpleNamespace(seen=lambda: row, readings=readings)))


def by_hand(row: list[Seen]) -> dict[str, np.ndarray]:
    """Every way to take the row apart, one after another, in plain probabilities."""
    looks = [0 if one.reading is None else int(one.reading.argmax()) for one in row]
    wide, long = habit(row, np.array(looks))
    width, length = np.log(WIDTHS) + wide, np.log(LENGTHS) + long

    def sizes(digits: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        return tuple(np.array([np.log(sum(np.exp(size[d]) for d in digits))]) for size in (width, length))  # type: ignore[return-value]  # two of them

    def several(one: Seen, count: int) -> float:
        ways = np.ndindex(*[10] * count)
        return float(np.mean([np.exp(like(one, *sizes(digits)))[0] for digits in ways]))

    def alone(one: Seen) -> float:
        read = np.zeros(10) if one.reading is None else one.reading - UNREAD
        ways = [np.exp(like(one, *sizes((d,))))[0] * np.exp(read[d]) for d in range(10)]
        return float(np.mean(ways) * np.exp(-ODD * one.odd))

    single = {
        "alone": [alone(one) for one in row],
        "touching": [np.exp(TWO_TOUCH) * several(one, 2) + np.exp(THREE_TOUCH) * several(one, 3) for one in row],
        "foreign": [np.exp(FOREIGN + ODD * one.odd) for one in row],
    }
    broken = [np.exp(BROKEN) * float(np.mean(np.exp(pieces(a, b, width, length)))) for a, b in pairwise(row)]
    ways: list[tuple[float, list[str]]] = [(1.0, [])]
    for _ in row:  # grow every way by one step until it is complete
        grown = []
        for weight, kinds in ways:
            i = len(kinds)
            if i == len(row):
                grown.append((weight, kinds))
                continue
            grown += [(weight * table[i], [*kinds, kind]) for kind, table in single.items()]
            if i + 1 < len(row):
                grown.append((weight * broken[i], [*kinds, "piece", "piece"]))
        ways = grown
    total = sum(weight for weight, _ in ways)
    return {
        kind: np.array([sum(w for w, kinds in ways if kinds[i] == kind) / total for i in range(len(row))])
        for kind in KINDS
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "row",
    [
        row_of("5"),
        row_of("207"),
        [digit_glyph(1), pair_glyph(2, 3), digit_glyph(4, read=False)],
        [digit_glyph(1), half_glyph(3), half_glyph(3)],
    ],
)
def test_the_chances_are_those_of_all_ways_counted_one_by_one(row: list[Seen]) -> None:
    found, expected = weighed(row), by_hand(row)
    for kind in KINDS:
        np.testing.assert_allclose(getattr(found, kind), expected[kind], atol=1e-9)


A_GLYPH = st.sampled_from([digit_glyph(digit) for digit in range(10)] + [pair_glyph(2, 3), half_glyph(3)])


@settings(max_examples=up_to(20), deadline=None)
@given(st.lists(A_GLYPH, min_size=1, max_size=8))
def test_the_four_chances_of_a_glyph_sum_to_1(row: list[Seen]) -> None:
    found = weighed(row)
    np.testing.assert_allclose(found.alone + found.touching + found.piece + found.foreign, 1, atol=1e-9)


def test_whole_digits_are_alone_whatever_they_are() -> None:
    assert weighed(row_of("1234567890")).alone.min() > 0.99


@pytest.mark.parametrize("place", [0, 2, 4])
def test_two_digits_that_touch_are_in_doubt_and_only_these(place: int) -> None:
    row = row_of("12345")
    row[place] = pair_glyph(2, 3)
    found = weighed(row)
    others = np.arange(5) != place
    assert found.alone[others].min() > 0.99
    assert found.touching[place] > 0.05
    assert found.alone[place] < 0.95
