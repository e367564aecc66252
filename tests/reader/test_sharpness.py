import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.records import Reason
from pipeline.reader.rows.read import read_rows
from pipeline.reader.sharpness import blurred, softness
from tests.reader import drawn


def soft(digit: str, height: int, sigma: float) -> float:
    """How soft a digit is that is blurred by so many pixels of its 20-pixel copy."""
    paper = drawn.blank(3 * height, 3 * height, 255)
    drawn.write_digit(paper, digit, height, height, height, pen=0)
    ink: NDArray[np.uint8] = np.asarray(cv2.GaussianBlur(255 - paper, (0, 0), sigma * height / 20), np.uint8)
    rows, cols = np.nonzero(ink > 0.4 * ink.max())
    box = ink[rows.min() : rows.max() + 1, cols.min() : cols.max() + 1]
    return softness(box, box > 0.4 * ink.max())


@pytest.mark.first_quick(6)
@pytest.mark.parametrize("height", [40, 80, 200])
@pytest.mark.parametrize("digit", list("0258"))
def test_softness_grows_with_blur_and_not_with_the_photos_size(digit: str, height: int) -> None:
    found = [soft(digit, height, sigma) for sigma in (0.4, 1.0, 1.5, 2.0, 2.5)]
    assert found == sorted(found)
    assert found[0] < 2
    assert found[-1] > 2.3
    assert found[2] == pytest.approx(soft(digit, 60, 1.5), rel=0.25)


def test_no_ink_is_not_soft() -> None:
    assert softness(np.zeros((20, 20), np.uint8), np.zeros((20, 20), bool)) == 0


@pytest.mark.slow
def test_a_blurred_photo_is_a_reject_that_says_so_and_a_sharp_one_is_read(limits: Sheets) -> None:
    paper = drawn.page(["2222222", "2222222"])
    assert blurred(1.0, limits) is None
    crops, rejects = read_rows(drawn.rgb(paper), 2, None, limits)
    assert (len(crops), rejects) == (14, [])
    shaken = np.asarray(cv2.GaussianBlur(paper, (0, 0), 2.7 * drawn.HEIGHT / 20), np.uint8)
    crops, (reject,) = read_rows(drawn.rgb(shaken), 2, None, limits)
    assert crops == []
    assert reject.reason is Reason.BLURRED
    assert "limit 2.5 (sheets.max_softness)" in reject.detail
    assert "focus" in reject.advice


def test_a_row_out_of_focus_costs_the_others_nothing(limits: Sheets) -> None:
    paper = drawn.page(["8888888"] * 3)
    half = drawn.HEIGHT + 2 * drawn.LEADING - 30
    paper[half:] = cv2.GaussianBlur(paper, (0, 0), 2.1 * drawn.HEIGHT / 20)[half:]
    crops, rejects = read_rows(drawn.rgb(paper), 8, None, limits)
    assert len(crops) == 14
    assert {(reject.reason, reject.row) for reject in rejects} == {(Reason.BLURRED, 2)}
