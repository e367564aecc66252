"""Sheets that say whose they are: read at any turn, rejected where their code cannot be read."""

from typing import get_args

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.records import Reason
from pipeline.reader.template.canvas import Canvas
from pipeline.reader.template.code import read_code
from pipeline.reader.template.read import read_template
from pipeline.sheet_code import SheetCode, UnknownLayoutError
from pipeline.simulate.photos import simulate_photo
from pipeline.simulate.severity import Severity
from pipeline.simulate.sheet import print_template
from pipeline.template import Box, Paper, geometry

CODE = SheetCode("w07", (2, 5, 7, 9))
SHEET = geometry(code=CODE)
SIZE = (810, 1080)
Pixels = NDArray[np.uint8]


def _simulated(seed: int, severity: Severity, code: SheetCode, paper: Paper = "a4") -> tuple[Pixels, dict[object, int]]:
    photo, truth = simulate_photo(seed, severity, np.random.default_rng(seed), SIZE, paper, code=code)
    return np.ascontiguousarray(photo[:, :, ::-1]), {(cell.row, cell.col): cell.label for cell in truth.cells}


def _printed(sheet: Pixels, scale: float = 5) -> Pixels:
    border = round(20 * scale)
    grey = cv2.copyMakeBorder(sheet, border, border, border, border, cv2.BORDER_CONSTANT, value=(90, 90, 90))
    return np.asarray(grey, dtype=np.uint8)


def _canvas(ink: Pixels, scale: int = 5) -> Canvas:
    return Canvas(ink, scale, (0.0, 0.0))


def _blank_out(picture: Pixels, box: Box, scale: float, offset: float = 0.0) -> None:
    x, y, width, height = ((value + offset * (place < 2)) * scale for place, value in enumerate(box))
    picture[round(y) : round(y + height), round(x) : round(x + width)] = 230


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize(("severity", "paper"), [("gentle", "a4"), ("ordinary", "letter")])
def test_the_sheet_says_its_writer_and_every_label(severity: Severity, paper: Paper, turn: int, limits: Sheets) -> None:
    photo, labels = _simulated(2, severity, CODE, paper)
    found = read_template(np.ascontiguousarray(np.rot90(photo, turn)), limits)
    assert found.writer == "w07"
    assert len(found.crops) >= 97
    assert all(crop.label == labels[crop.row, crop.col] for crop in found.crops)
    assert all(reject.label == labels[reject.row, reject.col] for reject in found.rejects)


@pytest.mark.slow
@pytest.mark.parametrize("severity", get_args(Severity))
def test_a_label_is_right_or_the_cell_is_rejected_whatever_the_focus(severity: Severity, limits: Sheets) -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        code = SheetCode(f"w{seed}", tuple(sorted(rng.choice(10, rng.integers(0, 8), replace=False).tolist())))
        photo, labels = _simulated(seed, severity, code)
        found = read_template(photo, limits)
        assert all(crop.label == labels[crop.row, crop.col] for crop in found.crops)
        assert found.writer == code.writer or found.crops == []
        assert severity == "brutal" or len(found.crops) >= 97


@pytest.mark.parametrize("hidden", [0, 1])
def test_one_copy_of_the_code_is_enough(hidden: int, limits: Sheets) -> None:
    sheet = print_template(SHEET, 5)
    _blank_out(sheet, SHEET.codes[hidden], 5)
    assert read_template(_printed(sheet), limits).writer == "w07"


def test_without_its_code_a_sheet_is_rejected_whole(limits: Sheets) -> None:
    sheet = print_template(SHEET, 5)
    for box in SHEET.codes:
        _blank_out(sheet, box, 5)
    found = read_template(_printed(sheet), limits)
    assert found.crops == []
    assert [reject.reason for reject in found.rejects] == [Reason.WRONG_SHEET]
    assert "retake: the square codes" in found.rejects[0].advice


def test_a_plain_sheet_needs_no_code(limits: Sheets) -> None:
    found = read_template(_printed(print_template(geometry(), 5)), limits)
    assert found.writer is None
    assert {reject.reason for reject in found.rejects} == {Reason.BLANK}


def test_a_newer_layout_is_named(limits: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sheet_code.LAYOUT", "2")
    sheet = print_template(SHEET, 5)
    monkeypatch.undo()
    found = read_template(_printed(sheet), limits)
    assert [reject.reason for reject in found.rejects] == [Reason.WRONG_SHEET]
    assert "layout '2'" in found.rejects[0].detail
    assert "update mnist-cn" in found.rejects[0].advice


def test_sheets_of_two_writers_in_one_photo_are_rejected(limits: Sheets) -> None:
    both = [_printed(print_template(geometry(code=SheetCode(writer)), 5)) for writer in ("a", "b")]
    found = read_template(np.ascontiguousarray(np.hstack(both)), limits)
    assert found.crops == []
    assert "one sheet" in found.rejects[0].advice


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(st.floats(0, 0.9), st.floats(0, 25), st.floats(-1.2, 1.2), st.floats(-1.2, 1.2), st.integers(0, 1000))
def test_a_code_is_read_through_blur_noise_and_a_shift(
    blur_mm: float, noise: float, right: float, down: float, seed: int
) -> None:
    grey = cv2.cvtColor(print_template(SHEET, 5), cv2.COLOR_BGR2GRAY)
    moved = cv2.warpAffine(grey, np.array([[1, 0, right * 5], [0, 1, down * 5]]), grey.shape[::-1], borderValue=(240,))
    soft = cv2.GaussianBlur(255 - moved, (0, 0), max(blur_mm * 5, 0.1)).astype(np.float64)
    ink = soft + np.random.default_rng(seed).normal(0, noise, soft.shape)
    assert read_code(_canvas(np.clip(ink, 0, 255).astype(np.uint8)), SHEET) == CODE


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 10**6))
def test_noise_is_no_code(seed: int) -> None:
    ink = np.random.default_rng(seed).integers(0, 256, (1485, 1050), dtype=np.uint8)
    try:
        assert read_code(_canvas(ink), SHEET) is None
    except UnknownLayoutError:
        pytest.fail("noise was read as a code")
