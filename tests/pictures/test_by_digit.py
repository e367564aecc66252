from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.pictures import by_digit

COUNTS = np.diag(np.arange(20, 30)).astype(np.int64)


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        assert set(picture.info) == {"dpi"}
        return np.asarray(picture.convert("RGB")).astype(int)


@pytest.mark.slow
def test_picture_is_the_same_bytes_again_and_another_for_other_counts(tmp_path: Path) -> None:
    other = COUNTS.copy()
    other[4, 9] = 5
    for name, counts in (("a.png", COUNTS), ("b.png", COUNTS), ("c.png", other)):
        by_digit.draw(tmp_path / name, counts, (2, 5), "李雷 [a] $\\x$")
    first, again, changed = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert first == again != changed


@pytest.mark.slow
def test_a_digit_without_rows_and_one_never_predicted_have_no_mark(tmp_path: Path) -> None:
    counts = np.zeros((10, 10), np.int64)
    counts[3, 4] = 6
    by_digit.draw(tmp_path / "a.png", counts, (), "a")
    pixels = pixels_of(tmp_path / "a.png")
    inside = pixels[int(pixels.shape[0] * 0.2) : int(pixels.shape[0] * 0.76)]  # the axes, without legend and ticks
    for colour, digit in ((by_digit.RECALL, 3), (by_digit.PRECISION, 4)):
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        cols = np.nonzero((np.abs(inside - wanted).max(axis=2) < 8).any(axis=0))[0]
        found = {round(float(place)) for place in (cols / pixels.shape[1] - 0.12) / 0.085 - 0.5}
        assert found == {digit}


def test_tracked_digits_are_shaded(tmp_path: Path) -> None:
    by_digit.draw(tmp_path / "a.png", COUNTS, (7,), "a")
    pixels = pixels_of(tmp_path / "a.png")
    shaded = np.nonzero(np.abs(pixels[int(pixels.shape[0] * 0.6)] - (0xF0, 0xED, 0xE4)).max(axis=1) < 3)[0]
    places = (shaded / pixels.shape[1] - 0.12) / 0.085 - 0.5
    assert places.min() + 0.02 >= 6.5
    assert places.max() - 0.02 <= 7.5
