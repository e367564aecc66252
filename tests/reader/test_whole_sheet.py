import cv2
import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.crops.read import read_crop
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Crop, Reason, Reject, whole_photo
from pipeline.reader.whole_sheet import no_crop
from pipeline.simulate.photos import simulate_page
from pipeline.simulate.severity import Layout
from tests.reader import drawn

SIZE = (900, 1200)


def one_digit(level: int = drawn.PAPER, pen: int = drawn.PEN, side: int = 600) -> Rgb:
    paper = drawn.blank(side, side, level)
    drawn.write_digit(paper, "8", side * 0.2, side * 0.05, round(side * 0.9), pen=pen)
    return drawn.rgb(paper)


def refusal(rgb: Rgb, limits: Sheets) -> Reject | None:
    found = read_crop(rgb, 7, limits)
    return no_crop(rgb, found) if isinstance(found, Crop) else found


@pytest.mark.parametrize(("paper", "pen"), [(drawn.PAPER, drawn.PEN), (30, 230)])
def test_a_large_digit_is_one_digit_dark_on_light_and_light_on_dark(paper: int, pen: int, limits: Sheets) -> None:
    assert refusal(one_digit(paper, pen), limits) is None


def test_a_sheet_of_paper_that_was_taken_for_ink_is_no_digit() -> None:
    sheet = np.pad(np.full((900, 650), 230, np.uint8), 80, constant_values=60)
    ink = np.where(sheet > 200, 255, 0).astype(np.uint8)
    found = no_crop(drawn.rgb(sheet), Crop(ink, 7, 0, 0, whole_photo(*sheet.shape)))
    assert found is not None
    assert (found.reason, found.label) == (Reason.NO_DIGIT, 7)
    assert "sheet of paper would be ink, limit 50%" in found.detail
    assert "layout: template" in found.advice
    assert no_crop(drawn.rgb(255 - sheet), Crop(ink, 7, 0, 0, whole_photo(*sheet.shape))) is None


@pytest.mark.parametrize("markers", [1, 2])
def test_two_markers_of_the_printed_sheet_are_no_digit_and_one_may_be_chance(markers: int, limits: Sheets) -> None:
    rgb = one_digit(side=800)
    crop = read_crop(rgb, 7, limits)
    assert isinstance(crop, Crop)
    code = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    for marker in range(markers):
        square = cv2.aruco.generateImageMarker(code, marker, 90)
        rgb[20:110, 20 + 650 * marker : 110 + 650 * marker] = square[:, :, None]
    found = no_crop(rgb, crop)
    assert (found is not None) == (markers == 2)
    assert found is None or found.detail == "expected one digit, found 2 of the printed sheet's markers"


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["template", "rows", "lined", "grid"])
def test_a_photo_of_a_page_is_never_one_digit(layout: Layout, limits: Sheets) -> None:
    for seed in range(700, 703):
        bgr, _ = simulate_page(layout, seed, "gentle", np.random.default_rng(seed), SIZE)
        assert refusal(np.ascontiguousarray(bgr[:, :, ::-1]), limits) is not None, seed
