from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.pictures.suspects import Shown, draw


def shown(count: int) -> Shown:
    rng = np.random.default_rng(count)
    images = np.full((count, 28, 28), 255, dtype=np.uint8)
    labels, predictions = rng.integers(0, 10, (2, count))
    return Shown(images, labels, predictions, [0.9] * count, ["ambiguous"] * count)


@pytest.mark.parametrize("count", [0, 1, 6])
def test_every_suspect_is_drawn_and_the_same_bytes_again(count: int, tmp_path: Path) -> None:
    draw(tmp_path / "a.png", shown(count), "some: suspects")
    draw(tmp_path / "b.png", shown(count), "some: suspects")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    picture = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    blocks = cv2.connectedComponentsWithStats((picture < 40).astype(np.uint8))[2][1:]
    assert (blocks[:, cv2.CC_STAT_AREA] > 5000).sum() == count
