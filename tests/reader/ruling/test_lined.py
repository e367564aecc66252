import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.reader.page import ink_map
from pipeline.reader.ruling.lined import without_ruled_lines
from pipeline.reader.strokes import parts
from tests.reader import drawn
from tests.reader.drawn_grid import Kind, lined

PALE = Kind(colour=(150, 160, 170), width=0.4)
DARK = Kind(colour=(60, 60, 60), width=0.5)


def ink_of(grey: drawn.Grey) -> NDArray[np.uint8]:
    return ink_map(np.ascontiguousarray(grey))


def on_lines(grey: drawn.Grey, kind: Kind, *, squared: bool = False, spacing: int = 60) -> NDArray[np.uint8]:
    return ink_map(np.ascontiguousarray(lined(drawn.rgb(grey), spacing, kind, 0, squared=squared)[:, :, 0]))


@pytest.mark.parametrize("rows", [["1111111111", "1111111111"], ["7777777777", "5555555555"], ["1234567890"], ["4"]])
def test_a_page_without_ruled_lines_stays_as_it_is(rows: list[str]) -> None:
    ink = ink_of(drawn.page(rows))
    assert without_ruled_lines(ink)[0] is ink


@pytest.mark.slow
@pytest.mark.parametrize("kind", [PALE, DARK])
def test_a_page_of_lines_alone_becomes_empty(kind: Kind) -> None:
    for squared in (False, True):
        left, _ = without_ruled_lines(on_lines(drawn.blank(500, 800), kind, squared=squared))
        assert (left > 60).mean() < 0.0005


@pytest.mark.slow
@pytest.mark.parametrize("kind", [PALE, DARK])
def test_a_stroke_that_crosses_a_line_stays_whole(kind: Kind) -> None:
    page = drawn.page(["1478", "0369"])
    left, _ = without_ruled_lines(on_lines(page, kind))
    pieces, _ = parts(left, 100)
    written, _ = parts(ink_of(page), 100)
    whole = [part for part in pieces if part.area > 30]
    assert len(whole) == len(written)
    for one, other in zip(sorted(part.x for part in whole), sorted(part.x for part in written), strict=True):
        assert abs(one - other) <= 3


def test_what_was_written_is_left() -> None:
    page = drawn.page(["1234567890", "2580147369"])
    alone = ink_of(page) > 110
    left = without_ruled_lines(on_lines(page, PALE))[0] > 110
    assert (left & alone).sum() > 0.97 * alone.sum()
    assert (left & ~alone).sum() < 0.03 * alone.sum()


def test_wobbly_and_slanted_lines_go_too() -> None:
    page = drawn.page(["123456", "567890"])
    ink = on_lines(page, Kind(colour=(80, 80, 80), width=0.4, wobble=0.25))
    left, _ = without_ruled_lines(np.ascontiguousarray(ink[20:-20, 20:-20]))
    assert (left > 110).sum() < 1.05 * (ink_of(page) > 110).sum()
