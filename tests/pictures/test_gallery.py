from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.pictures import gallery

readings = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([0.4, 0.5, 0.9, 1.0])), min_size=1, max_size=80
)


def read_of(rows: list[tuple[int, int, float]], seed: int = 0) -> gallery.Read:
    labels, predictions, confidence = (np.array(column) for column in zip(*rows, strict=True))
    images = np.random.default_rng(seed).integers(0, 256, (len(rows), 28, 28), dtype=np.uint8)
    return gallery.Read(images, labels, predictions, confidence.astype(np.float32))


@given(readings)
def test_wrong_digits_come_most_confident_first_and_none_is_forgotten(rows: list[tuple[int, int, float]]) -> None:
    wrong = [place for place, (label, prediction, _) in enumerate(rows) if label != prediction]
    expected = sorted(wrong, key=lambda place: (-rows[place][2], place))[:25]
    assert gallery.worst_wrong(read_of(rows)).tolist() == expected


@given(readings)
def test_right_digits_come_least_confident_first_and_none_is_forgotten(rows: list[tuple[int, int, float]]) -> None:
    right = [place for place, (label, prediction, _) in enumerate(rows) if label == prediction]
    expected = sorted(right, key=lambda place: (rows[place][2], place))[:25]
    assert gallery.closest_right(read_of(rows)).tolist() == expected


@given(st.integers(1, 25))
def test_each_digit_lies_whole_in_its_own_tile(count: int) -> None:
    images = np.random.default_rng(count).integers(1, 256, (count, 28, 28), dtype=np.uint8)
    tiles = gallery.tiled(images)
    for place, image in enumerate(images):
        row, col = divmod(place, 5)
        tile = tiles[row * gallery.TILE_HEIGHT :, col * gallery.TILE_WIDTH :][
            : gallery.TILE_HEIGHT, : gallery.TILE_WIDTH
        ]
        np.testing.assert_array_equal(tile[1:29, 4:32], image)
        around = np.ones(tile.shape, dtype=bool)
        around[1:29, 4:32] = False
        assert set(np.unique(tile[around])) == {0, gallery.FRAME}


@pytest.mark.parametrize(
    ("number", "n", "expected"),
    [
        (0, 0, "no test digits"),
        (0, 1000, "none of 1,000 test digits read wrong"),
        (25, 1000, "25 of 1,000 test digits read wrong, the most confident first"),
        (1026, 10000, "1,026 of 10,000 test digits read wrong, the 25 most confident"),
    ],
)
def test_sentence_says_how_many_of_how_many(number: int, n: int, expected: str) -> None:
    assert gallery.sentence(number, n, "wrong", "most") == expected


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(0.5, "7 read as 1, 50.0%"), (0.99949, "7 read as 1, 99.9%"), (1.0, "7 read as 1, over 99.9%")],
)
def test_caption_never_claims_certainty(confidence: float, expected: str) -> None:
    assert gallery.caption(7, 1, confidence) == expected


@pytest.mark.slow
def test_picture_is_the_same_bytes_again_and_says_nothing_of_when(tmp_path: Path) -> None:
    rows = [(d % 10, (d + 1) % 10, 0.5) for d in range(7)]
    for name, seed in (("a.png", 0), ("b.png", 0), ("c.png", 1)):
        gallery.draw_wrong(tmp_path / name, read_of(rows, seed), "mnist")
    first, again, other = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert first == again != other
    with Image.open(tmp_path / "a.png") as picture:
        assert set(picture.info) == {"dpi"}


def test_no_wrong_digit_still_gives_a_picture(tmp_path: Path) -> None:
    gallery.draw_wrong(tmp_path / "none.png", read_of([(1, 1, 0.9)]), "mnist")
    with Image.open(tmp_path / "none.png") as picture:
        assert picture.width == 960
        assert picture.height < 100
        assert np.asarray(picture.convert("L")).min() < 128  # the sentence
