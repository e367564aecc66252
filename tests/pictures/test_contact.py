from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import BadInputError
from pipeline.pictures.contact import BAD, GOOD, PAPER, TILE, WIDTH, Mark, Tile, contact_sheet, save, tile_grid

CORNERS = np.array([(100, 50), (200, 50), (200, 150), (100, 150)], np.float32)
DIGIT = np.zeros((28, 28), np.uint8)
DIGIT[8:20, 13:15] = 255


def photo(height: int = 300, width: int = 500) -> np.ndarray:
    return np.full((height, width, 3), 200, np.uint8)


def colours(picture: Image.Image) -> set[tuple[int, ...]]:
    pixels = picture.getcolors(1 << 24)
    assert pixels is not None
    return {colour for _, colour in pixels if isinstance(colour, tuple)}


def has_red(picture: Image.Image) -> bool:
    return any(red > green + 80 for red, green, _ in colours(picture))  # text is smoothed: no pixel need be all BAD


@pytest.mark.slow
def test_outlines_lie_where_the_digits_are_good_ones_in_another_colour() -> None:
    for good, colour, other in ((True, GOOD, BAD), (False, BAD, GOOD)):
        sheet = contact_sheet("a", photo(), [Mark(CORNERS, "7", good)], [], [])
        pixels = np.asarray(sheet)
        found = np.argwhere((pixels == colour).all(axis=2))
        title = sheet.height - 600  # the photo is shown twice its size
        box = found[found[:, 0] >= title + 100]  # below the caption
        assert (box.min(axis=0) - (title + 100, 200)).tolist() == [0, 0]
        assert np.abs(box.max(axis=0) - (title + 300, 400)).max() <= 1
        assert other not in colours(sheet)


@pytest.mark.parametrize("count", [1, 23, 24, 460, 461])
def test_every_digit_has_its_tile(count: int) -> None:
    page = np.asarray(tile_grid([Tile(DIGIT, "")] * count).convert("L"))
    assert page.shape[1] == WIDTH
    black = (page == 0).sum()
    enlarged = (np.asarray(Image.fromarray(DIGIT).resize((TILE, TILE), Image.Resampling.NEAREST)) == 255).sum()
    assert black == count * enlarged


@pytest.mark.slow
def test_each_reject_has_a_line_and_a_photo_that_was_not_decoded_has_its_reason_alone() -> None:
    none, one, two = (contact_sheet("a", None, [], [], ["x: y"] * count) for count in range(3))
    assert none.height < one.height < two.height
    assert has_red(two)
    assert not has_red(none)
    assert {none.width, one.width, two.width} == {WIDTH}


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (400, 1)])
def test_any_photo_can_be_drawn(shape: tuple[int, int]) -> None:
    sheet = contact_sheet("a", photo(*shape), [Mark(CORNERS, "7", True)], [Tile(DIGIT, "7")], ["note"])
    assert sheet.width == WIDTH
    assert sheet.height < 4 * WIDTH
    assert PAPER in colours(sheet)


def test_names_in_any_script_can_be_drawn() -> None:
    sheet = contact_sheet("\u624b\u5199/\u5b57 1.jpg: 3 digits", photo(), [], [], ["\u5b57: \u2026"])
    assert sheet.width == WIDTH


@pytest.mark.parametrize("name", ["picture", "picture.pdf", "picture.jpg.txt"])
def test_a_name_that_is_no_pictures_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="expected a picture's name"):
        save(Image.new("RGB", (8, 8)), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_the_same_picture_is_the_same_bytes_and_says_nothing_of_when(tmp_path: Path) -> None:
    for name, caption in (("a.jpg", "7"), ("b.jpg", "7"), ("c.jpg", "1")):
        save(contact_sheet("a", photo(), [Mark(CORNERS, caption, True)], [Tile(DIGIT, caption)], []), tmp_path / name)
    first, again, other = ((tmp_path / name).read_bytes() for name in ("a.jpg", "b.jpg", "c.jpg"))
    assert first == again != other
    assert b"Exif" not in first
