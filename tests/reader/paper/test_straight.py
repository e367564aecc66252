import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.paper.straight import View, on_photo, straighten, turned_view
from pipeline.reader.photo import Rgb, turned
from pipeline.reader.records import Crop, Reason, Reject
from pipeline.reader.rows.read import read_rows
from tests.reader import drawn

ROWS = ["1234567890", "5551050", "0987654321"]
SIZE = (1600, 1200)
TILTED = np.array([(300, 150), (1300, 230), (1250, 1000), (180, 1080)], float)
UPRIGHT = np.array([(250, 200), (1350, 210), (1345, 1010), (245, 1000)], float)


def photo(corners: NDArray[np.float64], sheet: drawn.Grey | None = None) -> tuple[Rgb, NDArray[np.float64]]:
    """A sheet between these corners on a brown desk, and the homography from the sheet's pixels to the photo's."""
    page = drawn.rgb(drawn.page(ROWS) if sheet is None else sheet)
    height, width = page.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    way = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    desk = np.full((SIZE[1], SIZE[0], 3), (120, 85, 50), np.uint8)
    cv2.warpPerspective(page, way, SIZE, dst=desk, borderMode=cv2.BORDER_TRANSPARENT)
    return np.asarray(cv2.GaussianBlur(desk, (0, 0), 0.7), np.uint8), np.asarray(way)


def read(view: View, limits: Sheets, label: int | None = None) -> tuple[list[Crop], list[Reject]]:
    strings = tuple(ROWS) if label is None else None
    return on_photo(view, *read_rows(view.rgb, label, strings, limits))


@pytest.mark.slow
@pytest.mark.parametrize("corners", [TILTED, UPRIGHT])
def test_a_sheet_on_a_desk_gives_all_its_digits_with_their_places_on_the_photo(
    corners: NDArray[np.float64], limits: Sheets
) -> None:
    rgb, way = photo(corners)
    crops, rejects = read(straighten(rgb), limits)
    assert rejects == []
    assert "".join(str(crop.label) for crop in crops) == "".join(ROWS)
    alone, _ = read_rows(drawn.rgb(drawn.page(ROWS)), None, tuple(ROWS), limits)
    for crop, there in zip(crops, alone, strict=True):
        expected = cv2.perspectiveTransform(there.corners[None].astype(np.float64), way)[0]
        assert np.abs(crop.corners - expected).max() < 10


def test_perspective_is_taken_out_and_a_straight_sheet_keeps_its_pixels() -> None:
    tilted, upright = straighten(photo(TILTED)[0]), straighten(photo(UPRIGHT)[0])
    assert tilted.rgb.shape[:2] != SIZE[::-1]
    assert upright.rgb.shape[:2] == SIZE[::-1]
    np.testing.assert_array_equal(upright.rgb[300:900, 300:1300], photo(UPRIGHT)[0][300:900, 300:1300])


@pytest.mark.parametrize("corners", [TILTED, UPRIGHT])
def test_nothing_of_the_desk_is_left(corners: NDArray[np.float64]) -> None:
    view = straighten(photo(corners, drawn.blank(400, 600))[0])
    assert view.rgb[:, :, 2].min() > 200  # the desk's blue is 50


def test_a_photo_that_paper_fills_stays_as_it_is() -> None:
    page = drawn.rgb(drawn.page(ROWS))
    view = straighten(page)
    assert view.outline is None
    np.testing.assert_array_equal(view.rgb, page)
    np.testing.assert_array_equal(view.to_photo, np.eye(3))


@pytest.mark.parametrize("corners", [TILTED, UPRIGHT])
def test_a_digit_that_the_papers_edge_cuts_is_rejected(corners: NDArray[np.float64], limits: Sheets) -> None:
    sheet = drawn.blank(700, 1000)
    for x in (200, 400, 600, 800, 965):
        drawn.write_digit(sheet, "8", x, 300)
    crops, rejects = read(straighten(photo(corners, sheet)[0]), limits, label=8)
    assert len(crops) == 4
    assert [reject.reason for reject in rejects] == [Reason.TOUCHES_EDGE]


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("corners", [TILTED, UPRIGHT])
def test_a_turned_view_shows_the_same_places(degrees: int, corners: NDArray[np.float64]) -> None:
    rgb, _ = photo(corners)
    view = turned_view(straighten(rgb), degrees)
    shown = turned(rgb, degrees)
    assert view.shape == shown.shape[:2]
    rng, height, width = np.random.default_rng(0), *view.rgb.shape[:2]
    grey, seen = (cv2.GaussianBlur(picture[:, :, 2], (0, 0), 5) for picture in (shown, view.rgb))
    for x, y in rng.uniform((0.2 * width, 0.2 * height), (0.8 * width, 0.8 * height), (100, 2)):
        there_x, there_y = cv2.perspectiveTransform(np.array([[[x, y]]]), view.to_photo)[0, 0]
        assert abs(int(grey[int(there_y), int(there_x)]) - int(seen[int(y), int(x)])) < 25
    assert view.outline is not None
    inside = view.outline.mean(axis=0)
    assert grey[int(inside[1]), int(inside[0])] > 150
