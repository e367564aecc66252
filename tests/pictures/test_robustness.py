from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.pictures import robustness
from tests.printed_digits import printed

ACCURACY = {"errors": 1, "accuracy": 0.9, "ci95_low": 0.6, "ci95_high": 0.98}
FOUND = {"n": 10, "mean_accuracy": 0.9, "clean": ACCURACY, "corruption": {"fog": ACCURACY}}


def red(path: Path) -> int:
    picture = np.asarray(cv2.imread(str(path)), int)
    return int(((picture[..., 2] > 150) & (picture[..., 1] < 60)).sum())


@pytest.mark.slow
def test_only_misread_digits_are_framed_and_the_bytes_are_the_same_again(tmp_path: Path) -> None:
    labels = np.arange(10)
    for name, wrong in (("right", 0), ("once", 1), ("again", 1), ("twice", 2)):
        read = labels.copy()
        read[:wrong] = 9
        tiles = {"clean": robustness.Tiles(printed(), labels), "fog": robustness.Tiles(printed(), read)}
        robustness.draw(tmp_path / f"{name}.png", tiles, labels, {"mnist": FOUND})
    assert (tmp_path / "once.png").read_bytes() == (tmp_path / "again.png").read_bytes()
    none, once, twice = (red(tmp_path / f"{name}.png") for name in ("right", "once", "twice"))
    assert twice - once > 100
    assert abs((twice - once) - (once - none)) < 40


def test_every_digit_stands_whole_in_its_tile() -> None:
    canvas = robustness.mosaic([printed()[:3], printed()[3:6]])
    assert canvas.shape == (64, 96)
    assert int(canvas.sum()) == int(printed()[:6].sum())
    np.testing.assert_array_equal(canvas[34:62, 66:94], printed()[5])


def test_an_accuracy_is_never_rounded_up_to_all() -> None:
    almost = {"errors": 1, "accuracy": 0.99996, "ci95_low": 0.9998, "ci95_high": 1.0}
    assert robustness.told(almost) == "over 99.9%  (100 to 100)"
    assert robustness.told({**almost, "errors": 0, "accuracy": 1.0}).startswith("100.0%")
