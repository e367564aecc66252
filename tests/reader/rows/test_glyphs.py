import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.reader.rows.glyphs import Glyph, join, typical_height
from pipeline.reader.strokes import Part, parts
from tests.laws import up_to
from tests.reader import drawn

Box = tuple[int, int, int, int]  # x, y, width, height
BODY: Box = (100, 100, 40, 60)


def joined(boxes: list[Box], typical: float = 60) -> list[Glyph]:
    ink = np.zeros((300, 500), np.uint8)
    for x, y, width, height in boxes:
        ink[y : y + height, x : x + width] = 255
    return join(*parts(ink, 128), typical)


def spans(glyphs: list[Glyph]) -> list[Box]:
    return sorted((glyph.x, glyph.y, glyph.width, glyph.height) for glyph in glyphs)


@pytest.mark.parametrize(
    "stroke",
    [(105, 88, 40, 5), (143, 100, 25, 5), (100, 171, 40, 8), (144, 110, 20, 5)],
    ids=["cap above", "cap that sets out to the right", "broken off below", "cap beside"],
)
def test_a_stroke_joins_its_body(stroke: Box) -> None:
    assert len(joined([BODY, stroke])) == 1


@pytest.mark.parametrize(
    "other",
    [(145, 100, 40, 60), (100, 190, 40, 60), (105, 65, 40, 5), (165, 100, 25, 5), (143, 40, 5, 50)],
    ids=["a digit close by", "a digit of the next row", "far above", "far beside", "a 1 of the row above"],
)
def test_what_is_another_digits_stays_apart(other: Box) -> None:
    assert spans(joined([BODY, other])) == sorted([BODY, other])


def test_a_stroke_between_two_bodies_goes_to_the_nearer_one_and_is_doubtful_when_neither_is_nearer() -> None:
    right = (170, 100, 40, 60)
    clear = joined([BODY, right, (143, 110, 18, 5)])  # 3 from one, 9 from the other
    assert spans(clear) == [(100, 100, 61, 60), right]
    assert not any(glyph.doubtful for glyph in clear)
    assert all(glyph.doubtful for glyph in joined([BODY, right, (146, 110, 18, 5)]))  # 6 from both


@settings(deadline=None, max_examples=up_to(60))
@given(st.lists(st.tuples(*[st.integers(0, 250), st.integers(0, 200), st.integers(1, 60), st.integers(1, 60)])))
def test_every_part_is_in_exactly_one_glyph(boxes: list[Box]) -> None:
    glyphs = joined(boxes)
    ink = np.zeros((300, 500), np.uint8)
    for x, y, width, height in boxes:
        ink[y : y + height, x : x + width] = 255
    found = [part for glyph in glyphs for part in glyph.parts]
    assert sorted(part.index for part in found) == list(range(len(parts(ink, 128)[0])))
    for glyph in glyphs:
        assert glyph.area == sum(part.area for part in glyph.parts)
        assert glyph.right == max(part.right for part in glyph.parts)
        assert glyph.bottom == max(part.bottom for part in glyph.parts)


def test_the_typical_height_is_the_digits_and_not_the_specks() -> None:
    digits = [Part(i, 50 * i, 0, 30, 60, 600) for i in range(5)]
    specks = [Part(5 + i, 3 * i, 90, 2, 2, 4) for i in range(50)]
    assert typical_height(digits + specks) == 60
    assert typical_height([]) == 0


@pytest.mark.parametrize("digit", drawn.STROKES)
@pytest.mark.parametrize("height", [24, 60, 150])
def test_each_digit_is_one_glyph_at_any_size(digit: str, height: int) -> None:
    paper = drawn.blank(3 * height, 3 * height)
    drawn.write_digit(paper, digit, height, height, height)
    found, labels = parts(255 - paper, 120)
    assert len(join(found, labels, height)) == 1
