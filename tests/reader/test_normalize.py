import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline import digits
from pipeline.reader.normalizations import BOX
from pipeline.reader.normalize import CENTRE, PAPER_LEVEL, normalize, percentile
from tests import bundled
from tests.laws import up_to

Ink = NDArray[np.uint8]


@st.composite
def strokes(draw: st.DrawFn) -> Ink:
    """One to three connected pen strokes with soft edges, at least 40 long, on 60x60 to 160x160 pixels."""
    side = draw(st.integers(60, 160))
    place = st.integers(8, side - 9)
    points = draw(st.lists(st.tuples(place, place), min_size=2, max_size=4).filter(lambda found: _extent(found) >= 40))
    ink = np.zeros((side, side), np.uint8)
    cv2.polylines(ink, [np.array(points, np.int32)], False, 255, draw(st.integers(3, 12)), cv2.LINE_AA)
    return ink


def _extent(points: list[tuple[int, int]]) -> int:
    return int(np.ptp(np.array(points), axis=0).max())


def box(image: Ink, level: int = 1) -> tuple[int, int, int, int]:
    """First row, row after the last, first column, column after the last."""
    rows, cols = np.flatnonzero((image >= level).any(axis=1)), np.flatnonzero((image >= level).any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1


@settings(deadline=None, max_examples=up_to(40))
@given(strokes())
def test_ink_fits_the_box_and_keeps_its_aspect(ink: Ink) -> None:
    digit = normalize(ink, "mnist")
    assert digit.shape == (28, 28)
    assert digit.dtype == np.uint8
    assert digit.max() == 255
    top, bottom, left, right = box(digit)
    given_top, given_bottom, given_left, given_right = box(ink, PAPER_LEVEL)
    height, width = given_bottom - given_top, given_right - given_left
    scale = BOX / max(height, width)
    assert max(bottom - top, right - left) <= BOX
    assert bottom - top == pytest.approx(height * scale, abs=1.5)
    assert right - left == pytest.approx(width * scale, abs=1.5)


@settings(deadline=None, max_examples=up_to(40))
@given(strokes())
def test_centre_of_mass_is_the_images_centre_unless_the_box_meets_the_border(ink: Ink) -> None:
    digit = normalize(ink, "mnist").astype(float)
    rows, cols = np.indices(digit.shape)
    if not np.concatenate([digit[0], digit[-1], digit[:, 0], digit[:, -1]]).any():
        assert abs((rows * digit).sum() / digit.sum() - CENTRE) <= 0.5 + 1e-9
        assert abs((cols * digit).sum() / digit.sum() - CENTRE) <= 0.5 + 1e-9


@settings(deadline=None, max_examples=up_to(40))
@given(strokes(), st.integers(0, 30), st.integers(0, 30))
def test_the_place_on_the_crop_does_not_matter(ink: Ink, down: int, across: int) -> None:
    padded = np.pad(ink, ((down, 3), (across, 5)))
    np.testing.assert_array_equal(normalize(padded, "mnist"), normalize(ink, "mnist"))


@settings(deadline=None, max_examples=up_to(40))
@given(strokes())
def test_the_cameras_resolution_hardly_matters(ink: Ink) -> None:
    larger = ink.repeat(3, axis=0).repeat(3, axis=1)
    difference = normalize(larger, "mnist").astype(int) - normalize(ink, "mnist")
    assert np.abs(difference).mean() < 1  # of 255


@settings(deadline=None, max_examples=up_to(40))
@given(strokes(), st.integers(90, 254))
def test_a_pale_pen_gives_the_same_digit_as_a_dark_one(ink: Ink, pen: int) -> None:
    pale, dark = (np.where(ink > 127, level, 0).astype(np.uint8) for level in (pen, 255))
    levels = [np.sort(normalize(ink, "mnist"), axis=None).astype(int) for ink in (pale, dark)]
    assert np.abs(levels[0] - levels[1]).max() <= 3  # sorted: rounding may move the whole digit by a pixel


@pytest.mark.slow
def test_mnist_passes_nearly_unchanged() -> None:
    """MNIST was made so; what differs is where rounding put a digit that lies between two pixels."""
    original = digits.images(bundled.table())
    again = np.array([normalize(digit, "mnist") for digit in original])
    change = np.abs(again.astype(int) - original).mean(axis=(1, 2))
    assert np.median(change) < 4
    assert (change < 12).mean() > 0.9


def test_stretch_widens_a_crop_that_is_cut_to_its_ink_and_leaves_another_as_it_is() -> None:
    ink = np.zeros((90, 40), np.uint8)
    cv2.line(ink, (2, 2), (37, 87), 255, 5)
    top, bottom, left, right = box(normalize(ink, "stretch"))
    margin = 0.3 * 90 / (90 * 1.6) * 28  # of a crop 1.6 times as high as its ink
    assert abs(top - margin) <= 1
    assert abs(28 - bottom - margin) <= 1
    assert abs((right - left) - 40 / (40 + 0.6 * 90) * 28) <= 1.5  # its aspect is lost
    wide = np.pad(ink, 20)
    np.testing.assert_array_equal(
        normalize(wide, "stretch") > 0, cv2.resize(wide, (28, 28), interpolation=cv2.INTER_AREA) > 0
    )
    assert box(normalize(ink, "mnist"))[3] - box(normalize(ink, "mnist"))[2] < 12


@pytest.mark.parametrize("method", ["mnist", "stretch"])
@pytest.mark.parametrize("level", [0, PAPER_LEVEL - 1])
def test_a_crop_without_ink_is_an_error(method: str, level: int) -> None:
    with pytest.raises(ValueError, match=f"expected ink of at least {PAPER_LEVEL}, got a crop with at most {level}"):
        normalize(np.full((30, 30), level, np.uint8), method)  # type: ignore[arg-type]  # one of the two


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (300, 1), (2, 2)])
def test_the_smallest_and_thinnest_ink_gives_a_digit(shape: tuple[int, int]) -> None:
    digit = normalize(np.full(shape, 200, np.uint8), "mnist")
    assert digit.shape == (28, 28)
    assert digit.max() == 255


@given(st.lists(st.integers(0, 255), min_size=1, max_size=40), st.floats(0, 100))
def test_a_percentile_is_that_of_numpy(values: list[int], share: float) -> None:
    found = percentile(np.array(values, np.uint8), share)
    assert found == pytest.approx(float(np.percentile(values, share)))
