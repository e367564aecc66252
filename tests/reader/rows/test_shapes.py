import cv2
import numpy as np
import pytest

from pipeline.reader.rows.glyphs import Glyph
from pipeline.reader.rows.shapes import no_writing, shape_of
from pipeline.reader.strokes import parts
from tests.reader import drawn


def glyph_of(ink: np.ndarray) -> tuple[Glyph, np.ndarray]:
    found, labels = parts(ink, 120)
    return Glyph(tuple(found)), labels


def strip(length: int, width: int) -> np.ndarray:
    ink = np.zeros((60, length + 40), np.uint8)
    ink[20 : 20 + width, 20 : 20 + length] = 255
    return ink


@pytest.mark.parametrize(("length", "width"), [(100, 4), (150, 9), (80, 2)])
def test_a_strips_length_and_width_are_measured(length: int, width: int) -> None:
    shape = shape_of(*glyph_of(strip(length, width)))
    assert shape.stroke == pytest.approx(width, abs=1.0)
    assert shape.length == pytest.approx(length, rel=1.1 / width)


@pytest.mark.parametrize("digit", drawn.STROKES)
def test_every_digit_is_writing_and_longer_lines_than_any_are_not(digit: str) -> None:
    paper = drawn.blank(200, 200)
    drawn.write_digit(paper, digit, 60, 60)
    shape = shape_of(*glyph_of(255 - paper))
    assert no_writing(shape, shape.stroke) is None
    for y in range(60, 120, 6):  # struck out
        cv2.line(paper, (55, y), (105, y + 4), drawn.PEN, 3)
    assert "scribble" in str(no_writing(shape_of(*glyph_of(255 - paper)), shape.stroke))


def test_a_hole_in_the_paper_is_a_blot_and_an_open_ring_is_not() -> None:
    paper = drawn.blank(200, 200)
    cv2.circle(paper, (100, 100), 25, drawn.PEN, -1)
    shape = shape_of(*glyph_of(255 - paper))
    assert "blot" in str(no_writing(shape, shape.stroke))
    ring = drawn.blank(200, 200)
    cv2.circle(ring, (100, 100), 25, drawn.PEN, 12)
    shape = shape_of(*glyph_of(255 - ring))
    assert no_writing(shape, shape.stroke) is None


@pytest.mark.parametrize("ratio", [0.3, 3.0])
def test_a_line_of_another_pen_is_no_writing_of_this_row(ratio: float) -> None:
    shape = shape_of(*glyph_of(strip(100, 6)))
    assert no_writing(shape, shape.stroke) is None
    assert "another pen" in str(no_writing(shape, shape.stroke / ratio))
