"""Photos of the template: correct or rejected."""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.records import Crop, Reason, Reject
from pipeline.reader.template.markers import register
from pipeline.reader.template.read import read_template
from pipeline.simulate.photos import simulate_photo
from pipeline.simulate.severity import Severity
from pipeline.simulate.sheet import print_template
from pipeline.simulate.truth import Truth
from pipeline.template import corners, geometry
from tests.laws import up_to

LIMITS = Sheets(
    normalize="mnist",
    max_megapixels=200,
    min_ink_contrast=0.12,
    min_digit_height=0.25,
    max_cell_parts=4,
    max_softness=2.5,
)
TEMPLATE = geometry()
BOXES = np.array([corners(cell.box_mm) for cell in TEMPLATE.cells])
SCALE = 5.0  # pixels a mm of the drawn sheets
SIZE = (810, 1080)

Pixels = NDArray[np.uint8]


@cache
def _empty() -> Pixels:
    return print_template(TEMPLATE, SCALE)


@cache
def _photo(seed: int, severity: Severity) -> tuple[Pixels, Truth]:
    photo, truth = simulate_photo(seed, severity, np.random.default_rng(seed), SIZE)
    return np.ascontiguousarray(photo[:, :, ::-1]), truth


def _read(photo: Pixels) -> tuple[list[Crop], list[Reject]]:
    found = read_template(photo, LIMITS)
    return found.crops, found.rejects


def _view(turn: float, tilt_x: float, tilt_y: float) -> NDArray[np.float64]:
    """Page to photo: turned by degrees, tilted as a pinhole camera sees it, in the middle of a 1400x1400 photo."""
    turned = cv2.Rodrigues(np.array([0, 0, np.radians(turn)]))[0]
    tilted = cv2.Rodrigues(np.radians([tilt_x, tilt_y, 0.0]))[0]
    centred = np.array([[1, 0, -105], [0, 1, -148.5], [0, 0, 1]])
    camera = np.array([[1500, 0, 700], [0, 1500, 700], [0, 0, 1]])
    return np.asarray(camera @ np.column_stack([(tilted @ turned)[:, :2], [0, 0, 420]]) @ centred, dtype=np.float64)


def _seen(sheet: Pixels, view: NDArray[np.float64]) -> Pixels:
    to_mm = np.array([[1 / SCALE, 0, 0.5 / SCALE], [0, 1 / SCALE, 0.5 / SCALE], [0, 0, 1]])
    return np.asarray(cv2.warpPerspective(sheet, view @ to_mm, (1400, 1400), borderValue=(90, 90, 90)), dtype=np.uint8)


def _at(view: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.perspectiveTransform(BOXES.reshape(1, -1, 2), view)[0], dtype=np.float64)


def _cover(photo: Pixels, view: NDArray[np.float64], *markers: int) -> Pixels:
    covered = photo.copy()
    for marker in markers:
        quad = cv2.perspectiveTransform(np.array([TEMPLATE.markers[marker].corners_mm]), view)[0]
        cv2.fillConvexPoly(covered, np.round(quad).astype(np.int32), (200, 200, 200))
    return covered


def _written(draw: Callable[[Pixels], None]) -> tuple[dict[tuple[int, int], Crop], dict[tuple[int, int], Reject]]:
    """Read a straight photo of a sheet on which ``draw`` wrote."""
    sheet = _empty().copy()
    draw(sheet)
    crops, rejects = _read(_seen(sheet, _view(0, 0, 0)))
    return (
        {(crop.row, crop.col): crop for crop in crops},
        {(reject.row or 0, reject.col or 0): reject for reject in rejects},
    )


def _middle(row: int, col: int, right: float = 0, down: float = 0) -> NDArray[np.float64]:
    x, y, width, height = TEMPLATE.cells[10 * row + col].box_mm
    return np.array([x + width / 2 + right, y + height / 2 + down])


def _line(sheet: Pixels, start: NDArray[np.float64], stop: NDArray[np.float64], shade: int = 40) -> None:
    ends = [np.round(end * SCALE).astype(int).tolist() for end in (start, stop)]
    cv2.line(sheet, ends[0], ends[1], (shade, shade, shade), 4, cv2.LINE_AA)


@settings(max_examples=up_to(15), deadline=None)
@given(st.floats(0, 360), st.floats(-30, 30), st.floats(-30, 30))
def test_registration_is_right_to_a_pixel_at_any_turn_and_tilt(turn: float, tilt_x: float, tilt_y: float) -> None:
    view = _view(turn, tilt_x, tilt_y)
    grey = cv2.cvtColor(_seen(_empty(), view), cv2.COLOR_RGB2GRAY)
    found = register(np.asarray(grey, dtype=np.uint8), TEMPLATE)
    assert not isinstance(found, Reject)
    assert len(found.places) == 4
    assert np.linalg.norm(_at(found.homography) - _at(view), axis=1).max() < 1


@pytest.mark.first_quick
@pytest.mark.parametrize(("severity", "seed"), [("gentle", 0), ("ordinary", 1), ("brutal", 3)])
def test_every_label_is_right_or_the_cell_is_rejected(severity: Severity, seed: int) -> None:
    photo, truth = _photo(seed, severity)
    crops, rejects = _read(photo)
    if severity == "brutal" and [reject.reason for reject in rejects] == [Reason.NOT_REGISTERED]:
        assert crops == []
        return
    cells = {(cell.row, cell.col): cell for cell in truth.cells}
    read, refused = [(crop.row, crop.col) for crop in crops], [(reject.row, reject.col) for reject in rejects]
    assert {*read, *refused} == set(cells)
    assert len(read) + len(refused) == len(cells)
    for crop in crops:
        cell = cells[crop.row, crop.col]
        assert cell.state == "digit"
        assert crop.label == cell.label
        assert np.abs(crop.corners - cell.corners).max() < (
            1.5 if severity != "brutal" else 9
        )  # brutal: 3 mm of a crease
        _assert_ink_is_the_photos(crop, photo, 0.3 if severity == "brutal" else 0.6)  # shadow edges are not alike
    digits = [cell for cell in truth.cells if cell.state == "digit"]
    assert severity == "brutal" or len(crops) >= 0.999 * len(digits)
    blank = {(cell.row, cell.col) for cell in truth.cells if cell.state == "blank"}
    assert {reject.reason for reject in rejects if (reject.row, reject.col) in blank} <= {
        Reason.BLANK,
        Reason.TOO_FAINT,
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 22))
@pytest.mark.parametrize("severity", ["gentle", "ordinary", "brutal"])
def test_every_label_is_right_over_many_photos(severity: Severity, seed: int) -> None:
    test_every_label_is_right_or_the_cell_is_rejected(severity, seed)


def _assert_ink_is_the_photos(crop: Crop, photo: Pixels, least: float) -> None:
    """The crop's strokes are found in the photo's own cell, straightened independently of the reader."""
    mm = 5
    target = np.array([[0, 0], [15.5, 0], [15.5, 17], [0, 17]], np.float32) * mm + 10 * mm
    straight = cv2.getPerspectiveTransform(crop.corners, target)
    cell = 255 - cv2.cvtColor(cv2.warpPerspective(photo, straight, (36 * mm, 37 * mm)), cv2.COLOR_RGB2GRAY)
    match = cv2.matchTemplate(cell, crop.ink, cv2.TM_CCOEFF_NORMED)
    _, best, _, _ = cv2.minMaxLoc(match)
    assert best > least


@pytest.mark.slow
@pytest.mark.parametrize("marker", range(4))
def test_three_markers_are_enough(marker: int) -> None:
    photo, truth = _photo(1, "ordinary")
    crops, _ = _read(_cover(photo, truth.homography, marker))
    cells = {(cell.row, cell.col): cell for cell in truth.cells}
    assert len(crops) >= 96
    for crop in crops:
        assert cells[crop.row, crop.col].state == "digit"
        assert np.abs(crop.corners - cells[crop.row, crop.col].corners).max() < 1


@pytest.mark.slow
def test_two_markers_are_a_reject_that_names_the_missing_ones() -> None:
    photo, truth = _photo(1, "ordinary")
    crops, rejects = _read(_cover(photo, truth.homography, 1, 3))
    assert crops == []
    assert [reject.reason for reject in rejects] == [Reason.NOT_REGISTERED]
    assert "2 of 4 markers" in rejects[0].detail
    assert "the upper right marker is covered or blurred, the lower left marker is covered" in rejects[0].advice


@pytest.mark.slow
def test_a_marker_outside_the_photo_is_called_cut_off() -> None:
    photo = _seen(_empty(), _view(0, 0, 0))[:1000]
    crops, rejects = _read(np.ascontiguousarray(photo))
    assert crops == []
    assert "the lower right marker is cut off, the lower left marker is cut off" in rejects[0].advice


@pytest.mark.parametrize("photo", [np.full((600, 800, 3), 200, np.uint8), np.zeros((1, 1, 3), np.uint8)])
def test_a_photo_without_a_sheet_is_rejected(photo: Pixels) -> None:
    crops, rejects = _read(photo)
    assert crops == []
    assert [reject.reason for reject in rejects] == [Reason.NOT_REGISTERED]
    assert "retake" in rejects[0].advice


@pytest.mark.slow
def test_a_mirrored_photo_is_rejected() -> None:
    photo, _ = _photo(1, "ordinary")
    crops, rejects = _read(np.ascontiguousarray(photo[:, ::-1]))
    assert crops == []
    assert [reject.reason for reject in rejects] == [Reason.NOT_REGISTERED]


def test_two_sheets_in_one_photo_are_rejected() -> None:
    sheet = _seen(_empty(), _view(0, 0, 0))[:, 250:1150]
    crops, rejects = _read(np.ascontiguousarray(np.hstack([sheet, sheet])))
    assert crops == []
    assert "one sheet" in rejects[0].advice


@pytest.mark.slow
def test_a_bent_page_is_straightened_by_its_box_lines() -> None:
    photo, truth = _photo(1, "ordinary")
    height, width = photo.shape[:2]
    middle, reach = np.array([width / 2, height / 2]), max(photo.shape) / 2

    def bent(places: NDArray[np.float64]) -> NDArray[np.float64]:  # a lens's barrel
        away = (places - middle) / reach
        return np.asarray(middle + away * reach * (1 + 0.01 * (away**2).sum(axis=-1, keepdims=True)))

    across, down = np.meshgrid(np.arange(width), np.arange(height))
    source = bent(np.stack([across, down], axis=-1).astype(np.float64)).astype(np.float32)
    crops, _ = _read(np.asarray(cv2.remap(photo, source, None, cv2.INTER_LINEAR), dtype=np.uint8))  # type: ignore[call-overload]  # OpenCV's stub demands a second map
    cells = {(cell.row, cell.col): cell for cell in truth.cells}
    assert len(crops) >= 96
    for crop in crops:
        assert (
            np.abs(bent(crop.corners.astype(np.float64)) - cells[crop.row, crop.col].corners).max() < 1.4
        )  # 1.7 unstraightened


@pytest.mark.slow
def test_markers_in_wrong_places_are_rejected() -> None:
    moved = _empty().copy()
    x, y, side, _ = (int(value * SCALE) for value in TEMPLATE.markers[2].box_mm)
    block = moved[y - 5 : y + side + 5, x - 5 : x + side + 5].copy()
    moved[y - 5 : y + side + 5, x - 5 : x + side + 5] = 240
    moved[y - 45 : y + side - 35, x - 5 : x + side + 5] = block
    covered = _cover(_seen(moved, _view(0, 0, 0)), _view(0, 0, 0), 0)
    crops, rejects = _read(covered)
    assert crops == []
    assert rejects[0].reason == Reason.NOT_REGISTERED


def test_an_empty_sheet_gives_100_blanks() -> None:
    crops, rejects = _read(_seen(_empty(), _view(7, 10, 5)))
    assert crops == []
    assert {reject.reason for reject in rejects} == {Reason.BLANK}
    assert len(rejects) == 100


def test_ink_that_crosses_a_box_line_is_kept_whole() -> None:
    half = np.array([0.0, 10.0])  # a box is 17 mm high: 1.5 mm above and below

    def draw(sheet: Pixels) -> None:
        for col in range(10):
            _line(sheet, _middle(1, col) - half * (1.0 if col == 4 else 0.5), _middle(1, col) + half * 0.5)
            _line(sheet, _middle(3, col) - half * 0.5, _middle(3, col) + half * (1.0 if col == 4 else 0.5))

    crops, rejects = _written(draw)
    for row in (1, 3):
        for col in range(10):
            ink = crops[row, col].ink
            rows = np.flatnonzero((ink > 100).any(axis=1))
            length = (rows[-1] - rows[0] + 1) / SCALE
            assert length == pytest.approx((15.0 if col == 4 else 10.0) + 0.8, abs=1.0)
            assert len(rows) == rows[-1] - rows[0] + 1  # no gap where the box line was
    assert all(reject.reason == Reason.BLANK for reject in rejects.values())


def test_digits_that_run_together_are_rejected_both() -> None:
    crops, rejects = _written(lambda sheet: _line(sheet, _middle(2, 3), _middle(2, 4)))
    assert crops == {}
    assert rejects[2, 3].reason == rejects[2, 4].reason == Reason.TOUCHES_NEIGHBOUR


def test_a_cap_above_the_box_belongs_to_its_5() -> None:
    def draw(sheet: Pixels) -> None:
        _line(sheet, _middle(5, 2, -2, -7.2), _middle(5, 2, -2, 4))
        _line(sheet, _middle(5, 2, -1, -9.2), _middle(5, 2, 4, -9.4))

    crops, _ = _written(draw)
    columns = np.flatnonzero((crops[5, 2].ink > 100).any(axis=0))
    assert (columns[-1] - columns[0]) / SCALE > 5


def test_scribbles_dots_and_faint_ink_are_rejected_by_name() -> None:
    def draw(sheet: Pixels) -> None:
        for col in range(10):
            _line(sheet, _middle(1, col, 0, -5), _middle(1, col, 1, 5))
        zigzag = np.linspace(-5, 5, 12)
        for first, second, side in zip(zigzag[:-1], zigzag[1:], [-1, 1] * 6, strict=False):
            _line(sheet, _middle(4, 4, side * 5, first), _middle(4, 4, -side * 5, second))
        for step in range(-4, 5, 2):
            _line(sheet, _middle(6, 6, step, -4), _middle(6, 6, step, 4))
        _line(sheet, _middle(7, 7), _middle(7, 7, 1, 0))
        _line(sheet, _middle(8, 8, 0, -5), _middle(8, 8, 0, 5), shade=222)

    crops, rejects = _written(draw)
    assert set(crops) == {(1, col) for col in range(10)}
    assert rejects[4, 4].reason == Reason.TOO_MANY_PARTS
    assert rejects[6, 6].reason == Reason.TOO_MANY_PARTS
    assert "5 separate strokes, limit 4" in rejects[6, 6].detail
    assert rejects[7, 7].reason == Reason.TOO_SMALL
    assert rejects[8, 8].reason == Reason.TOO_FAINT


@pytest.mark.slow
def test_a_box_in_glare_is_rejected_and_the_others_are_read() -> None:
    sheet = _empty().copy()
    for row in range(10):
        for col in range(10):
            _line(sheet, _middle(row, col, 0, -5), _middle(row, col, 1, 5))
    dim = _seen(sheet, _view(0, 0, 0)).astype(np.float64) * 0.6
    x, y = cv2.perspectiveTransform(_middle(5, 5, 0, 6).reshape(1, 1, 2), _view(0, 0, 0))[0, 0]
    across, down = np.meshgrid(np.arange(1400), np.arange(1400))
    shine = np.exp(-((((across - x) ** 2 + (down - y) ** 2) / (2 * 25.0**2)) ** 3))[:, :, None]  # 7 mm around
    crops, rejects = _read(np.asarray(dim * (1 - shine) + 250 * shine, dtype=np.uint8))
    refused = {(reject.row, reject.col): reject for reject in rejects}
    assert refused[5, 5].reason == Reason.TOO_FAINT
    assert "glare" in refused[5, 5].detail
    assert len(crops) >= 96
