import cv2
import numpy as np
import pytest

from pipeline.auditing.outliers import no_digits, thickness
from pipeline.digits import Images


def discs(*radii: int) -> Images:
    images = np.zeros((len(radii), 28, 28), dtype=np.uint8)
    for image, radius in zip(images, radii, strict=True):
        cv2.circle(image, (14, 14), radius, 255, -1)
    return images


def test_thickness_is_the_radius_of_the_largest_disc_in_the_ink() -> None:
    assert thickness(discs(3, 6, 9)) == pytest.approx([3, 6, 9], abs=1)
    assert thickness(np.zeros((1, 28, 28), dtype=np.uint8)).tolist() == [0]


@pytest.mark.parametrize(
    ("radius", "far", "sure", "expected"),
    [
        (2, 0, 0.3, False),  # two digits look like it: doubt alone is no outlier
        (2, 4, 0.9, False),  # strange but plain
        (2, 4, 0.3, True),
        (8, 0, 0.3, True),
        (8, 0, 0.9, False),
    ],
)
def test_an_outlier_is_in_doubt_and_out_of_the_ordinary(radius: int, far: float, sure: float, expected: bool) -> None:
    probabilities = np.full((1, 10), (1 - sure) / 9)
    probabilities[0, 4] = sure
    assert no_digits(discs(radius), probabilities, np.array([far]), unsure=0.5).tolist() == [expected]


def test_no_ink_is_no_digit() -> None:
    nothing = np.zeros((1, 28, 28), dtype=np.uint8)
    assert no_digits(nothing, np.full((1, 10), 0.1), np.zeros(1), unsure=0.5).tolist() == [True]
    assert no_digits(nothing[:0], np.zeros((0, 10)), np.zeros(0), unsure=0.5).tolist() == []
