import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.reader.page import MARKER, ink_map, ink_map_colour
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


@pytest.mark.parametrize("depth", [0.3, 0.5, 0.65])
@pytest.mark.parametrize("soft", [0.5, 1.5, 6])
def test_a_shadows_hard_edge_is_no_ink_and_strokes_in_it_stay(depth: float, soft: float) -> None:
    page = drawn.blank(900, 1200)
    places = [(x, y) for y in range(60, 900, 100) for x in range(60, 1200, 100)]
    for x, y in places:
        cv2.line(page, (x - 15, y), (x + 15, y), drawn.PEN, 5)
    down, across = np.mgrid[0:900, 0:1200]
    shade = cv2.GaussianBlur(np.where(across + 0.4 * down > 780, 1 - depth, 1.0), (0, 0), soft)
    ink = ink_map(np.round(page * shade).astype(np.uint8))
    bare = cv2.dilate((page < drawn.PAPER).astype(np.uint8), np.ones((25, 25))) == 0
    assert (ink[bare] > 0.2 * 255).mean() < 1e-4
    assert min(ink[y, x] for x, y in places) > 0.6 * 255


def test_a_thick_markers_stroke_is_ink_where_a_few_digits_fill_the_photo() -> None:
    page = drawn.blank(900, 1200)
    cv2.line(page, (600, 300), (600, 600), drawn.PEN, 70)
    assert ink_map(page, MARKER)[320:580, 570:630].min() > 0.7 * 255


def test_the_noise_of_a_channel_that_the_lamp_leaves_dark_is_no_ink() -> None:
    page = drawn.rgb(drawn.blank())
    cv2.line(page, (100, 200), (500, 200), COLOURS["red"], 9)
    seen = page * np.array([0.4, 0.3, 0.05]) + np.random.default_rng(0).normal(0, 4, page.shape)
    ink = ink_map_colour(seen.clip(0, 255).astype(np.uint8))
    assert np.percentile(ink[:150], 99) < 0.3 * 255  # noise of 4 on paper of 90 and 68 levels
    assert ink[200, 120:480].min() > 0.6 * 255
