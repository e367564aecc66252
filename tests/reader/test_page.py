import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.reader.page import ink_map, ink_map_colour
from tests.reader import drawn

COLOURS = {"red": (200, 40, 40), "blue": (40, 60, 190), "green": (30, 140, 60), "black": (40, 40, 40)}


def lamp(height: int, width: int) -> NDArray[np.float64]:
    """Light that falls to a quarter from the top left to the bottom right."""
    down, across = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return np.asarray(1 - 0.375 * (down + across))


def lit(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    light = lamp(*page.shape[:2])
    return np.round(page * (light if page.ndim == 2 else light[:, :, None])).astype(np.uint8)


def test_a_stroke_has_the_same_ink_wherever_the_light_falls() -> None:
    page, places = drawn.blank(600, 800), [(x, y) for y in range(60, 600, 120) for x in range(60, 800, 120)]
    for x, y in places:
        cv2.line(page, (x - 20, y), (x + 20, y), drawn.PEN, 7)
    ink = ink_map(lit(page))
    found = [ink[y, x - 15 : x + 15].mean() for x, y in places]
    expected = 255 * (1 - drawn.PEN / drawn.PAPER)
    assert np.abs(np.array(found) - expected).max() < 0.05 * 255


@pytest.mark.parametrize("level", [40, 120, 255])
def test_blank_paper_has_no_ink_in_any_light(level: int) -> None:
    ink = ink_map(lit(drawn.blank(300, 500, level)))
    assert ink.max() < 0.1 * 255  # in the darkest corner 8 bits are coarse: 1 of 10 levels
    assert np.percentile(ink, 99) < 0.03 * 255


def test_a_shadows_soft_edge_is_no_ink() -> None:
    page = drawn.blank(600, 800).astype(np.float32)
    page[:, 400:] *= 0.5
    assert ink_map(np.asarray(cv2.GaussianBlur(page, (0, 0), 40), np.uint8)).max() < 0.12 * 255


@pytest.mark.parametrize("colour", COLOURS)
def test_every_pens_colour_counts_fully(colour: str) -> None:
    page = drawn.rgb(drawn.blank())
    cv2.line(page, (100, 200), (500, 200), COLOURS[colour], 9)
    ink = ink_map_colour(lit(page))
    assert ink[200, 120:480].min() > 0.7 * 255
    assert np.percentile(ink, 50) < 8


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (2, 3)])
def test_any_size_is_taken(shape: tuple[int, int]) -> None:
    assert ink_map(np.full(shape, 200, np.uint8)).shape == shape
    assert ink_map_colour(np.zeros((*shape, 3), np.uint8)).shape == shape
