"""Pages without the template: what is asked for is what is written."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from pipeline.simulate.marks import Mark
from pipeline.simulate.pages import Page, write_page
from pipeline.simulate.severity import SEVERITIES, Layout, Severity
from pipeline.simulate.streams import Streams

PAGES: tuple[Layout, ...] = ("rows", "lined", "grid")
LONG = 300  # pixels: only the marks are looked at, and these are in mm


@cache
def _page(layout: Layout, seed: int, severity: Severity = "ordinary") -> Page:
    return write_page(layout, seed, LONG, SEVERITIES[severity], Streams(np.random.default_rng(seed), layout))


def _middle(mark: Mark) -> np.ndarray:
    assert mark.ink is not None
    return np.asarray(mark.ink.mean(axis=0))


@pytest.mark.first_quick
@pytest.mark.parametrize("layout", PAGES)
@pytest.mark.parametrize("seed", range(3))
def test_each_row_says_its_digits_in_reading_order(layout: Layout, seed: int) -> None:
    page = _page(layout, seed)
    marks = page.drawn.marks
    for row, string in enumerate(page.strings):
        line = [mark for mark in marks if mark.row == row]
        assert "".join(str(mark.label) for mark in line) == string
        assert [mark.col for mark in line] == list(range(len(line)))
        written = [_middle(mark)[0] for mark in line if mark.state == "digit"]
        assert all(left < right for left, right in pairwise(written))
    tops = [np.mean([_middle(m)[1] for m in marks if m.row == row and m.ink is not None]) for row in range(3)]
    assert tops == sorted(tops)
    if page.label is not None:
        assert {mark.label for mark in marks} == {page.label}


@pytest.mark.slow
@pytest.mark.parametrize("layout", PAGES)
@pytest.mark.parametrize("severity", list(SEVERITIES))
def test_nothing_is_written_off_the_page_and_all_of_it_is_meant_to_be_in_the_photo(
    layout: Layout, severity: Severity
) -> None:
    for seed in range(3):
        page = _page(layout, seed, severity)
        boxes = np.array([mark.ink for mark in page.drawn.marks if mark.ink is not None])
        assert boxes.min() >= 0
        assert (boxes <= np.array(page.drawn.page_mm)).all()
        if not SEVERITIES[severity].cut:
            left, top, right, bottom = page.window
            assert (boxes >= (left, top)).all()
            assert (boxes <= (right, bottom)).all()


@pytest.mark.slow
@pytest.mark.parametrize("severity", list(SEVERITIES))
def test_a_table_holds_each_digit_in_its_cell(severity: Severity) -> None:
    for seed in range(3):
        page = _page("grid", seed, severity)
        for mark in page.drawn.marks:
            assert mark.cell is not None
            if mark.state == "digit":
                assert (mark.cell.min(axis=0) < _middle(mark)).all()
                assert (_middle(mark) < mark.cell.max(axis=0)).all()
        states = [mark.state for mark in page.drawn.marks]
        spoilt = sum(state != "digit" for state in states)
        assert spoilt == round(SEVERITIES[severity].spoilt * len(states))


@pytest.mark.slow
def test_lined_paper_has_lines_under_the_rows() -> None:
    page = write_page("lined", 2, 2400, SEVERITIES["gentle"], Streams(np.random.default_rng(2), "lined"))
    drawn = page.drawn
    across = drawn.picture.min(axis=2).astype(float)[:, -30:].mean(axis=1)  # nothing is written at the right edge
    ruled = np.flatnonzero(across < across.max() - 15) / drawn.scale
    feet = [np.median([m.ink[3, 1] for m in drawn.marks if m.row == row and m.ink is not None]) for row in range(3)]
    assert len(ruled) > 5
    for foot in feet:
        assert np.abs(ruled - foot).min() < 1.5


@pytest.mark.slow
def test_harder_severities_let_digits_touch_and_leave_their_cells() -> None:
    def outside(severity: Severity) -> float:
        marks = [mark for seed in range(3) for mark in _page("grid", seed, severity).drawn.marks]
        inks = [(m.ink, m.cell) for m in marks if m.state == "digit" and m.ink is not None and m.cell is not None]
        return float(np.mean([(ink.min(axis=0) < cell.min(axis=0)).any() for ink, cell in inks]))

    assert outside("gentle") <= outside("ordinary") < outside("brutal")
