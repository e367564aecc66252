from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline import digits
from pipeline.digits import SIDE
from pipeline.params import Sheets
from pipeline.reader.crops.read import is_digit_image, read_crop
from pipeline.reader.normalize import normalize
from pipeline.reader.records import Crop, Reason, Reject
from tests import bundled
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


def row(digits: Sequence[NDArray[np.uint8]], gap: int, scale: int = 1) -> drawn.Grey:
    """Digits of MNIST side by side, dark on light, ``gap`` of 28 pixels between their ink."""
    boxes = [digit[:, digit.any(axis=0)] for digit in digits]
    apart = np.zeros((SIDE, gap), np.uint8)
    side_by_side = np.hstack([piece for box in boxes for piece in (box, apart)][:-1])
    ink = np.pad(side_by_side, 5)
    return 255 - np.asarray(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.fixture(scope="module")
def mnist() -> NDArray[np.uint8]:
    """Two hundred MNIST digits, twenty of each class."""
    table = bundled.table()
    images, labels = digits.images(table), digits.labels(table)
    return np.concatenate([images[labels == digit][:20] for digit in range(10)])


def refused(grey: drawn.Grey, limits: Sheets) -> Reject:
    found = read_crop(drawn.rgb(grey), 7, limits)
    assert isinstance(found, Reject)
    assert found.reason in (Reason.TOUCHES_NEIGHBOUR, Reason.TOO_MANY_PARTS)
    assert found.label == 7
    assert "limit" in found.detail
    assert "one digit in the image" in found.advice
    return found


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1, 4])
@pytest.mark.parametrize("many", [2, 3])
def test_several_digits_are_never_one_and_each_alone_is_read(
    many: int, scale: int, mnist: NDArray[np.uint8], limits: Sheets
) -> None:
    rng = np.random.default_rng(many + scale)
    for gap in range(2, 16, 1 if scale == 1 else 4):
        refused(row(list(mnist[rng.choice(len(mnist), many, replace=False)]), gap, scale), limits)
    for digit in mnist[:: many * scale]:
        assert isinstance(read_crop(drawn.rgb(row([digit], 0, scale)), 7, limits), Crop)


@pytest.mark.parametrize("ink", [1, 9, 30, 255])
def test_a_finished_image_keeps_its_pixels_however_pale(ink: int, limits: Sheets) -> None:
    digit = np.zeros((28, 28), np.uint8)
    digit[5:22, 13:16] = ink
    found = read_crop(drawn.rgb(digit), 1, limits)
    assert isinstance(found, Crop)
    np.testing.assert_array_equal(found.ink, digit)


def test_a_finished_28x28_image_of_two_digits_is_refused_and_of_one_is_kept(
    mnist: NDArray[np.uint8], limits: Sheets
) -> None:
    for one, other in zip(mnist[::10], mnist[::-10], strict=True):
        together = normalize(255 - row([one, other], 6), "mnist")
        assert is_digit_image(drawn.rgb(together))
        refused(together, limits)
    finished = [digit for digit in mnist if is_digit_image(drawn.rgb(digit))]
    assert len(finished) > 190, "few of MNIST's digits touch their border"
    for digit in finished:
        np.testing.assert_array_equal(crop(digit, limits).ink, digit)


def test_a_row_a_table_and_digits_that_touch_are_not_one_digit(limits: Sheets) -> None:
    for rows in (["05221859"], ["123"], ["17", "35", "20"]):
        refused(drawn.page(rows), limits)
    joined = drawn.page(["888"])
    joined[drawn.HEIGHT + 28 : drawn.HEIGHT + 33, 50:200] = drawn.PEN
    assert "times as wide as high, limit 2.6" in refused(joined, limits).detail


@pytest.mark.parametrize(
    "strokes",
    [
        [[(0.4, 0), (0, 0.6), (0.35, 0.6)], [(0.45, 0.3), (0.45, 1)]],  # a 4, its bar short of its upright
        [[(0.25, 0), (0.6, 0)], [(0.15, 0.2), (0.1, 0.5), (0.45, 0.5), (0.5, 0.8), (0.3, 1), (0, 0.95)]],  # a 5
        [[(0.35, 0), (0.1, 0.2), (0.05, 0.7), (0.2, 1)], [(0.42, 0.02), (0.5, 0.3), (0.4, 0.9), (0.27, 1)]],  # a 0
        [[(0.4, 0), (0.25, 0.45)], [(0.2, 0.55), (0.1, 1)]],  # a 1
        [[(0, 0), (0.55, 0), (0.2, 1)], [(0.05, 0.5), (0.2, 0.5)], [(0.5, 0.5), (0.6, 0.5)]],  # a 7, barred
    ],
)
def test_a_digit_in_several_strokes_is_one(strokes: list[drawn.Stroke], limits: Sheets) -> None:
    paper = drawn.blank(200, 200)
    for stroke in strokes:
        points = np.round(np.array(stroke) * 120 + 40).astype(np.int32)
        cv2.polylines(paper, [points], False, drawn.PEN, 7, cv2.LINE_AA)
    assert isinstance(read_crop(drawn.rgb(paper), 7, limits), Crop)


@pytest.mark.parametrize("holes", [4, 20])
def test_ink_with_more_holes_than_any_digit_is_a_page(holes: int, limits: Sheets) -> None:
    paper = drawn.blank(300, 300)
    paper[60:240, 120:180] = drawn.PEN
    for hole in range(holes):
        top, left = 64 + 17 * (hole // 2), 125 + 30 * (hole % 2)
        paper[top : top + 8, left : left + 8] = drawn.PAPER
    found = read_crop(drawn.rgb(paper), 7, limits)
    if holes < 12:
        assert isinstance(found, Crop)
    else:
        assert isinstance(found, Reject)
        assert (found.reason, found.label) == (Reason.NO_DIGIT, 7)
        assert f"{holes} holes in the ink, limit 12" in found.detail
        assert "one digit in the image" in found.advice
