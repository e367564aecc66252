import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.reader.paper.flat import askew, flat_size, inset, slant

SQUARE = np.array([(100, 100), (500, 100), (500, 400), (100, 400)], float)
SHAPE = (3000, 4000)


def seen(size: tuple[float, float], tilt: float, towards: float, turn: float, lens: float) -> NDArray[np.float64]:
    """A sheet's corners on a photo of ``SHAPE``: a pinhole camera that looks at its middle."""
    width, height = size
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)]) - np.array([width, height]) / 2
    axis = np.radians(tilt) * np.array([np.cos(np.radians(towards)), np.sin(np.radians(towards)), 0])
    pose = cv2.Rodrigues(axis)[0] @ cv2.Rodrigues(np.array([0, 0, np.radians(turn)]))[0]
    places = np.column_stack([flat, np.zeros(4)]) @ pose.T + np.array([0, 0, 420.0])
    return np.asarray(lens * 2000 * places[:, :2] / places[:, 2:] + np.array([2000, 1500]))


@given(st.floats(0, 35), st.floats(0, 360), st.floats(-40, 40), st.floats(1.2, 2.5))
def test_a_sheet_becomes_as_wide_by_its_height_as_it_is(tilt: float, towards: float, turn: float, lens: float) -> None:
    for width, height in ((210, 297), (297, 210), (150, 150)):
        found = flat_size(seen((width, height), tilt, towards, turn, lens), SHAPE)
        assert found[0] / found[1] == pytest.approx(width / height, rel=0.12)


def test_a_straight_sheet_keeps_its_pixels() -> None:
    assert flat_size(SQUARE, SHAPE) == (400, 300)


def test_a_sheet_far_beyond_the_photo_gets_no_more_pixels_than_the_photo() -> None:
    width, height = flat_size((SQUARE - 300) * 30, SHAPE)
    assert width * height <= 1.01 * SHAPE[0] * SHAPE[1]


@given(st.floats(-44, 44))
def test_slant_is_the_angle_to_the_nearest_quarter_turn(angle: float) -> None:
    way = cv2.getRotationMatrix2D((300, 250), angle, 1)
    for quarter in range(4):
        turned = np.roll(cv2.transform(SQUARE[None], way)[0], quarter, axis=0)
        assert slant(turned) == pytest.approx(abs(angle), abs=1e-4)


def test_only_a_clear_turn_or_perspective_is_askew() -> None:
    keystone = SQUARE + np.array([(30, 0), (-30, 0), (0, 0), (0, 0)])
    assert not askew(SQUARE)
    assert not askew(SQUARE + np.array([(5, 0), (-5, 0), (0, 0), (0, 0)]))
    assert askew(keystone)
    assert askew(cv2.transform(SQUARE[None], cv2.getRotationMatrix2D((300, 250), 15, 1))[0])


def test_each_side_moves_inwards_by_its_own_margin() -> None:
    moved = inset(SQUARE, np.array([1.0, 2.0, 3.0, 4.0]))
    np.testing.assert_allclose(moved, [(104, 101), (498, 101), (498, 397), (104, 397)])
