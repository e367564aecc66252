from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline import digits
from pipeline.params import Sheets
from pipeline.reader.crops.backdrop import full_ink, ink_of, without_frame
from pipeline.reader.crops.read import read_crop
from pipeline.reader.normalize import normalize
from pipeline.reader.records import Crop, Reason
from tests import bundled

Cover = NDArray[np.float64]
"""(H, W, 1): how much of each pixel ink covers, 0..1."""

SIDE = 90
WHITE, BLACK = (235, 235, 230), (40, 40, 50)
COLOURS = {
    "black on white": (WHITE, BLACK),
    "white on black": ((20, 20, 20), (235, 235, 235)),
    "red on a green as bright": ((60, 140, 60), (200, 72, 60)),
    "yellow on blue": ((40, 60, 190), (240, 220, 50)),
    "blue on yellow": ((240, 220, 60), (40, 60, 190)),
    "pencil": ((228, 228, 225), (170, 170, 172)),
}


@pytest.fixture(scope="module")
def written() -> NDArray[np.uint8]:
    """Four MNIST digits of each class, as MNIST normalised them."""
    table = bundled.table()
    images, labels = digits.images(table), digits.labels(table)
    return np.concatenate([images[labels == digit][5:9] for digit in range(10)])


def cover(digit: NDArray[np.uint8], side: int = SIDE) -> Cover:
    """The digit in the middle of a larger image."""
    size = round(0.7 * side)
    large = cv2.resize(digit, (size, size), interpolation=cv2.INTER_CUBIC if size > 28 else cv2.INTER_AREA)
    padded = np.zeros((side, side))
    start = (side - size) // 2
    padded[start : start + size, start : start + size] = large / 255
    return padded[:, :, None].clip(0, 1)


def tight(digit: NDArray[np.uint8]) -> Cover:
    """The digit cut to its box, which it touches on all sides."""
    x, y, width, height = cv2.boundingRect(digit)
    return np.asarray(cv2.resize(digit[y : y + height, x : x + width], None, fx=3, fy=3)[:, :, None] / 255)


def image(ink: Cover, paper: tuple[int, int, int] = WHITE, pen: tuple[int, int, int] = BLACK) -> NDArray[np.float64]:
    return np.array(paper) * (1 - ink) + np.array(pen) * ink


def shaded(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = pixels.shape[:2]
    down, across = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return np.asarray(pixels * (1 - 0.35 * down - 0.3 * across)[:, :, None])


def framed(pixels: NDArray[np.float64], margin: int, width: int) -> NDArray[np.float64]:
    pixels = pixels.copy()
    for depth in range(margin, margin + width):
        pixels[[depth, -1 - depth], depth : len(pixels) - depth] = 60
        pixels[depth : len(pixels) - depth, [depth, -1 - depth]] = 60
    return pixels


def noisy(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    grain = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 25, pixels.shape[:2]), (0, 0), 1.2)
    return np.asarray(pixels + grain[:, :, None])


def compressed(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    _, file = cv2.imencode(".jpg", pixels.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 25])
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), float)


def coloured(name: str) -> Callable[[NDArray[np.uint8]], NDArray[np.float64]]:
    return lambda digit: image(cover(digit), *COLOURS[name])


WAYS: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.float64]]] = {
    **{name: coloured(name) for name in COLOURS},
    "in a slope of light": lambda digit: shaded(image(cover(digit))),
    "white in a slope of light": lambda digit: shaded(image(cover(digit), (90, 95, 100), (250, 250, 250))),
    "on rough paper": lambda digit: noisy(image(cover(digit))),
    "as a bad JPEG": lambda digit: compressed(image(cover(digit))),
    "in a frame": lambda digit: framed(image(cover(digit)), 0, 3),
    "in a frame with a margin": lambda digit: framed(image(cover(digit)), 4, 2),
    "white in a frame": lambda digit: 255 - framed(image(cover(digit)), 0, 2),
    "cut tightly": lambda digit: image(tight(digit)),
    "white, cut tightly": lambda digit: image(tight(digit), (0, 0, 0), (255, 255, 255)),
    "of 20 pixels": lambda digit: image(cover(digit, 20)),
    "of 300 pixels": lambda digit: image(cover(digit, 300)),
    "in a wide margin": lambda digit: np.pad(image(cover(digit)), ((30, 30), (200, 90), (0, 0)), mode="edge"),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_digit_on_any_backdrop_comes_out_as_it_was(way: str, written: NDArray[np.uint8], limits: Sheets) -> None:
    misses = []
    for digit in written:
        found = read_crop(WAYS[way](digit).clip(0, 255).astype(np.uint8), 3, limits)
        assert isinstance(found, Crop)
        ours, expected = normalize(found.ink, "mnist").astype(float), normalize(digit, "mnist").astype(float)
        assert np.corrcoef(ours.ravel(), expected.ravel())[0, 1] > 0.6, "light and dark are swapped"
        misses.append(np.abs(ours - expected).mean())
    assert np.median(misses) < 17  # of 255: a digit moved by one pixel differs by 20 to 30


@pytest.mark.parametrize("level", [0, 90, 255])
def test_blank_paper_has_no_ink_in_any_light(level: int) -> None:
    for pixels in (np.full((80, 60, 3), level, float), shaded(np.full((80, 60, 3), level, float))):
        assert full_ink(ink_of(pixels.astype(np.uint8))) < 0.06 * 255


def test_rough_paper_without_a_digit_is_rejected(limits: Sheets) -> None:
    rough = np.random.default_rng(0).normal(180, 30, (120, 120, 1)).repeat(3, axis=2)
    found = read_crop(rough.clip(0, 255).astype(np.uint8), 3, limits)
    assert not isinstance(found, Crop)
    assert found.reason is Reason.BLANK


def test_a_line_along_the_border_is_no_part_of_the_digit(written: NDArray[np.uint8], limits: Sheets) -> None:
    for side in range(4):
        pixels = image(cover(written[13]))
        np.rot90(pixels, side)[:4] = 50
        clean, lined = (read_crop(p.astype(np.uint8), 3, limits) for p in (image(cover(written[13])), pixels))
        assert isinstance(clean, Crop)
        assert isinstance(lined, Crop)
        difference = normalize(clean.ink, "mnist").astype(int) - normalize(lined.ink, "mnist")
        assert np.abs(difference).mean() < 3


def test_only_an_even_frame_is_cut_off(written: NDArray[np.uint8]) -> None:
    for digit in written:
        for pixels in (image(cover(digit)), image(tight(digit)), image(cover(digit, 28))):
            plain = pixels.clip(0, 255).astype(np.uint8)
            assert without_frame(plain).shape == plain.shape
        inner = without_frame(framed(image(cover(digit)), 2, 3).astype(np.uint8))
        assert inner.shape == (SIDE - 10, SIDE - 10, 3)
