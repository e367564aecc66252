import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.reports.images import COLOURS, WIDTHS, Picture, digit_png, fitted, shrunk


def picture(folder: Path, name: str = "a.png", size: tuple[int, int] = (1000, 10)) -> Picture:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    Image.fromarray(noise).save(folder / name)
    return Picture(folder / name, "what it shows", "a caption")


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_a_digit_is_black_ink_on_white_paper_pixel_by_pixel() -> None:
    image = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    assert np.array_equal(np.asarray(opened(digit_png(image))), 255 - image)


def test_a_picture_keeps_its_shape_and_loses_colours(tmp_path: Path) -> None:
    small = shrunk(picture(tmp_path), 440)
    shown = opened(small.png)
    assert shown.size == small.size == (440, 4)
    assert len(shown.convert("RGB").getcolors(1 << 16) or ()) <= COLOURS


def test_a_small_picture_is_not_made_larger_and_what_is_clear_becomes_white(tmp_path: Path) -> None:
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    small = shrunk(Picture(tmp_path / "clear.png", "", ""), 440)
    assert opened(small.png).convert("RGB").getcolors() == [(600, (255, 255, 255))]


@pytest.mark.parametrize("width", WIDTHS)
def test_all_pictures_take_the_largest_width_that_fits(width: int, tmp_path: Path) -> None:
    both = [picture(tmp_path), picture(tmp_path, "b.png")]
    needed = sum(len(shrunk(one, width).png) for one in both)
    assert [one.size[0] for one in fitted(both, needed)] == [width, width]


def test_what_never_fits_is_left_out_and_the_rest_stays(tmp_path: Path) -> None:
    first, second = picture(tmp_path), picture(tmp_path, "b.png", (100, 2))
    last = len(shrunk(second, WIDTHS[-1]).png)
    assert [one.picture for one in fitted([first, second], last)] == [second]
    assert fitted([first, second], last - 1) == []
