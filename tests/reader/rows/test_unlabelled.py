import cv2
import numpy as np
import pytest

from pipeline import digits
from pipeline.params import Sheets
from pipeline.reader import quick
from pipeline.reader.normalize import normalize
from pipeline.reader.records import UNLABELLED, Crop, Reason, Reject
from pipeline.reader.rows.read import read_rows
from tests.reader import drawn
from tests.reader.paper.test_upright import Mnist, page, written  # noqa: F401 -- `written` is a fixture

ROWS = ["1234567890", "5551050", "0987654321"]


def read(grey: drawn.Grey, limits: Sheets) -> tuple[list[Crop], list[Reject]]:
    return read_rows(drawn.rgb(grey), UNLABELLED, None, limits)


@pytest.mark.slow
@pytest.mark.parametrize(("slant", "bend"), [(0, 0), (-0.08, 0.6)])
def test_rows_give_the_digits_that_their_strings_would_give(slant: float, bend: float, limits: Sheets) -> None:
    paper = drawn.page(ROWS, slant=slant, bend=bend)
    crops, rejects = read(paper, limits)
    stated, _ = read_rows(drawn.rgb(paper), None, tuple(ROWS), limits)
    assert rejects == []
    assert [(crop.row, crop.col) for crop in crops] == [(crop.row, crop.col) for crop in stated]
    for crop, same in zip(crops, stated, strict=True):
        np.testing.assert_array_equal(crop.ink, same.ink)
        np.testing.assert_array_equal(crop.corners, same.corners)


def test_no_table_takes_what_has_no_label(limits: Sheets) -> None:
    crops, _ = read(drawn.page(["12"]), limits)
    assert {crop.label for crop in crops} == {UNLABELLED}
    images = np.array([normalize(crop.ink, "mnist") for crop in crops])
    with pytest.raises(ValueError, match="labels: expected 0 to 9, got -1"):
        digits.from_columns(images, [crop.label for crop in crops], "c")


def touching(written: Mnist, limits: Sheets, seed: int) -> tuple[drawn.Grey, list[Crop]]:  # noqa: F811 -- the fixture
    """Two rows of MNIST digits, a stroke from one to the next in the first, and the digits without it."""
    rgb = page(["10235", "82346"], written, seed)
    apart, _ = read_rows(rgb, UNLABELLED, None, limits)
    assert len(apart) == 10
    left, right = apart[2].corners, apart[3].corners
    y = int(min(left[:, 1].max(), right[:, 1].max())) - 4
    cv2.line(rgb, (int(left[:, 0].max()) - 8, y), (int(right[:, 0].min()) + 8, y), (60, 60, 60), 4)
    return rgb, apart


@pytest.mark.slow
def test_two_digits_that_touch_are_parted_where_both_halves_are_digits(written: Mnist, limits: Sheets) -> None:  # noqa: F811 -- the fixture
    rgb, apart = touching(written, limits, seed=4)
    crops, rejects = read_rows(rgb, UNLABELLED, None, limits)
    assert rejects == []
    assert [(crop.row, crop.col) for crop in crops] == [(crop.row, crop.col) for crop in apart]
    assert crops[2].corners[:, 0].max() <= crops[3].corners[:, 0].min() + 1
    known = quick.log_probabilities(np.array([normalize(crop.ink, "mnist") for crop in crops[2:4]])).argmax(axis=1)
    assert known.tolist() == [2, 3]


@pytest.mark.slow
def test_two_digits_that_touch_are_a_reject_where_a_half_is_in_doubt(written: Mnist, limits: Sheets) -> None:  # noqa: F811 -- the fixture
    rgb, _ = touching(written, limits, seed=6)
    crops, (reject,) = read_rows(rgb, UNLABELLED, None, limits)
    assert len(crops) == 8
    assert (reject.reason, reject.row, reject.col) == (Reason.TOUCHES_NEIGHBOUR, 0, 2)
    assert "limit 0.95: perhaps digits that touch" in reject.detail


@pytest.mark.slow
def test_each_glyph_is_a_crop_or_a_reject_with_its_place(limits: Sheets) -> None:
    paper = drawn.page([ROWS[0], ROWS[0]])
    x, y = round(4.6 * drawn.PITCH), drawn.HEIGHT
    scribble = [(x + 4 * k % 45, y + 7 * k % 60) for k in range(60)]
    cv2.polylines(paper, [np.array(scribble, np.int32)], False, drawn.PEN, 5)
    crops, rejects = read(paper, limits)
    places = [(crop.row, crop.col) for crop in crops] + [(reject.row, reject.col) for reject in rejects]
    assert set(places) == set(np.ndindex(2, 10))
    assert len(places) == 20
    (reject,) = rejects
    assert (reject.row, reject.col, reject.label) == (0, 4, None)
    assert reject.corners is not None


def test_a_digit_at_the_photos_edge_is_a_reject(limits: Sheets) -> None:
    paper = drawn.page(["12340"])
    half = round(4.6 * drawn.PITCH) + 15  # of the 0
    crops, (reject,) = read(paper[:, :half], limits)
    assert [crop.col for crop in crops] == [0, 1, 2, 3]
    assert (reject.reason, reject.col) == (Reason.TOUCHES_EDGE, 4)
