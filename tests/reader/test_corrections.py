from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import BadInputError
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.corrections import Correction, Effect, apply, load
from pipeline.reader.read import ReadDigit, Reading
from pipeline.reader.records import Reason, Reject, whole_photo

HEAD = "photo,row,col,label\n"


def reading(name: str, *places: tuple[int, int]) -> Reading:
    image = np.zeros((28, 28), np.uint8)
    digits = [ReadDigit(image, 1, row, col, whole_photo(9, 9)) for row, col in places]
    return Reading(Photo(Path(name), name, "c", Settings()), digits, [])


def corrected(folder: Path, lines: str, readings: list[Reading]) -> list[Reading]:
    path = folder / "corrections.csv"
    path.write_text(HEAD + lines, encoding="utf-8")
    return list(apply(load(path), readings, path))


def test_a_label_is_replaced_at_its_place_and_nowhere_else(tmp_path: Path) -> None:
    before = [reading("c/a.jpg", (0, 0), (0, 1), (1, 0)), reading("c/b.jpg", (0, 1))]
    first, second = corrected(tmp_path, "c/a.jpg,0,1,7\n", before)
    assert [(digit.row, digit.col, digit.label) for digit in first.digits] == [(0, 0, 1), (0, 1, 7), (1, 0, 1)]
    assert second == before[1]
    assert before[0].digits[1].label == 1  # what was read is left as it was


def test_a_dropped_digit_becomes_a_reject_that_names_the_line(tmp_path: Path) -> None:
    (found,) = corrected(tmp_path, "c/a.jpg,0,0,drop\n", [reading("c/a.jpg", (0, 0), (0, 1))])
    assert [digit.col for digit in found.digits] == [1]
    (reject,) = found.rejects
    assert (reject.reason, reject.row, reject.col, reject.label) == (Reason.DROPPED, 0, 0, 1)
    assert reject.detail == "left out by corrections.csv, line 2"


def test_no_file_and_no_lines_change_nothing(tmp_path: Path) -> None:
    before = [reading("c/a.jpg", (0, 0))]
    assert load(tmp_path / "corrections.csv") == []
    assert corrected(tmp_path, "", before) == before


def test_a_table_programs_file_is_read(tmp_path: Path) -> None:
    """Excel writes a byte order mark and Windows line ends, and quotes names with commas."""
    path = tmp_path / "corrections.csv"
    path.write_bytes(b'\xef\xbb\xbfphoto,row,col,label\r\n"c/a, b.jpg", 0,1 ,drop\r\n\r\n')
    (correction,) = load(path)
    assert (correction.photo, correction.row, correction.col, correction.label) == ("c/a, b.jpg", 0, 1, None)
    assert correction.line == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "expected the first line photo,row,col,label, got ''"),
        ("photo,row,column,label\n", "expected the first line photo,row,col,label, got 'photo,row,column,label'"),
        (f"{HEAD}c/a.jpg,0,0\n", "line 2: expected 4 fields (photo,row,col,label), got 3"),
        (f"{HEAD}c/a.jpg,0,0,1\nc/a.jpg,-1,0,1\n", "line 3: expected row and col as numbers from 0, got '-1' and '0'"),
        (f"{HEAD}c/a.jpg,0,x,1\n", "line 2: expected row and col as numbers from 0, got '0' and 'x'"),
        (f"{HEAD}c/a.jpg,0,\u00b2,1\n", "line 2: expected row and col as numbers from 0"),
        (f"{HEAD}c/a.jpg,0,0,12\n", "line 2: expected a label 0 to 9 or `drop`, got '12'"),
        (f"{HEAD}c/a.jpg,0,0,\n", "line 2: expected a label 0 to 9 or `drop`, got ''"),
        (f"{HEAD}c/a.jpg,0,0,1\n\nc/a.jpg,0,0,drop\n", "line 4 corrects the place of line 2 again; keep one"),
    ],
)
def test_a_bad_line_stops_and_is_named(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert told in str(caught.value)


@pytest.mark.parametrize("place", ["c/a.jpg,0,9", "c/a.jpg,9,0"])
def test_a_place_where_nothing_was_read_stops_and_names_the_line(place: str, tmp_path: Path) -> None:
    lines = f"c/a.jpg,0,0,2\n{place},3\n"
    with pytest.raises(
        BadInputError, match=r"corrections\.csv: line 3: expected a digit or a reject with ink, found none at"
    ):
        corrected(tmp_path, lines, [reading("c/a.jpg", (0, 0))])


@pytest.mark.parametrize(
    ("photo", "advice"),
    [
        ("raw/c/a.jpg", "did you mean c/a.jpg?"),
        ("a.jpg", "did you mean c/a.jpg?"),
        ("c/A.jpg", "did you mean c/a.jpg?"),
        ("other/IMG_7.png", "remove the line"),
    ],
)
def test_a_photo_that_is_not_there_stops_and_the_nearest_is_named(photo: str, advice: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError) as caught:
        corrected(tmp_path, f"c/a.jpg,0,0,2\n{photo},0,0,3\n", [reading("c/a.jpg", (0, 0))])
    assert f"line 3: expected a photo below raw/, found no {photo}; {advice}" in str(caught.value)


@pytest.mark.parametrize("unread", ["c/a.jpg", "c/sheets.yaml"])
def test_lines_of_what_could_not_be_read_wait(unread: str, tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text(f"{HEAD}c/a.jpg,0,0,7\nd/b.jpg,0,0,drop\n")
    refused = replace(reading(unread), rejects=[Reject(Reason.BAD_SHEETS_YAML, "a typo")])
    waits: list[Correction] = []
    first, second = apply(load(path), [refused, reading("d/b.jpg", (0, 0))], path, waits=waits)
    assert first == refused
    assert second.digits == []
    assert [one.place for one in waits] == [("c/a.jpg", 0, 0)]


def test_commas_that_a_table_program_leaves_are_no_line(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text(f"{HEAD}c/a.jpg,0,0,7\n,,,\n , ,,\n")
    assert len(load(path)) == 1


def test_a_file_that_is_no_text_stops_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_bytes("photo,row,col,label\nc/\u5b57.jpg,0,0,1\n".encode("gb18030"))
    with pytest.raises(BadInputError, match="UTF-8"):
        load(path)


def with_rejects(name: str) -> Reading:
    """One digit at (0, 0), a reject with ink at (0, 1), one without at (0, 2), and one of the whole row 1."""
    found = reading(name, (0, 0), (0, 3))
    ink = ReadDigit(np.full((28, 28), 9, np.uint8), 4, 0, 1, whole_photo(9, 9))
    rejects = [
        Reject(Reason.TOO_SMALL, "a piece", 0, 1, 4, whole_photo(9, 9)),
        Reject(Reason.BLANK, "no ink", 0, 2, 5, whole_photo(9, 9)),
        Reject(Reason.ROW_COUNT, "8 for 9", row=1),
    ]
    return Reading(found.photo, found.digits, rejects, refused=[ink])


def test_a_label_makes_a_digit_of_a_reject_with_ink_in_reading_order(tmp_path: Path) -> None:
    (found,) = corrected(tmp_path, "c/a.jpg,0,1,7\n", [with_rejects("c/a.jpg")])
    assert [(digit.col, digit.label, int(digit.image.max())) for digit in found.digits] == [
        (0, 1, 0),
        (1, 7, 9),
        (3, 1, 0),
    ]
    assert [reject.reason for reject in found.rejects] == [Reason.BLANK, Reason.ROW_COUNT]


@pytest.mark.parametrize("col", [1, 2])
def test_a_reject_that_is_left_stays_what_it_is(col: int, tmp_path: Path) -> None:
    before = with_rejects("c/a.jpg")
    (found,) = corrected(tmp_path, f"c/a.jpg,0,{col},drop\n", [before])
    assert (found.digits, found.rejects) == (before.digits, before.rejects)


@pytest.mark.parametrize("place", ["0,2", "1,0"])
def test_a_reject_without_ink_cannot_be_accepted(place: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"line 2: expected a digit or a reject with ink"):
        corrected(tmp_path, f"c/a.jpg,{place},7\n", [with_rejects("c/a.jpg")])


def test_what_each_line_did_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    lines = ["a.jpg,0,0,1", "a.jpg,0,1,4", "a.jpg,0,2,drop", "a.jpg,0,3,drop", "b.jpg,0,0,2", "b.jpg,0,1,5"]
    path.write_text(HEAD + "".join(f"c/{line}\n" for line in lines))
    effects: Counter[Effect] = Counter()
    list(apply(load(path), [with_rejects("c/a.jpg"), with_rejects("c/b.jpg")], path, effects))
    assert effects == {"confirmed": 1, "accepted": 2, "left": 1, "dropped": 1, "relabelled": 1}
