import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.digits import Images
from pipeline.gap import properties, shapes
from pipeline.gap.properties import NAMES, measured
from pipeline.reader.sharpness import softness as photo_softness
from tests.gap.hands import written
from tests.memory import with_most_memory
from tests.printed_digits import printed


def of(name: str, images: Images) -> NDArray[np.float64]:
    return np.asarray(measured(images)[:, NAMES.index(name)])


def line(width: float, degrees: float = 0.0, length: float = 18) -> Images:
    """One digit: a straight stroke through the middle, drawn 16 times as fine."""
    fine = np.zeros((448, 448), np.uint8)
    left, top = (round(224 - 8 * size) for size in (width, length))
    right, bottom = (round(223 + 8 * size) for size in (width, length))
    cv2.rectangle(fine, (left, top), (right, bottom), 255, -1)
    slant = np.tan(np.radians(degrees))
    fine = np.asarray(cv2.warpAffine(fine, np.array([[1, -slant, 224 * slant], [0, 1, 0]]), (448, 448)), np.uint8)
    return np.asarray(cv2.resize(fine, (28, 28), interpolation=cv2.INTER_AREA), np.uint8)[None]


@pytest.mark.parametrize("width", [1.25, 1.5, 2.0, 2.75, 4.0])
def test_stroke_width_is_that_of_a_drawn_stroke_to_a_quarter_of_a_pixel(width: float) -> None:
    across = width / np.cos(np.radians(10))  # it leans, so that it lies on pixels in every way
    ends = 1 - width / 18 / 3  # in a rectangle the mean distance to the edge is w / 4 - w * w / (12 x length)
    assert of("stroke_width", line(across, 10)).item() == pytest.approx(width * ends, abs=0.25)


@pytest.mark.parametrize("degrees", [-20, 0, 7.5, 30])
def test_slant_is_the_angle_of_a_stroke_to_the_right(degrees: float) -> None:
    assert of("slant", line(2, degrees)).item() == pytest.approx(degrees, abs=0.5)


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 0), (0, -2), (-4, 3)])
def test_centre_is_where_scipy_finds_the_centre_of_mass(right: int, down: int) -> None:
    images = np.roll(printed(), (down, right), axis=(1, 2))
    expected = np.array([ndimage.center_of_mass(image) for image in images]) - 14
    np.testing.assert_allclose(of("centre_down", images), expected[:, 0], atol=1e-9)
    np.testing.assert_allclose(of("centre_right", images), expected[:, 1], atol=1e-9)
    np.testing.assert_allclose(of("off_centre", images), np.hypot(*expected.T), atol=1e-9)


def test_box_and_aspect_are_those_of_the_stroke() -> None:
    images = line(5, length=20)
    assert of("box_size", images).item() == pytest.approx(20, abs=0.3)
    assert of("aspect", images).item() == pytest.approx(0.25, abs=0.02)
    lying = images.transpose(0, 2, 1)
    assert of("box_size", lying).item() == pytest.approx(20, abs=0.3)
    assert of("aspect", lying).item() == pytest.approx(4, abs=0.3)


def test_ink_level_is_the_mean_of_what_is_at_least_half_as_dark_as_the_darkest() -> None:
    images, _ = written(60, 0)
    expected = [image[image >= image.max() / 2].mean() for image in images]
    np.testing.assert_allclose(of("ink_level", images), expected)


def test_pieces_are_those_that_scipy_counts() -> None:
    noisy = np.where(np.random.default_rng(0).random((50, 28, 28)) < 0.04, 255, 0).astype(np.uint8)
    expected = [ndimage.label(image, np.ones((3, 3)))[1] for image in noisy]
    np.testing.assert_array_equal(of("pieces", noisy), expected)


def test_residue_is_the_share_of_soiled_paper_and_a_soft_edge_is_none() -> None:
    image = line(4)
    soft = np.asarray(ndimage.gaussian_filter(image.astype(float), (0, 0.8, 0.8)), np.uint8)
    assert of("residue", image).item() == of("residue", soft).item() == 0
    soiled = image.copy()
    soiled[0, :, :5] = 30  # columns 12 to 15 are ink, 9 to 18 are near: 18 are paper alone
    soiled[0, :, 20] = properties.FAINT - 1
    away = ~ndimage.binary_dilation(image[0] > 100, np.ones((7, 7)))
    assert of("residue", soiled).item() == pytest.approx(100 * 5 * 28 / away.sum())


def test_softness_is_what_the_reader_measures_of_the_same_pixels() -> None:
    images, _ = written(60, 1)
    ink = shapes.Ink.of(images)
    # The reader scales to a digit of 20 pixels, and takes a percentile of the ink as full; here 255 is.
    expected = [photo_softness(image, own) * 28 / 20 for image, own in zip(images, ink.inked, strict=True)]
    np.testing.assert_allclose(properties.softness(images, ink), expected, rtol=0.06)
    blurred = np.asarray(ndimage.gaussian_filter(images.astype(float), (0, 1, 1)), np.uint8)
    assert (of("softness", blurred) > of("softness", images)).all()


@pytest.mark.parametrize("level", [0, 1, 255])
def test_every_number_is_finite_of_empty_and_full_images_too(level: int) -> None:
    images = np.full((3, 28, 28), level, np.uint8)
    found = measured(images)
    assert np.isfinite(found).all()
    assert (found == found[0]).all()
    if level == 0:
        assert not found.any()


def test_a_digits_measures_do_not_depend_on_the_others() -> None:
    images, _ = written(60, 2)
    some = [59, 3, 20]
    np.testing.assert_array_equal(measured(images)[some], measured(images[some]))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    images, _ = written(60, 2)
    whole = measured(images)
    monkeypatch.setattr(properties, "AT_ONCE", 12)

    def most(times: int) -> int:
        shown = np.tile(images, (times, 1, 1))
        found, peak = with_most_memory(lambda: measured(shown))
        np.testing.assert_array_equal(found, np.tile(whole, (times, 1)))
        return peak - 3 * found.nbytes

    assert most(4) < 1.2 * most(1)
