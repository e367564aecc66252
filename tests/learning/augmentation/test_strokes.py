import cv2
import numpy as np
import pytest

from pipeline import params
from pipeline.digits import Images
from pipeline.learning.augmentation import draws, strokes
from tests.params_file import ROOT

DEFAULTS = params.load(ROOT / "params.yaml").augment


def ring() -> Images:
    image = np.zeros((112, 112), np.uint8)
    cv2.ellipse(image, (56, 56), (26, 36), 20, 0, 300, 255, 12)
    return np.asarray(cv2.resize(image, (28, 28), interpolation=cv2.INTER_AREA), np.uint8)[None]


def on_the_fine_image(tile: Images, change: strokes.Change) -> Images:
    operation, size = change
    fine = cv2.resize(tile, (112, 112), interpolation=cv2.INTER_CUBIC)
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    fine = (cv2.dilate if operation == "dilation" else cv2.erode)(fine, ellipse)
    return np.asarray(cv2.resize(fine, (28, 28), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("change", strokes.changes(1.0))
def test_a_change_is_that_of_the_enlarged_image(change: strokes.Change) -> None:
    ours, theirs = strokes.changed(ring(), change)[0].astype(float), on_the_fine_image(ring()[0], change).astype(float)
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.02)
    whole_change = np.abs(theirs - ring()[0]).mean()
    assert np.abs(ours - theirs).mean() < 0.2 * whole_change


def test_a_shift_by_nothing_keeps_flat_ink_and_sums_to_1() -> None:
    for fine in range(-4, 5):
        assert strokes.shift_filter(fine).sum() == pytest.approx(1, abs=1e-6)
    assert strokes.shift_filter(0) == pytest.approx(strokes.shift_filter(0)[::-1])
    assert strokes.shift_filter(1) == pytest.approx(strokes.shift_filter(-1)[::-1])
    flat = np.full((3, 28, 28), 255, np.uint8)
    assert np.array_equal(strokes.changed(flat, ("erosion", 3)), flat)


@pytest.mark.parametrize("change", [*strokes.changes(2.0)])
def test_no_tile_reaches_into_its_neighbours(change: strokes.Change) -> None:
    tiles = np.zeros((9, 28, 28), np.uint8)
    tiles[::2] = 255
    assert np.array_equal(strokes.changed(tiles, change), tiles)


def test_as_many_tiles_change_as_asked_and_each_change_is_as_frequent() -> None:
    keys = draws.keys_of(np.arange(20000, dtype=np.uint64), 1, 0)
    chosen = strokes.choices(DEFAULTS.model_copy(update={"stroke_probability": 0.4}), keys)
    counts = np.bincount(chosen + 1)
    assert len(counts) == 1 + len(strokes.changes(DEFAULTS.stroke_pixels)) == 5
    assert counts / 20000 == pytest.approx([0.6, 0.1, 0.1, 0.1, 0.1], abs=0.015)
