import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader.rows.align import LENGTHS, WIDTHS, Seen, align

CERTAIN = 0.999


def reading(digit: int, sure: float = 0.9) -> np.ndarray:
    chances = np.full(10, (1 - sure) / 9)
    chances[digit] = sure
    return np.asarray(np.log(chances))


def digit_glyph(digit: int, *, looks: int | None = None, read: bool = True, wide: float = 1.0) -> Seen:
    """The usual glyph of a digit, perhaps one that looks like another."""
    seen = digit if looks is None else looks
    return Seen(wide * WIDTHS[digit], 1.0, wide * LENGTHS[digit], 0.5, False, True, reading(seen) if read else None)


def pair_glyph(one: int, other: int) -> Seen:
    """Two digits that touch."""
    return Seen(WIDTHS[one] + WIDTHS[other], 1.1, LENGTHS[one] + LENGTHS[other], 0.5, False, True, reading(8, 0.5))


def half_glyph(digit: int) -> Seen:
    """A piece of a broken digit, its other piece close by."""
    return Seen(0.45 * WIDTHS[digit], 0.8, 0.5 * LENGTHS[digit], 0.05, False, True, reading(1, 0.4))


def row_of(string: str, *, read: bool = True) -> list[Seen]:
    return [digit_glyph(int(digit), read=read) for digit in string]


def certain(row: list[Seen], string: str) -> dict[int, int]:
    return {int(i): int(j) for i, j in np.argwhere(align(row, string).alone >= CERTAIN)}


@pytest.mark.parametrize("read", [True, False])
@pytest.mark.parametrize("string", ["5", "07", "1234567890", "1111111", "000111"])
def test_a_row_as_it_is_stated_is_certain_from_end_to_end(string: str, read: bool) -> None:
    assert certain(row_of(string, read=read), string) == {i: i for i in range(len(string))}


@pytest.mark.parametrize("place", [0, 1, 5, 8])
def test_two_digits_that_touch_are_in_doubt_and_only_these(place: int) -> None:
    string = "1234567890"
    row = row_of(string)
    row[place : place + 2] = [pair_glyph(int(string[place]), int(string[place + 1]))]
    expected = {i: i for i in range(place)} | {i: i + 1 for i in range(place + 1, 9)}
    assert certain(row, string) == expected


def test_a_broken_digit_is_in_doubt_and_only_this() -> None:
    row = row_of("12345")
    row[2:3] = [half_glyph(3), half_glyph(3)]
    assert certain(row, "12345") == {0: 0, 1: 1, 4: 3, 5: 4}


def test_what_was_struck_out_is_nobodys() -> None:
    row = row_of("2468")
    row.insert(2, Seen(1.0, 1.0, 6.0, 0.5, True, True, reading(8, 0.3)))
    assert certain(row, "2468") == {0: 0, 1: 1, 3: 2, 4: 3}


@pytest.mark.parametrize("string", ["1111111", "0000"])
def test_where_nothing_shows_which_digit_is_missing_none_is_certain(string: str) -> None:
    assert certain(row_of(string[1:]), string) == {}


def test_a_count_that_is_right_by_chance_is_seen_through() -> None:
    """Two digits touch and another is broken: every digit between would get its neighbour's label."""
    string = "1234567890"
    row = row_of(string)
    row[6:7] = [half_glyph(7), half_glyph(7)]
    row[1:3] = [pair_glyph(2, 3)]
    assert len(row) == len(string)
    found = certain(row, string)
    assert all((i == j) == (i < 1 or i > 6) for i, j in found.items())
    assert {0, 2, 3, 4, 7, 8, 9} <= set(found)


@given(st.integers(0, 9), st.integers(0, 9))
def test_no_digit_is_dropped_for_looking_unusual(place: int, looks: int) -> None:
    row = row_of("1234567890")
    row[place] = digit_glyph(int("1234567890"[place]), looks=looks)
    assert certain(row, "1234567890") == {i: i for i in range(10)}


@given(
    st.text("0123456789", max_size=8),
    st.lists(st.tuples(st.integers(0, 9), st.floats(0.3, 3), st.booleans()), max_size=8),
)
def test_probabilities_are_shares_of_all_ways_and_the_same_from_the_other_end(
    string: str, glyphs: list[tuple[int, float, bool]]
) -> None:
    row = [digit_glyph(digit, read=read, wide=wide) for digit, wide, read in glyphs]
    there, back = align(row, string), align(row[::-1], string[::-1])
    assert there.alone.shape == (len(row), len(string))
    assert (there.alone >= 0).all()
    assert there.alone.sum(axis=0).max(initial=0) <= 1 + 1e-9
    assert there.alone.sum(axis=1).max(initial=0) <= 1 + 1e-9
    np.testing.assert_allclose(there.alone, back.alone[::-1, ::-1], atol=1e-9)
    assert there.evidence == pytest.approx(back.evidence)


def test_a_row_fits_its_own_string_best() -> None:
    strings = ["1234567890", "0987654321", "555000", "31"]
    for own in strings:
        fits = [align(row_of(own), string).evidence for string in strings]
        assert int(np.argmax(fits)) == strings.index(own)
