from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from pipeline.pictures import confusion


def counts_of(**pairs: int) -> np.ndarray:
    """counts_of(_27=3): three 2s were read as 7."""
    counts = np.zeros((10, 10), np.int64)
    for pair, count in pairs.items():
        counts[int(pair[1]), int(pair[2])] = count
    return counts


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (counts_of(_22=19, _27=1), "a\n1 error in 20 test digits, accuracy 95.00% (76.39% to 99.11%)"),
        (counts_of(_22=1), "a\n0 errors in 1 test digit, accuracy 100.00% (20.65% to 100.00%)"),
    ],
)
def test_title_gives_errors_accuracy_and_interval(counts: np.ndarray, expected: str) -> None:
    assert confusion.title(counts, "a") == expected


@pytest.mark.slow
def test_picture_is_the_same_bytes_again_and_says_nothing_of_when(tmp_path: Path) -> None:
    for name, counts in (
        ("a.png", counts_of(_22=9, _27=1)),
        ("b.png", counts_of(_22=9, _27=1)),
        ("c.png", counts_of(_22=9, _72=1)),
    ):
        confusion.draw(tmp_path / name, counts, "李雷 [a] $\\x$")
    first, again, other = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert first == again != other
    with Image.open(tmp_path / "a.png") as picture:
        assert set(picture.info) == {"dpi"}


@pytest.mark.slow
def test_an_error_is_red_in_its_labels_row_and_its_predictions_column(tmp_path: Path) -> None:
    confusion.draw(tmp_path / "a.png", counts_of(_22=9, _27=1), "a")
    with Image.open(tmp_path / "a.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    rows, cols = np.nonzero(pixels[..., 0] - pixels[..., 2] > 60)
    height, width = pixels.shape[:2]  # the table fills 0.08..0.88 of the width and 0.10..0.90 of the height
    assert {int((row / height - 0.1) / 0.08) for row in rows} == {2}
    assert {int((col / width - 0.08) / 0.08) for col in cols} == {7}


def test_precision_stands_below_its_prediction_and_recall_right_of_its_label() -> None:
    axes = Figure().add_subplot()
    confusion._write_edges(axes, counts_of(_22=3, _27=1, _77=9))
    below = [text.get_text() for text in axes.get_xticklabels()]
    (right,) = axes.child_axes
    beside = [text.get_text() for text in right.get_yticklabels()]
    assert (below[2], below[7]) == ("2\n100%", "7\n90.0%")
    assert (beside[2], beside[7]) == ("75.0%", "100%")
