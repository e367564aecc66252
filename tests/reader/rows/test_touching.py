import pytest

from pipeline.reader.rows.glyphs import Glyph
from pipeline.reader.rows.touching import rows_with_tails
from pipeline.reader.strokes import Part

TYPICAL, PITCH, LEADING = 60, 90, 130


def glyph(index: int, x: float, y: float, height: int = TYPICAL) -> Glyph:
    return Glyph((Part(index, round(x), round(y), 35, height, 35 * height),))


def page(rows: int, cols: int, slant: float = 0.0) -> list[list[Glyph]]:
    return [
        [glyph(row * cols + col, 40 + col * PITCH, 100 + row * LEADING + slant * col * PITCH) for col in range(cols)]
        for row in range(rows)
    ]


@pytest.mark.parametrize("slant", [0.0, 0.15, -0.15])
@pytest.mark.parametrize("col", [0, 3, 7])
def test_two_digits_that_touch_from_row_to_row_count_once_in_each(slant: float, col: int) -> None:
    rows = page(3, 8, slant)
    upper = rows[0][col]
    joint = glyph(99, upper.x, upper.y, LEADING + TYPICAL)
    given = [one for row in rows for one in row if one not in (rows[0][col], rows[1][col])]
    found = rows_with_tails([*given, joint], TYPICAL)
    assert [len(row) for row in found] == [8, 8, 8]
    assert [row[col].shared for row in found] == [True, True, False]
    assert not any(one.shared for row in found for place, one in enumerate(row) if place != col)


def test_a_tall_digit_of_one_row_is_an_ordinary_one() -> None:
    rows = page(2, 8)
    rows[0][2] = glyph(99, rows[0][2].x, rows[0][2].y - 20, round(1.6 * TYPICAL))
    assert rows_with_tails([one for row in rows for one in row], TYPICAL) == rows


def test_a_row_written_large_is_a_row() -> None:
    rows = [page(1, 8)[0], [glyph(20 + col, 40 + 2 * col * PITCH, 260, 2 * TYPICAL) for col in range(4)]]
    assert rows_with_tails([one for row in rows for one in row], TYPICAL) == rows


def test_no_glyphs() -> None:
    assert rows_with_tails([], TYPICAL) == []
