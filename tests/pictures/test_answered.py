import numpy as np
import pytest

from pipeline.pictures.answered import LONGEST, UNSURE, Said, answered
from pipeline.pictures.contact import BAD, GOOD

BOX = np.array([(60, 50), (100, 50), (100, 110), (60, 110)], np.float32)


def colours(said: list[Said], height: int = 200, width: int = 300) -> set[tuple[int, ...]]:
    picture = np.asarray(answered(np.full((height, width, 3), 255, np.uint8), said))
    return {tuple(int(part) for part in pixel) for pixel in picture.reshape(-1, 3)} & {GOOD, BAD, UNSURE}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("confidence", "sure", "colour"), [(0.9, True, GOOD), (0.3, False, UNSURE), (None, False, BAD)]
)
def test_colour_tells_read_from_unsure_from_reject(
    confidence: float | None, sure: bool, colour: tuple[int, ...]
) -> None:
    assert colours([Said(BOX, "7", confidence, sure)]) == {colour}
    assert colours([]) == set()


def test_the_photo_is_left_as_it_was_and_large_ones_are_reduced() -> None:
    photo = np.full((200, 300, 3), 255, np.uint8)
    before = photo.copy()
    picture = answered(photo, [Said(BOX, "7", 0.5, True)])
    np.testing.assert_array_equal(photo, before)
    assert picture.size == (300, 200)
    assert max(answered(np.zeros((2 * LONGEST, 40, 3), np.uint8), []).size) == LONGEST


def test_the_digit_stands_above_its_box_also_at_the_photos_edge() -> None:
    for corners in (BOX, BOX - BOX.min(axis=0)):
        plain = np.asarray(answered(np.full((200, 300, 3), 255, np.uint8), [Said(corners, "", 0.5, True)]))
        named = np.asarray(answered(np.full((200, 300, 3), 255, np.uint8), [Said(corners, "7", 0.5, True)]))
        rows, cols = np.nonzero((plain != named).any(axis=2))
        assert len(rows) > 20
        assert cols.min() >= 0
        assert rows.mean() < corners[:, 1].mean()


def test_in_a_table_the_digit_stands_in_its_own_cell() -> None:
    cells = [
        np.array([(x, y), (x + 60, y), (x + 60, y + 60), (x, y + 60)], np.float32)
        for y in (0, 60, 120)
        for x in (0, 60)
    ]
    blank = np.full((200, 150, 3), 255, np.uint8)
    plain = np.asarray(answered(blank, [Said(cell, "", None, False) for cell in cells]))
    for place, cell in enumerate(cells):
        named = [Said(one, "7" if one is cell else "", None, False) for one in cells]
        rows, cols = np.nonzero((plain != np.asarray(answered(blank, named))).any(axis=2))
        low, high = cell.min(axis=0), cell.max(axis=0)
        assert (rows >= low[1]).all(), place
        assert (rows < high[1]).all(), place
        assert (cols >= low[0]).all(), place
        assert (cols < high[0]).all(), place
