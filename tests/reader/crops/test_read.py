import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.crops.read import is_digit_image, read_crop
from pipeline.reader.normalize import normalize
from pipeline.reader.records import Crop, Reason
from tests.reader import drawn


def image(digit: str, side: int = 90, pen: int = drawn.PEN) -> drawn.Grey:
    paper = drawn.blank(side, side)
    drawn.write_digit(paper, digit, side * 0.3, side * 0.2, round(side * 0.6), pen=pen)
    return paper


def crop(grey: drawn.Grey, limits: Sheets) -> Crop:
    found = read_crop(drawn.rgb(grey), 7, limits)
    assert isinstance(found, Crop)
    return found


@pytest.mark.parametrize("digit", drawn.STROKES)
def test_dark_on_light_and_light_on_dark_give_the_same_digit(digit: str, limits: Sheets) -> None:
    dark, light = crop(image(digit), limits), crop(255 - image(digit), limits)
    np.testing.assert_array_equal(dark.ink, light.ink)
    assert dark.label == 7
    assert dark.corners.tolist() == [[0, 0], [90, 0], [90, 90], [0, 90]]


@pytest.mark.parametrize("side", [28, 45, 300])
def test_any_size_gives_the_digit(side: int, limits: Sheets) -> None:
    found = normalize(crop(image("5", side), limits).ink, "mnist").astype(int)
    expected = normalize(crop(image("5", 120), limits).ink, "mnist")
    assert np.abs(found - expected).mean() < 20


def test_specks_are_cleared_and_a_cap_is_kept(limits: Sheets) -> None:
    clean, dirty = image("5", 200), image("5", 200)
    dirty[15:18, 15:18] = drawn.PEN
    np.testing.assert_array_equal(crop(dirty, limits).ink, crop(clean, limits).ink)
    assert (crop(clean, limits).ink[35:48] > 0).any()


@pytest.mark.parametrize("grey", [drawn.blank(40, 40), drawn.blank(40, 40, 0), drawn.blank(1, 1)])
def test_a_blank_image_is_rejected(grey: drawn.Grey, limits: Sheets) -> None:
    found = read_crop(drawn.rgb(grey), 7, limits)
    assert not isinstance(found, Crop)
    assert (found.reason, found.label) == (Reason.BLANK, 7)


def test_faint_ink_is_rejected_with_its_contrast_and_the_limit(limits: Sheets) -> None:
    found = read_crop(drawn.rgb(image("0", pen=drawn.PAPER - 24)), 7, limits)
    assert not isinstance(found, Crop)
    assert found.reason is Reason.TOO_FAINT
    assert "ink contrast 0.09, limit 0.12 (sheets.min_ink_contrast)" in found.detail


def test_only_a_grey_28x28_image_on_black_is_taken_for_a_finished_digit() -> None:
    digit = np.zeros((28, 28, 3), np.uint8)
    digit[10:20, 13:15] = 255
    assert is_digit_image(digit)
    assert not is_digit_image(255 - digit)
    assert not is_digit_image(np.zeros_like(digit))
    assert not is_digit_image(digit[:27])
    tinted, framed = digit.copy(), digit.copy()
    tinted[12, 13, 0] = 9
    framed[0, 5] = 1
    assert not is_digit_image(tinted)
    assert not is_digit_image(framed)
