"""The printable sheet: geometry and PDF."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.pictures.template_pdf import write_pdf
from pipeline.sheet_code import SheetCode
from pipeline.template import PAGES_MM, Box, Paper, Template, geometry

PAPERS: tuple[Paper, ...] = ("a4", "letter")
PRINTER_MARGIN_MM = 6.5  # what home printers cannot reach


def _boxes(template: Template) -> list[Box]:
    """Where all but codes is printed."""
    places = [cell.box_mm for cell in template.cells] + [marker.box_mm for marker in template.markers]
    return places + [hint.box_mm for hint in template.hints]


def _from_first_marker(template: Template) -> list[tuple[float, ...]]:
    left, top = template.markers[0].box_mm[:2]
    boxes = [marker.box_mm for marker in template.markers] + [cell.box_mm for cell in template.cells]
    return [(round(x - left, 3), round(y - top, 3), width, height) for x, y, width, height in boxes]


def test_cells_lie_alike_relative_to_the_markers_on_every_paper() -> None:
    assert _from_first_marker(geometry("a4")) == _from_first_marker(geometry("letter"))


@pytest.mark.parametrize("code", [None, SheetCode("w07", (2, 5, 7, 9)), SheetCode(None, (1,))])
@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_overlaps_and_all_is_printable(paper: Paper, code: SheetCode | None) -> None:
    template = geometry(paper, code)
    boxes = [*_boxes(template), *template.codes]
    assert len(template.codes) == (0 if code is None else 2)
    for i, (x, y, width, height) in enumerate(boxes):
        assert min(x, y) >= PRINTER_MARGIN_MM
        assert x + width <= template.page_mm[0] - PRINTER_MARGIN_MM
        assert y + height <= template.page_mm[1] - PRINTER_MARGIN_MM
        for left, top, wide, high in boxes[:i]:
            assert x >= left + wide or left >= x + width or y >= top + high or top >= y + height


@pytest.mark.parametrize("paper", PAPERS)
def test_white_is_left_around_every_code(paper: Paper) -> None:
    template = geometry(paper, SheetCode("w07"))
    others = _boxes(template)
    for x, y, side, _ in template.codes:
        quiet = 4 * side / 21  # ISO/IEC 18004: four modules
        for left, top, wide, high in others:
            outside = x - quiet >= left + wide or left >= x + side + quiet
            assert outside or y - quiet >= top + high or top >= y + side + quiet


def test_a_sheet_with_a_code_has_its_boxes_where_the_plain_one_has() -> None:
    plain, coded = geometry(), geometry(code=SheetCode("w07", (2, 5, 7, 9)))
    assert [cell.box_mm for cell in plain.cells] == [cell.box_mm for cell in coded.cells]
    assert [marker.id for marker in coded.markers] == [4, 5, 6, 7]
    assert [marker.box_mm for marker in plain.markers] == [marker.box_mm for marker in coded.markers]


@given(st.sets(st.integers(0, 9)))
def test_each_box_is_preceded_by_the_hint_of_its_digit(focus: set[int]) -> None:
    template = geometry(code=SheetCode("w07", tuple(sorted(focus))))
    starts = {(round(hint.box_mm[0]), round(hint.box_mm[1])): hint.label for hint in template.hints}
    assert len(starts) == len(template.hints)
    for cell in template.cells:
        x, y, _, height = cell.box_mm
        before = [
            hint
            for hint in template.hints
            if hint.box_mm[0] < x and y - 5 < hint.box_mm[1] < y + height  # in its row: beside the row or above it
        ]
        assert max(before, key=lambda hint: hint.box_mm[0]).label == cell.label


def test_rows_are_the_digits_and_markers_go_clockwise() -> None:
    template = geometry()
    assert [(c.row, c.col, c.label) for c in template.cells] == [(r, c, r) for r in range(10) for c in range(10)]
    x, y = zip(*(marker.box_mm[:2] for marker in template.markers), strict=True)
    assert [marker.id for marker in template.markers] == [0, 1, 2, 3]
    assert x[0] == x[3] < x[1] == x[2]
    assert y[0] == y[1] < y[2] == y[3]


@pytest.mark.parametrize("paper", PAPERS)
def test_json_has_the_promised_shape(paper: Paper) -> None:
    content = geometry(paper).as_json()
    assert list(content) == ["page_mm", "cells"]
    assert content["page_mm"] == list(PAGES_MM[paper])
    cells = content["cells"]
    assert isinstance(cells, list)
    assert len(cells) == 100
    for cell in cells:
        assert list(cell) == ["row", "col", "label", "box_mm"]
        assert len(cell["box_mm"]) == 4


def test_json_of_a_sheet_with_a_code_says_where_it_is() -> None:
    content = geometry(code=SheetCode("w07", (9,))).as_json()
    assert list(content) == ["page_mm", "cells", "code"]
    assert content["code"] == {"text": "1200W07", "boxes_mm": [[160.0, 15.9, 21.0, 21.0], [29.0, 257.7, 21.0, 21.0]]}


@pytest.mark.parametrize("paper", PAPERS)
def test_pdf_is_one_page_of_true_size_and_the_same_bytes_twice(paper: Paper, tmp_path: Path) -> None:
    write_pdf(geometry(paper), tmp_path / "one.pdf")
    write_pdf(geometry(paper), tmp_path / "two.pdf")
    content = (tmp_path / "one.pdf").read_bytes()
    assert content == (tmp_path / "two.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", content)) == 1
    size = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content)
    assert size is not None
    assert [float(side) / 72 * 25.4 for side in size.groups()] == pytest.approx(PAGES_MM[paper], abs=0.01)


@pytest.mark.parametrize("code", [None, SheetCode("w07", (2, 5, 7, 9))])
def test_the_squares_in_the_pdf_are_those_that_opencv_reads(code: SheetCode | None, tmp_path: Path) -> None:
    template = geometry(code=code)
    write_pdf(template, tmp_path / "sheet.pdf")
    picture = _black_and_white_of((tmp_path / "sheet.pdf").read_bytes().decode("latin-1"), 8)
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50))
    quads, ids, _ = detector.detectMarkers(picture)
    assert sorted(np.ravel(ids).tolist()) == [marker.id for marker in template.markers]
    for marker, quad in zip(np.ravel(ids).tolist(), quads, strict=True):
        wanted = template.markers[int(marker) % 4].corners_mm
        assert np.abs((quad.reshape(4, 2) + 0.5) / 8 - np.array(wanted)).max() < 0.2
    for x, y, side, _ in template.codes:
        rows, cols = (slice(round((start - 4) * 8), round((start + side + 4) * 8)) for start in (y, x))
        text, _, _ = cv2.QRCodeDetector().detectAndDecode(picture[rows, cols])
        assert code is not None
        assert text == code.text()


def _black_and_white_of(pdf: str, scale: int) -> NDArray[np.uint8]:
    """Paint the filled rectangles of a page, at so many pixels a mm."""
    picture = np.full((297 * scale, 210 * scale), 255, np.uint8)
    shade = 0
    for line in pdf.splitlines():
        words = line.split()
        if len(words) == 2 and words[1] == "g":
            shade = round(255 * float(words[0]))
        elif words[-3:] == ["re", "f", "n"] or words[-2:] == ["re", "f"] or words[-2:] == ["re", "f*"]:
            x, y, width, height = (float(word) * scale for word in words[words.index("re") - 4 : words.index("re")])
            picture[round(y) : round(y + height), round(x) : round(x + width)] = shade
    return picture


@given(focus=st.sets(st.integers(0, 9), min_size=1, max_size=9))
def test_in_a_row_of_several_digits_every_box_has_a_hint_of_its_own(focus: set[int]) -> None:
    template = geometry(code=SheetCode(focus=tuple(sorted(focus))))
    rows = [[cell for cell in template.cells if cell.row == row] for row in range(10)]
    asked = sum(10 if len({cell.label for cell in row}) > 1 else 1 for row in rows)
    assert len(template.hints) == asked
