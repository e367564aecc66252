import random

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import params
from pipeline.learning.augmentation import draws, paper
from pipeline.learning.augmentation.tiles import KEYS, canvas_of, tiles_of
from tests.params_file import ROOT

DEFAULTS = params.load(ROOT / "params.yaml").augment
KEYS_OF_MANY = draws.keys_of(np.arange(20000, dtype=np.uint64), 1, 0)


def laid(tiles: np.ndarray, **settings: float) -> np.ndarray:
    transform = paper.Paper(DEFAULTS.model_copy(update=settings))
    keys = KEYS_OF_MANY[: len(tiles)]
    return np.asarray(tiles_of(transform(**{"image": canvas_of(tiles), KEYS: keys})["image"]))


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_ink_stays_ink_and_nothing_becomes_lighter(seed: int, level: float) -> None:
    tiles = np.random.default_rng(seed).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    tiles[:, :2] = 255
    made = laid(tiles, paper_probability=1, paper_level=level)
    assert (made[:, :2] == 255).all()
    assert (made >= tiles).all()


def test_the_same_paper_keeps_the_order_of_two_pixels() -> None:
    levels = np.broadcast_to(np.arange(0, 252, 9, dtype=np.uint8)[:, None, None], (28, 28, 28))
    one_key = np.repeat(KEYS_OF_MANY[7], 28)
    transform = paper.Paper(DEFAULTS.model_copy(update={"paper_probability": 1}))
    made = tiles_of(transform(**{"image": canvas_of(np.ascontiguousarray(levels)), KEYS: one_key})["image"])
    assert (np.diff(made.astype(int), axis=0) >= 0).all()
    assert made[0].max() > 0


def test_paper_is_the_corners_blended_as_opencv_enlarges_two_by_two_pixels() -> None:
    corners = np.array([[0.8, 0.4, 0.5, 0.6]], np.float32)
    made = (corners @ paper.blend(28)).reshape(28, 28)
    # Corners of the image are centres of its corner pixels: a map that reads from there, not `resize`.
    along = np.linspace(0, 1, 28, dtype=np.float32)
    right, down = np.meshgrid(along, along)
    assert made == pytest.approx(cv2.remap(corners.reshape(2, 2), right, down, cv2.INTER_LINEAR), abs=0.02)
    assert made[[0, 0, -1, -1], [0, -1, 0, -1]] == pytest.approx(corners[0])


def test_as_many_tiles_as_asked_lie_on_grey_up_to_the_level() -> None:
    settings = DEFAULTS.model_copy(update={"paper_probability": 0.3, "paper_level": 0.6})
    corners = paper.drawn_corners(settings, KEYS_OF_MANY)
    grey = corners.any(axis=1)
    assert grey.mean() == pytest.approx(0.3, abs=0.015)
    assert 0.55 < corners.max() <= 0.6
    assert corners[grey].mean() == pytest.approx(0.6 / 2 * 0.75, abs=0.01)  # level: 1/2; a corner: 3/4 of it
    lightest, darkest = corners[grey].min(axis=1), corners[grey].max(axis=1)
    assert (lightest >= paper.DARKEST * darkest).all()


def test_without_paper_a_canvas_stays_as_it_is() -> None:
    tiles = np.random.default_rng(0).integers(0, 256, (9, 28, 28), dtype=np.uint8)
    assert np.array_equal(laid(tiles, paper_probability=0), tiles)
    assert np.array_equal(laid(tiles, paper_probability=1, paper_level=0), tiles)


def test_a_tile_does_not_depend_on_its_canvas() -> None:
    tiles = np.random.default_rng(1).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    assert np.array_equal(laid(tiles)[:11], laid(tiles[:11]))


def test_without_keys_it_draws_from_albumentations_generator() -> None:
    transform = paper.Paper(DEFAULTS.model_copy(update={"paper_probability": 1}))
    blank = np.zeros((28 * 6, 28), np.uint8)
    transform.set_random_state(np.random.default_rng(3), random.Random(3))
    one, other = transform(image=blank)["image"], transform(image=blank)["image"]
    assert len({tile.tobytes() for tile in tiles_of(one)}) == 6
    assert not np.array_equal(one, other)
