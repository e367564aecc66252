"""The judge sees what is wrong with a reading."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import ReadDigit, Reading
from pipeline.reader.records import Reason, Reject
from pipeline.simulate.photos import SIZE, photo_file
from pipeline.simulate.severity import Layout
from pipeline.simulate.truth import CellTruth, Truth
from tests.params_file import ROOT
from tests.reader.judge import Judgement, judge, redrawn

LAYOUTS: tuple[Layout, ...] = ("template", "rows", "grid")
PHOTO = Photo(ROOT / "none.jpg", "simulated/none.jpg", "simulated", Settings())


@cache
def _truth(layout: Layout) -> Truth:
    return photo_file(layout, 2, "ordinary", np.random.default_rng(3), size=(600, 800))[1]


def _digits(truth: Truth) -> list[CellTruth]:
    return [cell for cell in truth.cells if cell.state == "digit"]


def _read(cell: CellTruth) -> ReadDigit:
    assert cell.ink is not None
    return ReadDigit(redrawn(cell.mark.strokes, cell.mark), cell.label, cell.row, cell.col, cell.ink)


@cache
def _perfect(layout: Layout) -> tuple[ReadDigit, ...]:
    return tuple(_read(cell) for cell in _digits(_truth(layout)))


def _judged(layout: Layout, change: Callable[[list[ReadDigit]], object] = len, *rejects: Reject) -> Judgement:
    """Judge a perfect reading after a change."""
    truth = _truth(layout)
    digits = list(_perfect(layout))
    change(digits)
    return judge(Reading(PHOTO, digits, list(rejects)), truth, SIZE[::-1], 0)


@pytest.mark.first_quick
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_perfect_reading_is_right(layout: Layout) -> None:
    verdict = _judged(layout)
    assert set(verdict.outcomes) == {"right"}
    assert verdict.coverage == 1
    assert not verdict.faults


@pytest.mark.slow
def test_corners_of_a_turned_photo_are_turned_back() -> None:
    truth = _truth("rows")
    width, height = 800, 600
    for turns in range(4):
        digits = []
        for read in _perfect("rows"):
            corners, shape = read.corners, (height, width)
            for _ in range(turns):  # a quarter turn clockwise: the lower left corner becomes the upper left one
                corners = np.stack([shape[0] - corners[:, 1], corners[:, 0]], axis=1)
                shape = (shape[1], shape[0])
            digits.append(replace(read, corners=corners.astype(np.float32)))
        verdict = judge(Reading(PHOTO, digits, []), truth, (height, width), turns)
        assert set(verdict.outcomes) == {"right"}, turns


@pytest.mark.slow
def test_a_wrong_label_is_one() -> None:
    def shifted(digits: list[ReadDigit]) -> None:
        digits[3] = replace(digits[3], label=(digits[3].label + 1) % 10)

    verdict = _judged("rows", shifted)
    assert verdict.outcomes["wrong-label"] == 1
    assert len(verdict.faults) == 1


@pytest.mark.slow
def test_a_digit_that_is_neither_read_nor_rejected_is_missed() -> None:
    assert _judged("rows", lambda digits: digits.pop(5)).outcomes["missed"] == 1


@pytest.mark.slow
def test_a_reject_at_its_place_stands_for_a_digit() -> None:
    cell = _digits(_truth("rows"))[5]
    at_place = Reject(Reason.TOUCHES_EDGE, "", cell.row, cell.col, cell.label, cell.ink)
    of_row = Reject(Reason.ROW_COUNT, "", row=cell.row)
    of_photo = Reject(Reason.TURN_UNSURE, "")
    elsewhere = Reject(Reason.BLANK, "", row=cell.row + 1)
    for reject in (at_place, of_row, of_photo):
        assert _judged("rows", lambda digits: digits.pop(5), reject).outcomes[str(reject.reason)] == 1
    assert _judged("rows", lambda digits: digits.pop(5), elsewhere).outcomes["missed"] == 1


@pytest.mark.slow
def test_a_5_without_its_cap_is_spoilt() -> None:
    cells = _digits(_truth("template"))
    capped = [place for place, cell in enumerate(cells) if cell.label == 5 and len(cell.mark.strokes) == 2]
    assert capped

    def beheaded(digits: list[ReadDigit]) -> None:
        for place in capped:
            digits[place] = replace(digits[place], image=redrawn(cells[place].mark.strokes[:1], cells[place].mark))

    assert _judged("template", beheaded).outcomes["spoilt"] == len(capped)


def test_a_digit_with_a_piece_of_its_neighbour_or_of_a_line_is_spoilt() -> None:
    cells = _digits(_truth("rows"))

    def with_line(digits: list[ReadDigit]) -> None:
        cell = cells[0]
        ink = np.concatenate(cell.mark.strokes)
        low, high = ink.min(axis=0), ink.max(axis=0)
        beside = np.linspace((high[0] + 1.5, low[1]), (high[0] + 1.5, high[1]), 20)
        digits[0] = replace(digits[0], image=redrawn([*cell.mark.strokes, beside], cell.mark))

    assert _judged("rows", with_line).outcomes["spoilt"] == 1


def test_two_digits_in_one_crop_are_spoilt_and_one_is_missed() -> None:
    cells = _digits(_truth("rows"))
    first, second = cells[0], cells[1]
    assert first.row == second.row

    def merged(digits: list[ReadDigit]) -> None:
        image = redrawn([*first.mark.strokes, *second.mark.strokes], first.mark)
        corners = cv2.boxPoints(cv2.minAreaRect(np.concatenate([digits[0].corners, digits[1].corners])))
        digits[:2] = [replace(digits[0], image=image, corners=np.asarray(corners, np.float32))]

    outcomes = _judged("rows", merged).outcomes
    assert (outcomes["spoilt"], outcomes["missed"]) == (1, 1)


@pytest.mark.slow
def test_a_scribble_and_empty_paper_are_no_digits() -> None:
    truth = _truth("template")
    spoilt = [cell for cell in truth.cells if cell.state != "digit"]
    assert spoilt

    def believed(digits: list[ReadDigit]) -> None:
        for cell in spoilt:
            digits.append(replace(digits[0], row=cell.row, col=cell.col, corners=cell.corners))

    assert _judged("template", believed).outcomes["spoilt-blank"] == len(spoilt)


def test_the_same_digit_read_twice_is_a_fault() -> None:
    assert _judged("rows", lambda digits: digits.append(digits[0])).outcomes["spoilt-blank"] == 1
