import cv2
import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.rows.apart import take_apart
from pipeline.reader.rows.measured import Row, measured
from pipeline.reader.rows.words import words_in
from tests.reader import drawn


def row_of(string: str, limits: Sheets) -> Row:
    sheet = take_apart(drawn.rgb(drawn.page([string])), limits)
    (glyphs,) = sheet.rows
    return measured(sheet, glyphs)


def test_a_row_of_its_label_holds_no_words(limits: Sheets) -> None:
    assert not words_in(row_of("2222222", limits), 2, long_rows=True, apart=0.5).any()


@pytest.mark.first_quick
@pytest.mark.parametrize("place", [0, 3, 6])
def test_one_that_looks_different_among_others_stays(place: int, limits: Sheets) -> None:
    string = "2" * place + "6" + "2" * (6 - place)
    assert not words_in(row_of(string, limits), 2, long_rows=True, apart=0.5).any()


def test_a_row_of_other_things_is_words(limits: Sheets) -> None:
    assert words_in(row_of("617384", limits), 2, long_rows=True, apart=0.5).all()


def test_a_row_of_one_other_digit_again_and_again_is_no_row_of_its_label(limits: Sheets) -> None:
    assert words_in(row_of("66666", limits), 2, long_rows=True, apart=0.5).all()


def test_a_run_of_other_things_in_a_row_is_words_and_the_rest_is_not(limits: Sheets) -> None:
    assert words_in(row_of("22226176", limits), 2, long_rows=True, apart=0.5).tolist() == [False] * 4 + [True] * 4


@pytest.mark.parametrize(("long_rows", "expected"), [(True, True), (False, False)])
def test_one_that_stands_alone_is_a_page_number_where_rows_are_long(
    long_rows: bool, expected: bool, limits: Sheets
) -> None:
    assert words_in(row_of("6", limits), 2, long_rows=long_rows, apart=0.5).tolist() == [expected]


def test_letters_stand_closer_than_digits(limits: Sheets) -> None:
    paper = drawn.blank(300, 700)
    cv2.putText(paper, "oooooooo", (60, 150), cv2.FONT_HERSHEY_SIMPLEX, 3.0, drawn.PEN, 6, cv2.LINE_AA)
    sheet = take_apart(drawn.rgb(paper), limits)
    (glyphs,) = sheet.rows
    row = measured(sheet, glyphs)
    assert words_in(row, 0, long_rows=True, apart=1.2).all()
    assert not words_in(row, 0, long_rows=True, apart=-np.inf).any()
