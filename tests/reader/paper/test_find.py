from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.reader.collection import Photo
from pipeline.reader.finding import find
from pipeline.reader.paper.find import Paper, find_paper
from pipeline.reader.photo import Rgb, decode
from tests.laws import up_to
from tests.reader import drawn

SIZE = (1200, 900)  # width and height of the photos here
WHOLE = np.array([(250, 120), (1000, 160), (1060, 760), (180, 700)], np.float64)
DESKS = {"wood": (170, 120, 70), "grey floor": (150, 150, 145), "black": (25, 25, 28), "pale": (190, 188, 180)}


def photo(corners: NDArray[np.float64], desk: tuple[int, int, int] = DESKS["grey floor"], seed: int = 0) -> Rgb:
    """A sheet with written rows between these corners on a desk with a grain, with sensor noise and uneven light."""
    rng = np.random.default_rng(seed)
    grain = cv2.resize(rng.normal(0, 1, (90, 12)).astype(np.float32), SIZE, interpolation=cv2.INTER_LINEAR)
    table = np.array(desk, np.float32) * (1 + 0.04 * grain[:, :, None])
    sheet = drawn.rgb(drawn.page(["1234567890", "0987654321", "5551234567"]))
    height, width = sheet.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    way = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    seen = cv2.warpPerspective(sheet, way, SIZE, flags=cv2.INTER_AREA).astype(np.float32)
    there = cv2.warpPerspective(np.ones(sheet.shape[:2], np.float32), way, SIZE)[:, :, None]
    mixed = seen * there + table * (1 - there)
    lit = mixed * np.linspace(1, 0.7, SIZE[0], dtype=np.float32)[None, :, None]
    blurred = cv2.GaussianBlur(lit, (0, 0), 0.8) + rng.normal(0, 2, lit.shape)
    return np.clip(blurred, 0, 255).astype(np.uint8)


def error(paper: Paper | None, corners: NDArray[np.float64]) -> float:
    """The largest distance between a corner found and a true one, of the photo's longer side."""
    assert paper is not None
    turns = [np.linalg.norm(np.roll(paper.corners, k, axis=0) - corners, axis=1).max() for k in range(4)]
    return float(min(turns)) / max(SIZE)


@pytest.mark.slow
@pytest.mark.parametrize("desk", DESKS)
def test_a_sheet_on_any_desk_is_found(desk: str) -> None:
    paper = find_paper(photo(WHOLE, DESKS[desk]))
    assert error(paper, WHOLE) < 0.005
    assert paper is not None
    assert paper.seen == (True, True, True, True)


@pytest.mark.slow
@settings(max_examples=up_to(20), deadline=None)
@given(angle=st.floats(0, 360), tilt=st.floats(-0.25, 0.25), seed=st.integers(0, 9))
def test_a_sheet_is_found_at_any_turn_and_tilt(angle: float, tilt: float, seed: int) -> None:
    way = cv2.getRotationMatrix2D((600, 450), angle, 0.75)
    turned = cv2.transform(np.array([WHOLE]), way)[0]
    corners = turned + tilt * (turned - turned.mean(axis=0)) * ((turned[:, :1] - 600) / 600)
    paper = find_paper(photo(corners, seed=seed))
    assert error(paper, corners) < 0.01
    assert paper is not None
    around = paper.corners - paper.corners.mean(axis=0)
    assert (np.diff(np.unwrap(np.arctan2(around[:, 1], around[:, 0]))) > 0).all()  # clockwise as seen


@pytest.mark.slow
def test_a_corner_outside_the_photo_is_where_its_sides_meet() -> None:
    corners = WHOLE + np.array([-240, 0])
    assert error(find_paper(photo(corners)), corners) < 0.01


@pytest.mark.slow
def test_where_the_paper_leaves_the_photo_its_side_is_the_photos_border() -> None:
    corners = np.array([(150, -300), (900, -300), (1000, 700), (100, 640)], np.float64)
    paper = find_paper(photo(corners, DESKS["wood"]))
    assert paper is not None
    assert paper.seen == (False, True, True, True)
    assert np.abs(paper.corners[2:] - corners[2:]).max() < 6
    assert np.abs(paper.corners[:2, 1]).max() < 6


@pytest.mark.slow
def test_strips_of_a_wooden_table_at_both_sides_are_no_paper() -> None:
    corners = np.array([(60, -100), (1130, -100), (1150, 1000), (50, 1000)], np.float64)
    paper = find_paper(photo(corners, DESKS["wood"]))
    assert paper is not None
    assert paper.seen == (False, True, False, True)


def test_paper_that_fills_the_photo_is_not_looked_for() -> None:
    for rows in (["1234567890"] * 3, ["8"], ["11111", "77777"]):
        assert find_paper(drawn.rgb(drawn.page(rows))) is None


@pytest.mark.first_quick
@pytest.mark.parametrize("angle", [0, 20, 80])
def test_a_shadows_edge_across_the_paper_is_not_the_papers(angle: float) -> None:
    page = drawn.rgb(drawn.page(["1234567890"] * 4)).astype(np.float32)
    height, width = page.shape[:2]
    down, across = np.mgrid[:height, :width]
    beyond = (across - width / 2) * np.cos(np.radians(angle)) + (down - height / 2) * np.sin(np.radians(angle)) > 0
    page[beyond] *= np.array([0.5, 0.53, 0.56])  # shadows are a little blue
    assert find_paper(np.clip(cv2.GaussianBlur(page, (0, 0), 2), 0, 255).astype(np.uint8)) is None


@pytest.mark.slow
def test_a_shadow_across_a_sheet_on_a_desk_does_not_cut_the_sheet() -> None:
    lit = photo(WHOLE).astype(np.float32)
    lit[:, 600:] *= 0.55
    assert error(find_paper(lit.astype(np.uint8)), WHOLE) < 0.01


@pytest.mark.slow
def test_the_frame_and_the_lines_of_a_table_are_not_the_papers_edge() -> None:
    for margin in (3, 8, 60):
        page = drawn.rgb(drawn.blank(900, 1200))
        for x in np.linspace(margin, 1199 - margin, 8).astype(int):
            cv2.line(page, (x, margin), (x, 899 - margin), (60, 60, 70), 9)
        for y in np.linspace(margin, 899 - margin, 6).astype(int):
            cv2.line(page, (margin, y), (1199 - margin, y), (60, 60, 70), 9)
        assert find_paper(page) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (28, 28), (40, 3)])
def test_any_picture_is_taken(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for pixels in (noise, 0 * noise, 0 * noise + 255):
        find_paper(pixels.astype(np.uint8))


@pytest.fixture(scope="session")
def real(real_photos: Path) -> list[Photo]:
    return [entry for entry in find(real_photos) if isinstance(entry, Photo)]


def _corners_of(found: Photo) -> Paper | None:
    rgb = decode(found.path, 200)
    assert isinstance(rgb, np.ndarray)
    return find_paper(rgb)


@pytest.mark.slow
def test_the_paper_is_found_in_all_real_photos_of_a_sheet_on_a_floor(real: list[Photo]) -> None:
    sheets = [_corners_of(found) for found in real if found.collection == "memocpr_perspective"]
    assert [sheet is not None and all(sheet.seen) for sheet in sheets] == [True] * 8


@pytest.mark.slow
def test_no_real_paper_that_fills_its_photo_is_cut(real: list[Photo]) -> None:
    filled = ("ptddigits", "bikz05", "joaogmsf", "adelian14_lined", "matoso_10x10", "persian_grid")
    assert [found.name for found in real if found.collection in filled and _corners_of(found) is not None] == []
