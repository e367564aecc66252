from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.calibration import bins
from pipeline.pictures import reliability

SURE = np.array([0.2, 0.55, 0.6, 0.9, 0.95, 1.0, 1.0, 1.0])
RIGHT = np.array([False, True, False, True, True, True, True, True])


@pytest.mark.slow
def test_picture_is_the_same_bytes_again_and_another_for_other_bins(tmp_path: Path) -> None:
    before = bins(SURE, RIGHT)
    for name, after in (("a.png", before), ("b.png", before), ("c.png", bins(SURE**2, RIGHT))):
        reliability.draw(tmp_path / name, before, after, 0.57, "李雷 [a] $\\x$")
    first, again, other = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert first == again != other


@pytest.mark.slow
def test_a_single_digit_can_be_drawn(tmp_path: Path) -> None:
    one = bins(np.ones(1), np.ones(1, bool))
    reliability.draw(tmp_path / "a.png", one, one, 1.0, "a")
    with Image.open(tmp_path / "a.png") as picture:
        assert set(picture.info) == {"dpi"}


def test_each_series_bars_stand_in_their_bins(tmp_path: Path) -> None:
    low, high = bins(np.full(9, 0.5), np.ones(9, bool)), bins(np.full(9, 0.97), np.ones(9, bool))
    reliability.draw(tmp_path / "a.png", low, high, 1.0, "a")
    with Image.open(tmp_path / "a.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    height, width = pixels.shape[:2]
    lower = pixels[int(height * 0.75) : int(height * 0.9)]
    for colour, confidence in ((reliability.BEFORE, 0.5), (reliability.AFTER, 0.97)):
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        cols = np.nonzero((np.abs(lower - wanted).max(axis=2) < 8).all(axis=0))[0]
        places = (cols / width - 0.12) / 0.83 * 1.01
        assert np.abs(places - confidence).max() < 1 / 15, colour
        assert len(cols) > 5
