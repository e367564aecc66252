import numpy as np
import pytest

from pipeline.reviewing import views
from pipeline.reviewing.views import STRIP

MIDDLE = np.array(STRIP) / 2


def photo(height: int = 400, width: int = 500, level: int = 240) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def square(x: float, y: float, side: float, degrees: float = 0.0) -> np.ndarray:
    """Corners of a square with its upper left corner in the middle of a turn."""
    angle = np.deg2rad(degrees)
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    return np.asarray(np.array([(x, y)]) + side * np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float) @ turn)


@pytest.mark.parametrize("degrees", [0, 30, 90, 180, 270])
def test_a_digit_is_upright_in_the_middle_whatever_its_turn_on_the_photo(degrees: float) -> None:
    """A black spot in the digit's own upper left quarter stays there."""
    rgb, corners = photo(), square(250, 200, 60, degrees)
    spot = corners.mean(axis=0) + (corners[0] - corners.mean(axis=0)) / 2
    x, y = spot.round().astype(int)
    rgb[y - 4 : y + 5, x - 4 : x + 5] = 0
    strip = np.asarray(views.strip(rgb, corners, [])).max(axis=2)
    dark = np.argwhere(strip[50:270, 490:630] < 60).mean(axis=0)[::-1] + np.array((490, 50))
    quarter = views.FILLS * STRIP[1] / 4
    assert np.abs(dark - (MIDDLE - quarter)).max() < 4


def test_a_dark_photo_is_brightened_and_a_bright_one_is_not() -> None:
    corners = square(200, 200, 50)
    dark, bright = (np.asarray(views.strip(photo(level=level), corners, [])) for level in (60, 240))
    assert dark[160, 30].tolist() == [235] * 3
    assert bright[160, 30].tolist() == [240] * 3


def test_digits_of_the_row_that_are_in_view_are_named() -> None:
    rgb, corners = photo(), square(200, 200, 50)
    plain = np.asarray(views.strip(rgb, corners, []))
    near = np.asarray(views.strip(rgb, corners, [(square(260, 200, 50), "7")]))
    far = np.asarray(views.strip(rgb, corners, [(square(2600, 200, 50), "7")]))
    assert (near[:, 660:] != plain[:, 660:]).any()
    assert np.array_equal(near[:, :600], plain[:, :600])
    assert np.array_equal(far, plain)


@pytest.mark.parametrize("corners", [square(0, 0, 500), square(-20, 390, 30), np.zeros((4, 2)), np.full((4, 2), 7.0)])
def test_any_corners_give_a_picture(corners: np.ndarray) -> None:
    assert views.strip(photo(), corners, []).size == STRIP
    assert views.whole(photo(), corners).size == (500, 400)


@pytest.mark.slow
def test_a_whole_photo_is_no_larger_than_a_screen_and_shows_the_place() -> None:
    rgb = photo(3000, 4000)
    plain, marked = views.whole(rgb, None), views.whole(rgb, square(1000, 1000, 200))
    assert plain.size == (1600, 1200)
    changed = np.argwhere((np.asarray(plain) != np.asarray(marked)).any(axis=2))
    assert np.abs(changed.mean(axis=0) - 440).max() < 3  # 1,100 of 3,000 pixels is 440 of 1,200
