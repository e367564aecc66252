"""Registration on drawn sheets whose homography is known."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import read_photo
from pipeline.reader.template import markers
from pipeline.reader.template.markers import Registration, register
from pipeline.sheet_code import SheetCode
from pipeline.simulate.sheet import print_template
from pipeline.template import corners, geometry

SCALE = 5.0
SIDE = 1600
Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]
BOXES = np.array([corners(cell.box_mm) for cell in geometry().cells]).reshape(1, -1, 2)


def _view(turn: float, tilt_x: float, tilt_y: float) -> Matrix:
    """Page to photo, as a pinhole camera sees it."""
    turned = cv2.Rodrigues(np.array([0, 0, np.radians(turn)]))[0]
    tilted = cv2.Rodrigues(np.radians([tilt_x, tilt_y, 0.0]))[0]
    centred = np.array([[1, 0, -105], [0, 1, -148.5], [0, 0, 1]])
    camera = np.array([[1500, 0, SIDE / 2], [0, 1500, SIDE / 2], [0, 0, 1]])
    return np.asarray(camera @ np.column_stack([(tilted @ turned)[:, :2], [0, 0, 420]]) @ centred, dtype=np.float64)


def _photo(view: Matrix, hidden: int | None = None, code: SheetCode | None = None, side: int = SIDE) -> Pixels:
    sheet = geometry(code=code)
    grey = cv2.cvtColor(print_template(sheet, SCALE), cv2.COLOR_BGR2GRAY)
    if hidden is not None:
        x, y, width, height = (round(value * SCALE) for value in sheet.markers[hidden].box_mm)
        grey[y - 5 : y + height + 5, x - 5 : x + width + 5] = 240
    to_mm = np.array([[1 / SCALE, 0, 0.5 / SCALE], [0, 1 / SCALE, 0.5 / SCALE], [0, 0, 1]])
    return np.asarray(cv2.warpPerspective(grey, view @ to_mm, (side, side), borderValue=(90,)), dtype=np.uint8)


def _off(found: object, view: Matrix) -> float:
    """How far the boxes lie from where they are, in pixels at most."""
    assert isinstance(found, Registration)
    where, wanted = (cv2.perspectiveTransform(BOXES, matrix) for matrix in (found.homography, view))
    return float(np.linalg.norm(where - wanted, axis=2).max())


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(st.floats(0, 360), st.floats(-45, 45), st.floats(-20, 20), st.booleans())
def test_a_strongly_tilted_sheet_is_found_to_a_pixel(turn: float, tilt_x: float, tilt_y: float, coded: bool) -> None:
    view = _view(turn, tilt_x, tilt_y)
    found = register(_photo(view, code=SheetCode("a") if coded else None), geometry())
    assert _off(found, view) < 1
    assert isinstance(found, Registration)
    assert found.coded == coded
    assert found.sure


@pytest.mark.slow
@pytest.mark.parametrize("hidden", range(4))
def test_three_markers_fix_a_tilted_sheet(hidden: int) -> None:
    view = _view(200, 25, -15)
    found = register(_photo(view, hidden), geometry())
    assert _off(found, view) < 2  # the hidden corner is 300 mm from the farthest marker
    assert isinstance(found, Registration)
    assert found.places == tuple(place for place in range(4) if place != hidden)
    assert not found.sure


def test_a_marker_that_the_search_misses_is_found_where_the_others_say() -> None:
    view = _view(10, 10, 5)
    photo = _photo(view)
    x, y = cv2.perspectiveTransform(np.array([[np.mean(geometry().markers[1].corners_mm, axis=0)]]), view)[0, 0]
    across, down = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    shade = 1 - 0.97 * np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * 90.0**2))  # nearly black around one marker
    found = register((photo * shade).astype(np.uint8), geometry())
    assert _off(found, view) < 1.5


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_large_photo_is_reduced_and_its_corners_are_those_of_the_picture(
    suffix: str, limits: Sheets, tmp_path: Path
) -> None:
    double = np.diag([3.0, 3.0, 1.0]) @ np.array([[1, 0, 0.5 - 1 / 6], [0, 1, 0.5 - 1 / 6], [0, 0, 1]])
    side = 3 * SIDE
    path = tmp_path / f"sheet{suffix}"
    cv2.imwrite(str(path), _photo(double @ _view(5, 5, 5), side=side))
    reading, seen = read_photo(Photo(path, "c/sheet", "c", Settings()), limits)
    assert seen is not None
    assert 2000 <= max(seen.shape) < side
    times = side / seen.shape[0]
    shrink = np.array([[1 / times, 0, 0.5 / times - 0.5], [0, 1 / times, 0.5 / times - 0.5], [0, 0, 1]])
    wanted = cv2.perspectiveTransform(BOXES, shrink @ double @ _view(5, 5, 5)).reshape(-1, 4, 2)
    found = np.array([reject.corners for reject in reading.rejects])
    assert found.shape == (100, 4, 2)
    assert np.abs(found - wanted).max() < 1


@pytest.mark.slow
def test_a_sheet_that_is_small_in_a_large_photo_is_read_from_all_its_pixels(limits: Sheets, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    cv2.imwrite(str(path), cv2.copyMakeBorder(_photo(_view(0, 0, 0)), 1200, 1200, 1200, 1200, cv2.BORDER_REPLICATE))
    _, seen = read_photo(Photo(path, "c/sheet", "c", Settings()), limits)
    assert seen is not None
    assert seen.shape[0] == SIDE + 2400


@pytest.mark.parametrize("astray", range(4))
def test_a_registrations_error_is_that_of_its_worst_corner(astray: int) -> None:
    printed = {place: np.array(marker.corners_mm) for place, marker in enumerate(geometry().markers)}
    quads = [SCALE * printed[place] for place in range(4)]
    quads[astray][2] += SCALE * np.array([0, 1.5])
    found = markers._error_mm(np.diag([SCALE, SCALE, 1.0]), printed, (0, 1, 2, 3), tuple(quads))
    assert found == pytest.approx(1.5)
