"""The printable sheet: geometry and PDF."""

import re
from pathlib import Path

import pytest

from pipeline.pictures.template_pdf import marker_modules, write_pdf
from pipeline.template import PAGES_MM, Paper, Template, geometry

PAPERS: tuple[Paper, ...] = ("a4", "letter")
PRINTER_MARGIN_MM = 6.5  # what home printers cannot reach


def _from_first_marker(template: Template) -> list[tuple[float, ...]]:
    left, top = template.markers[0].box_mm[:2]
    boxes = [marker.box_mm for marker in template.markers] + [cell.box_mm for cell in template.cells]
    return [(round(x - left, 3), round(y - top, 3), width, height) for x, y, width, height in boxes]


def test_cells_lie_alike_relative_to_the_markers_on_every_paper() -> None:
    assert _from_first_marker(geometry("a4")) == _from_first_marker(geometry("letter"))


@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_overlaps_and_all_is_printable(paper: Paper) -> None:
    template = geometry(paper)
    boxes = [*(cell.box_mm for cell in template.cells), *(m.box_mm for m in template.markers), *template.hints]
    for i, (x, y, width, height) in enumerate(boxes):
        assert min(x, y) >= PRINTER_MARGIN_MM
        assert x + width <= template.page_mm[0] - PRINTER_MARGIN_MM
        assert y + height <= template.page_mm[1] - PRINTER_MARGIN_MM
        for left, top, wide, high in boxes[:i]:
            assert x >= left + wide or left >= x + width or y >= top + high or top >= y + height


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


def test_markers_in_the_pdf_are_those_that_opencv_reads() -> None:
    import cv2
    import numpy as np

    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50))
    for marker in geometry().markers:
        modules = np.where(marker_modules(marker.id), 0, 255).astype(np.uint8)
        picture = np.pad(np.kron(modules, np.ones((10, 10), np.uint8)), 30, constant_values=255)
        _, ids, _ = detector.detectMarkers(picture)
        assert np.ravel(ids).tolist() == [marker.id]
