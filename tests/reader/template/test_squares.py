"""Single markers: found where they must be, or not at all."""

import cv2
import numpy as np
import pytest

from pipeline.reader.template.squares import guided, refined, search
from pipeline.simulate.sheet import print_template
from pipeline.template import geometry

SCALE = 6.0
TO_PIXELS = np.array([[SCALE, 0, -0.5], [0, SCALE, -0.5], [0, 0, 1]])
SHEET = cv2.cvtColor(print_template(geometry(), SCALE), cv2.COLOR_BGR2GRAY).astype(np.uint8)


@pytest.mark.parametrize("place", range(4))
def test_a_dim_marker_is_found_though_the_guess_is_half_a_marker_off(place: int) -> None:
    marker = geometry().markers[place]
    dim = (SHEET * 0.05 + 3).astype(np.uint8)  # black and white are 12 apart
    off = TO_PIXELS @ np.array([[1, 0, 7.0], [0, 1, -7.0], [0, 0, 1]])
    quad = guided(dim, off, marker)
    assert quad is not None
    assert np.abs((refined(dim, quad) + 0.5) / SCALE - np.array(marker.corners_mm)).max() < 0.15


def test_another_marker_is_not_taken_for_the_one_that_is_looked_for() -> None:
    first, second = geometry().markers[:2]
    away = np.array(second.box_mm[:2]) - np.array(first.box_mm[:2])
    there = TO_PIXELS @ np.array([[1, 0, away[0]], [0, 1, away[1]], [0, 0, 1]])
    assert guided(SHEET, there, first) is None


@pytest.mark.parametrize("side", [600, 1000, 4000])
def test_every_scale_gives_corners_in_pixels_of_the_photo(side: int) -> None:
    found = dict(search(SHEET, side, even=side == 4000))
    assert set(found) == {0, 1, 2, 3}
    for marker in geometry().markers:
        wanted = np.array(marker.corners_mm) * SCALE - 0.5
        assert np.abs(found[marker.id] - wanted).max() < 1.5 * max(SHEET.shape) / min(side, max(SHEET.shape))
