from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.pictures import preview


def family(value: int, members: int) -> np.ndarray:
    return np.full((members, 28, 28), value, np.uint8)


def test_each_digit_is_shown_where_it_belongs_and_originals_are_framed(tmp_path: Path) -> None:
    families = [[family(4 * label, 2), family(4 * label + 1, 3)] for label in range(10)]
    preview.draw(families, tmp_path / "p.png")
    picture = 255 - np.asarray(Image.open(tmp_path / "p.png")).astype(int)
    step = picture.shape[0] // 10
    for label in range(1, 10):
        line = picture[label * step + step // 2, 20:]
        side = 28 * preview.ZOOM
        assert (line == 4 * label).sum() == 2 * side
        assert (line == 4 * label + 1).sum() == 3 * side
        assert (line == 255 - 160).sum() == 8  # two originals, two sides each, two pixels wide


def test_the_same_digits_give_the_same_bytes(tmp_path: Path) -> None:
    families = [[family(200, 2)] for _ in range(10)]
    for name in ("a", "b"):
        preview.draw(families, tmp_path / f"{name}.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_nothing_to_show_is_a_picture_too(tmp_path: Path) -> None:
    preview.draw([[] for _ in range(10)], tmp_path / "p.png")
    assert Image.open(tmp_path / "p.png").size[0] > 0
