from functools import cache

import cv2
import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.normalize import normalize
from pipeline.reader.records import Crop, Reason, Reject
from pipeline.reader.rows.read import read_rows
from tests.reader import drawn

ROWS = ["1234567890", "5551050", "0987654321"]


def read(
    grey: drawn.Grey, limits: Sheets, *, label: int | None = None, rows: list[str] | None = None
) -> tuple[list[Crop], list[Reject]]:
    return read_rows(drawn.rgb(grey), label, None if rows is None else tuple(rows), limits)


def written(crops: list[Crop]) -> list[str]:
    """The labels of each row, in reading order."""
    lines: dict[int, str] = {}
    for crop in crops:
        assert len(lines.get(crop.row, "")) == crop.col
        lines[crop.row] = lines.get(crop.row, "") + str(crop.label)
    return list(lines.values())


@pytest.mark.first_quick
@pytest.mark.parametrize(("slant", "bend"), [(0.08, 0.6), (-0.1, 0), (0, 0), (0.1, 0), (0, 1), (0, -1), (-0.08, -0.6)])
def test_rows_are_read_complete_and_in_order_however_they_slant_and_bend(
    slant: float, bend: float, limits: Sheets
) -> None:
    crops, rejects = read(drawn.page(ROWS, slant=slant, bend=bend), limits, rows=ROWS)
    assert rejects == []
    assert written(crops) == ROWS


@pytest.mark.first_quick
@pytest.mark.parametrize("height", [20, 120])
def test_the_photos_size_does_not_matter(height: int, limits: Sheets) -> None:
    crops, rejects = read(drawn.page(ROWS, height=height), limits, rows=ROWS)
    assert rejects == []
    assert written(crops) == ROWS


@pytest.mark.slow
def test_each_label_is_on_its_own_pixels(limits: Sheets) -> None:
    @cache
    def alone(digit: int) -> Crop:
        paper = drawn.blank(400, 400)
        drawn.write_digit(paper, str(digit), 60, 60)
        (crop,), _ = read(paper, limits, label=digit)
        return crop

    crops, _ = read(drawn.page(ROWS), limits, rows=ROWS)
    for crop in crops:
        difference = normalize(crop.ink, "mnist").astype(int) - normalize(alone(crop.label).ink, "mnist")
        assert np.abs(difference).mean() < 5, crop.label


def test_corners_frame_the_digit(limits: Sheets) -> None:
    paper = drawn.blank()
    drawn.write_digit(paper, "0", 200, 150)
    (crop,), _ = read(paper, limits, label=0)
    expected = np.array([(200, 150), (236, 150), (236, 210), (200, 210)])
    assert np.abs(crop.corners - expected).max() <= 5  # half a stroke and its soft edge


@pytest.mark.slow
def test_a_row_of_another_count_is_one_reject_that_names_both_and_the_others_survive(limits: Sheets) -> None:
    crops, rejects = read(drawn.page([ROWS[0], "1111111", ROWS[2]]), limits, rows=[ROWS[0], "11111111", ROWS[2]])
    assert written(crops) == [ROWS[0], ROWS[2]]
    (reject,) = rejects
    assert (reject.reason, reject.row) == (Reason.ROW_COUNT, 1)
    assert "expected 8 digits (11111111), found 7" in reject.detail
    assert reject.corners is not None


def test_doubt_about_two_digits_that_touch_is_confined_to_these(limits: Sheets) -> None:
    paper = drawn.page([ROWS[0]])
    y = drawn.HEIGHT + drawn.HEIGHT - 2
    cv2.line(paper, (round(1.6 * drawn.PITCH) + 30, y), (round(2.6 * drawn.PITCH) + 4, y), drawn.PEN, 5)
    crops, (reject,) = read(paper, limits, rows=[ROWS[0]])
    assert [(crop.col, crop.label) for crop in crops] == [(i, int(ROWS[0][i])) for i in range(10) if i not in (1, 2)]
    assert (reject.reason, reject.row, reject.col) == (Reason.ROW_COUNT, 0, 1)
    assert "expected 10 digits (1234567890), found 9" in reject.detail
    assert "23" in reject.detail
    assert reject.corners is not None
    assert reject.corners[0, 0] < 1.7 * drawn.PITCH < 2.6 * drawn.PITCH < reject.corners[1, 0]


def test_rows_that_cannot_be_told_apart_are_one_reject_that_names_both_counts(limits: Sheets) -> None:
    crops, rejects = read(drawn.page(["1111"] * 3), limits, rows=["1111"] * 2)
    assert crops == []
    assert {reject.reason for reject in rejects} == {Reason.ROW_COUNT}
    assert "expected 2 rows (sheets.yaml), found 3" in rejects[0].detail


def test_a_title_is_left_out_where_the_rows_are_certain_without_it(limits: Sheets) -> None:
    paper = drawn.page(["", *ROWS])
    cv2.putText(paper, "Numbers", (200, 100), cv2.FONT_HERSHEY_SIMPLEX, 2.0, drawn.PEN, 5, cv2.LINE_AA)
    crops, rejects = read(paper, limits, rows=ROWS)
    assert written(crops) == ROWS
    assert {reject.row for reject in rejects} == {None}


@pytest.mark.slow
def test_digits_of_two_rows_that_touch_are_both_rejected_and_their_rows_stay_counted_right(limits: Sheets) -> None:
    rows = [ROWS[0], ROWS[2]] * 2
    paper = drawn.page(rows)
    x, y = round(4.6 * drawn.PITCH) + 15, drawn.HEIGHT
    cv2.line(paper, (x, y + 20), (x, y + drawn.LEADING + 20), drawn.PEN, 5)
    crops, rejects = read(paper, limits, rows=rows)
    assert [(reject.reason, reject.row, reject.col) for reject in rejects] == [
        (Reason.TOUCHES_NEIGHBOUR, 0, 4),
        (Reason.TOUCHES_NEIGHBOUR, 1, 4),
    ]
    assert [crop.label for crop in crops] == [
        int(d) for place, row in enumerate(rows) for i, d in enumerate(row) if i != 4 or place > 1
    ]


def test_a_struck_out_digit_is_nobodys(limits: Sheets) -> None:
    paper = drawn.page(["1282345"])
    x, y = round(2.6 * drawn.PITCH), drawn.HEIGHT
    for down in range(0, 60, 7):
        cv2.line(paper, (x - 8, y + down), (x + 45, y + down + 4), drawn.PEN, 4)
    crops, (reject,) = read(paper, limits, rows=["122345"])
    assert written(crops) == ["122345"]
    assert reject.reason is Reason.NO_DIGIT


def test_a_piece_of_a_digit_is_no_digit_where_nothing_is_counted(limits: Sheets) -> None:
    paper = drawn.page(["0000000"])
    x = round(3.6 * drawn.PITCH)
    cv2.rectangle(paper, (x + 12, 0), (x + 24, paper.shape[0]), drawn.PAPER, -1)  # a 0 in two halves
    crops, rejects = read(paper, limits, label=0)
    assert len(crops) == 6
    assert not any(x - 10 < crop.corners[0, 0] < x + 30 for crop in crops)
    assert {reject.reason for reject in rejects} <= {Reason.TOO_SMALL, Reason.TOUCHES_NEIGHBOUR}


@pytest.mark.slow
def test_words_and_page_numbers_are_no_digits_where_nothing_is_counted(limits: Sheets) -> None:
    paper = drawn.page(["", "7777777", "7777777", "7777777", ""])
    cv2.putText(paper, "Test paper", (60, 110), cv2.FONT_HERSHEY_SIMPLEX, 2.0, drawn.PEN, 5, cv2.LINE_AA)
    drawn.write_digit(paper, "8", 300, paper.shape[0] - 2 * drawn.HEIGHT)
    crops, rejects = read(paper, limits, label=7)
    assert [label for _, label in sorted((crop.row, crop.label) for crop in crops)] == [7] * 21
    assert Reason.NO_DIGIT in {reject.reason for reject in rejects}


@pytest.mark.slow
def test_four_digits_that_fill_the_photo_are_read(limits: Sheets) -> None:
    crops, rejects = read(drawn.page(["1354"], height=400), limits, rows=["1354"])
    assert rejects == []
    assert written(crops) == ["1354"]


@pytest.mark.slow
def test_a_large_photo_is_read_on_a_reduced_copy_with_corners_in_its_own_pixels(limits: Sheets) -> None:
    paper = drawn.page(["135", "206"], height=500)
    crops, _ = read(paper, limits, rows=["135", "206"])
    assert len(crops) == 6
    assert max(max(crop.ink.shape) for crop in crops) < 300
    for crop in crops:
        left, top = np.floor(crop.corners[0]).astype(int)
        right, bottom = np.ceil(crop.corners[2]).astype(int)
        inside = paper[top:bottom, left:right]
        assert (inside < 130).sum() > 0.02 * inside.size
        rim = paper[top - 20 : bottom + 20, left - 20 : right + 20].copy()
        rim[14:-14, 14:-14] = drawn.PAPER
        assert rim.min() > 130, "nothing of the digit lies outside its corners"


@pytest.mark.slow
def test_thousands_of_strokes_are_a_pattern(limits: Sheets) -> None:
    paper = drawn.blank(1000, 1000)
    for y in range(10, 990, 14):
        for x in range(10, 990, 14):
            cv2.line(paper, (x, y), (x + 4, y + 8), drawn.PEN, 1)
    crops, (reject,) = read(paper, limits, label=1)
    assert crops == []
    assert reject.reason is Reason.TOO_MANY_PARTS


def test_two_digits_that_touch_are_rejected_and_never_labelled(limits: Sheets) -> None:
    paper = drawn.page(["0000000"])
    y = drawn.HEIGHT + drawn.HEIGHT // 2
    cv2.line(paper, (round(2.6 * drawn.PITCH) + 30, y), (round(3.6 * drawn.PITCH) + 4, y), drawn.PEN, 5)
    crops, (reject,) = read(paper, limits, label=0)
    assert reject.reason is Reason.TOUCHES_NEIGHBOUR
    assert reject.label == 0
    assert reject.col == 2
    assert len(crops) == 5
    joint = round(3.4 * drawn.PITCH)
    assert not any(crop.corners[0, 0] < joint < crop.corners[1, 0] for crop in crops)


@pytest.mark.first_quick(2)
@pytest.mark.parametrize(("x", "y"), [(-15, 150), (578, 150), (300, -20), (300, 365)])
def test_a_digit_that_the_edge_cuts_is_rejected_and_its_row_survives(x: int, y: int, limits: Sheets) -> None:
    paper = drawn.blank(400, 600)
    drawn.write_digit(paper, "0", x, y)
    level = min(max(y, 20), 320)
    for other in (100, 200, 400, 500):
        drawn.write_digit(paper, "0", other, level)
    crops, (reject,) = read(paper, limits, label=0)
    assert reject.reason is Reason.TOUCHES_EDGE
    assert len(crops) == 4


def test_a_neighbours_ink_is_never_in_a_crop(limits: Sheets) -> None:
    """Two strokes that lean so far that each reaches into the other's box."""
    paper, places = drawn.blank(), (150, 180, 210)
    for x in places:
        cv2.line(paper, (x + 40, 150), (x, 210), drawn.PEN, 5, cv2.LINE_AA)
    crops, rejects = read(paper, limits, label=1)
    assert rejects == []
    assert len(crops) == 3
    assert crops[1].corners[0, 0] < crops[0].corners[1, 0]  # the boxes do overlap
    shapes = [normalize(crop.ink, "mnist") for crop in crops]
    for crop, shape in zip(crops, shapes, strict=True):
        count, _ = cv2.connectedComponents((crop.ink > 60).astype(np.uint8))
        assert count == 2  # paper and one stroke
        assert np.abs(shape.astype(int) - shapes[0]).mean() < 3


def test_a_stroke_as_near_to_two_digits_is_given_to_none(limits: Sheets) -> None:
    paper = drawn.blank()
    for x in (100, 200, 268, 368):
        cv2.rectangle(paper, (x, 150), (x + 36, 210), drawn.PEN, 5)
    cv2.line(paper, (248, 180), (256, 180), drawn.PEN, 8)
    crops, rejects = read(paper, limits, label=0)
    assert [reject.reason for reject in rejects] == [Reason.TOUCHES_NEIGHBOUR] * 2
    assert [reject.col for reject in rejects] == [1, 2]
    assert [crop.col for crop in crops] == [0, 3]


@pytest.mark.parametrize("level", [255, 225, 120])
def test_blank_paper_is_no_digit(level: int, limits: Sheets) -> None:
    crops, (reject,) = read(drawn.blank(level=level), limits, label=3)
    assert crops == []
    assert reject.reason is Reason.NO_DIGIT
    assert reject.corners is None


@pytest.mark.slow
def test_ink_too_faint_for_the_limit_is_no_digit(limits: Sheets) -> None:
    paper = drawn.blank()
    drawn.write_digit(paper, "0", 200, 150, pen=drawn.PAPER - 20)
    assert [reject.reason for reject in read(paper, limits, label=0)[1]] == [Reason.NO_DIGIT]
    assert len(read(paper, limits.model_copy(update={"min_ink_contrast": 0.05}), label=0)[0]) == 1


@pytest.mark.slow
def test_specks_are_ignored(limits: Sheets) -> None:
    paper, places = drawn.page(ROWS), np.random.default_rng(0)
    for _ in range(60):
        x, y = (int(places.integers(5, side - 5)) for side in paper.shape[::-1])
        if paper[y - 4 : y + 5, x - 4 : x + 5].min() > 200:
            cv2.circle(paper, (x, y), 1, drawn.PEN, -1)
    crops, rejects = read(paper, limits, rows=ROWS)
    assert rejects == []
    assert written(crops) == ROWS


def test_a_slip_of_the_pen_near_no_digit_is_told(limits: Sheets) -> None:
    paper = drawn.page(["0000"])
    cv2.line(paper, (100, 10), (130, 10), drawn.PEN, 4)
    crops, (reject,) = read(paper, limits, label=0)
    assert len(crops) == 4
    assert reject.reason is Reason.TOO_SMALL


def test_a_scribble_of_many_strokes_is_no_digit(limits: Sheets) -> None:
    paper = drawn.page(["1111"])
    crops, rejects = read(paper, limits.model_copy(update={"max_cell_parts": 1}), label=1)
    assert len(crops) == 4
    crops, rejects = read(drawn.page(["5555"]), limits.model_copy(update={"max_cell_parts": 1}), label=5)
    assert crops == []
    assert {reject.reason for reject in rejects} == {Reason.TOO_MANY_PARTS}


@pytest.mark.slow
def test_every_digit_on_the_paper_is_a_crop_or_a_reject(limits: Sheets) -> None:
    """A row cut by the photo's edge from end to end is another photo's; all else is accounted for."""
    paper = drawn.page(["0000000", "5555555"])[: -drawn.LEADING - drawn.HEIGHT // 2]
    crops, rejects = read(paper, limits, label=0)
    assert written(crops) == ["0000000"]
    assert rejects == []
