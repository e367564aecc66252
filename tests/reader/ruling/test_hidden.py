import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader.records import Ink
from pipeline.reader.ruling.erasing import erase
from pipeline.reader.ruling.hidden import LONE, Colour, Hidden, hidden_strokes, lacks_stroke, lone
from pipeline.reader.ruling.ridges import Line
from pipeline.reader.ruling.tracing import trace

LINE, PEN, WIDTH, Y = 70, 200, 6, 100  # ink, ink, pixels, row of the ruled line
Stroke = tuple[tuple[int, int], ...]
FAR: tuple[Stroke, ...] = (((40, 30), (80, 30)), ((560, 30), (520, 60)))  # shows the pen


def ruled(*strokes: Stroke, line: int = LINE) -> tuple[Ink, Hidden]:
    """Write strokes on a ruled line, take the line out, and return what is left and where it may hide a stroke."""
    clear = np.full((200, 600), 255, np.float64)
    for drawn, level, width in (((((0, Y), (600, Y)),), line, 3), ((*FAR, *strokes), PEN, WIDTH)):
        ink = np.zeros(clear.shape, np.uint8)
        for stroke in drawn:
            cv2.polylines(ink, [np.array(stroke, np.int32)], False, level, width)
        clear *= 1 - cv2.GaussianBlur(ink, (0, 0), 1) / 255
    noise = np.random.default_rng(0).normal(0, 2, clear.shape)
    seen = np.clip(255 - clear + noise, 0, 255).astype(np.uint8)
    across = [Line(0, np.full(600, float(Y)), np.ones(600, bool), float(line))]
    left, _, hidden = erase(seen, across, [], factor=1, window=150)
    return left, hidden


@pytest.mark.parametrize("x", [150, 300, 450])
def test_strokes_that_cross_a_line_or_end_on_it_are_not_hidden(x: int) -> None:
    for stroke in (((x, 50), (x, 150)), ((x, 50), (x, Y)), ((x - 20, 60), (x + 20, 140)), ((x, Y), (x + 20, 150))):
        _, hidden = ruled(stroke)
        assert not hidden.any()


@pytest.mark.parametrize(("length", "found"), [(0, False), (WIDTH, False), (5 * WIDTH, True)])
def test_a_stroke_that_was_taken_out_along_a_line_is_hidden(length: int, *, found: bool) -> None:
    ink = np.random.default_rng(0).integers(0, 4, (200, 600)).astype(np.uint8)
    ink[Y - 2 : Y + 3] = LINE
    ink[Y - 3 : Y + 3, 300 : 300 + length] = PEN
    across = Line(0, np.full(600, float(Y)), np.ones(600, bool), float(LINE))
    band, nothing = trace(ink, across, 16, 150), np.zeros(ink.shape, bool)
    taken, colours = np.ones(ink.shape, np.float32), [Colour(ink, PEN)]
    hidden = hidden_strokes(colours, taken, nothing, others=nothing, bands=[band], width=WIDTH)
    assert hidden.any() == found
    if found:
        columns = np.flatnonzero(hidden.any(axis=0))
        assert abs(columns[0] - 300) <= WIDTH
        assert abs(columns[-1] - 300 - length) <= WIDTH
        assert (lone(hidden, nothing, WIDTH)[hidden > 0] == LONE).all()
        assert (lone(hidden, ~nothing, WIDTH)[hidden > 0] == 1).all()


@pytest.mark.slow
def test_a_foot_on_a_line_is_left_or_its_digit_is_known_to_lack_it() -> None:
    for line in range(40, 240, 20):
        left, hidden = ruled(((300, 50), (300, Y), (350, Y)), line=line)
        foot = (left[Y - 3 : Y + 4, 310:346].max(axis=0) > PEN / 2).mean()
        digit = left[40:95, 290:360] > PEN / 2
        assert foot > 0.8 or lacks_stroke(digit, hidden, (40, 290), WIDTH), line


digit_sizes = st.integers(8, 60)


@given(digit_sizes, digit_sizes, st.integers(-70, 70), st.integers(-70, 70), st.sampled_from([1, LONE]))
def test_only_hidden_strokes_nearby_are_lacking(height: int, width: int, down: int, right: int, kind: int) -> None:
    hidden = np.zeros((200, 200), np.uint8)
    y, x = np.clip(100 + down, 0, 199), np.clip(100 + right, 0, 199)
    hidden[y, x] = kind
    digit = np.ones((height, width), bool)
    away = max(100 - y, y - (100 + height - 1), 100 - x, x - (100 + width - 1), 0)
    near = 4 if kind == 1 else max(round(0.3 * height), 4)
    assert lacks_stroke(digit, hidden, (100, 100), 4.0) == (away <= near)


def test_a_digit_at_the_pictures_edge_is_looked_at_too() -> None:
    hidden = np.zeros((30, 30), np.uint8)
    hidden[29] = 1
    assert lacks_stroke(np.ones((10, 10), bool), hidden, (20, 0), 3.0)
    assert not lacks_stroke(np.ones((10, 10), bool), hidden, (0, 20), 3.0)
    assert not lacks_stroke(np.zeros((10, 10), bool), hidden, (20, 0), 3.0)
