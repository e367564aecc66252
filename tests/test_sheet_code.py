"""What a sheet's code says, both ways."""

import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import BadInputError
from pipeline.reader.template.code import fixed_modules
from pipeline.sheet_code import LONGEST, SheetCode, UnknownLayoutError, half_rows, modules_of, parsed, stated

WRITERS = st.none() | st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=LONGEST)
FOCUS = st.sets(st.integers(0, 9)).map(lambda digits: tuple(sorted(digits)))


@given(WRITERS, FOCUS)
def test_a_code_says_what_was_put_into_it(writer: str | None, focus: tuple[int, ...]) -> None:
    code = SheetCode(writer, focus)
    assert parsed(code.text()) == code


@given(FOCUS)
def test_every_digit_has_boxes_and_the_focus_has_most(focus: tuple[int, ...]) -> None:
    halves = half_rows(focus)
    counts = Counter(halves)
    assert len(halves) == 20
    assert list(halves) == sorted(halves)
    assert set(counts) == set(range(10))
    chosen = {counts[digit] for digit in focus}
    others = {counts[digit] for digit in range(10) if digit not in focus}
    if focus and others:
        assert others == {1}
        assert min(chosen) > 1
        assert max(chosen) - min(chosen) <= 1
    else:
        assert chosen | others == {2}


def test_upper_and_lower_case_name_one_writer() -> None:
    assert stated("W07", None) == stated("w07", None) == SheetCode("w07")
    assert stated(None, "9,2,2") == SheetCode(None, (2, 9))


@pytest.mark.parametrize("writer", ["", "w 7", "ü", "a_b", "x" * (LONGEST + 1)])
def test_an_id_that_a_code_cannot_hold_is_named(writer: str) -> None:
    with pytest.raises(BadInputError, match="--writer: expected 1 to 12 of a-z"):
        stated(writer, None)


@pytest.mark.parametrize("focus", ["", "25", "2;5", "2,,5", "x"])
def test_a_focus_that_names_no_digits_is_named(focus: str) -> None:
    with pytest.raises(BadInputError, match="--focus: expected digits"):
        stated("w07", focus)


@pytest.mark.parametrize("text", ["2000W07", "1400W07", "100", "https://a.b", "1000w07", "1000W07_"])
def test_a_code_of_another_make_or_layout_is_refused(text: str) -> None:
    with pytest.raises(UnknownLayoutError):
        parsed(text)


@given(WRITERS, FOCUS)
def test_the_fixed_modules_are_alike_in_every_code(writer: str | None, focus: tuple[int, ...]) -> None:
    known, black = fixed_modules()
    modules = modules_of(SheetCode(writer, focus).text())
    assert modules.shape == known.shape
    assert (modules[known] == black[known]).all()
    assert known.sum() > 0.45 * known.size
