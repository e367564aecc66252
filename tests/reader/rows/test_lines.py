import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.reader.rows.glyphs import Glyph
from pipeline.reader.rows.lines import rows_of
from pipeline.reader.strokes import Part
from tests.laws import up_to

TYPICAL = 60


def glyph(index: int, x: float, y: float, height: int = TYPICAL, width: int = 35) -> Glyph:
    return Glyph((Part(index, round(x), round(y), width, height, width * height),))


@st.composite
def writing(draw: st.DrawFn) -> tuple[list[list[Glyph]], list[Glyph]]:
    """Rows of 3 to 15 glyphs that slant, hang and waver, and the same glyphs shuffled."""
    slant, bend = draw(st.floats(-0.12, 0.12)), draw(st.floats(-60, 60))
    step = draw(st.integers(55, 110))
    seed = draw(st.integers(0, 2**31))
    wavers = np.random.default_rng(seed)
    rows, index = [], 0
    for row, length in enumerate(draw(st.lists(st.integers(3, 15), min_size=1, max_size=5))):
        places = []
        for col in range(length):
            x = 40 + step * col + wavers.uniform(-8, 8)
            y = 300 + 160 * row + slant * x + bend * np.sin(np.pi * x / 1200) + wavers.uniform(-6, 6)
            places.append(glyph(index, x, y, round(TYPICAL * wavers.uniform(0.8, 1.2))))
            index += 1
        rows.append(places)
    everything = [found for places in rows for found in places]
    return rows, [everything[i] for i in wavers.permutation(index)]


@settings(deadline=None, max_examples=up_to(60))
@given(writing())
def test_rows_are_found_complete_and_in_order_however_they_slant_and_bend(
    written: tuple[list[list[Glyph]], list[Glyph]],
) -> None:
    rows, shuffled = written
    assert rows_of(shuffled, TYPICAL) == rows


@settings(deadline=None, max_examples=up_to(60))
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=25), st.floats(5, 200))
def test_no_glyph_is_lost_or_read_twice_and_each_row_goes_right(places: list[tuple[int, int]], typical: float) -> None:
    glyphs = [glyph(index, x, y) for index, (x, y) in enumerate(places)]
    rows = rows_of(glyphs, typical)
    found = sorted(one.parts[0].index for row in rows for one in row)
    assert found == list(range(len(glyphs)))
    for row in rows:
        across = [one.centre[0] for one in row]
        assert across == sorted(across)


def test_a_wide_gap_does_not_end_a_row() -> None:
    row = [glyph(i, x, 100) for i, x in enumerate([0, 70, 140, 480, 550, 620])]
    assert rows_of(row, TYPICAL) == [row]


@pytest.mark.parametrize("count", [0, 1])
def test_few_glyphs(count: int) -> None:
    glyphs = [glyph(i, 100, 100) for i in range(count)]
    assert rows_of(glyphs, TYPICAL) == [[one] for one in glyphs]
