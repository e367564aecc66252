"""Our reading of a template photo against the usual tutorial chain, and against decoding alone, one thread each."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import Reading, read_photo
from pipeline.simulate.photos import simulate_photo
from pipeline.template import geometry

SIZE = (3000, 4000)  # 12 megapixels
ROUNDS = 7
PHOTOS = 24  # for the scaling on two cores
GRAIN = 6  # of 255: a camera's noise, without which a JPEG is smaller and quicker than a phone's (3 MB)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pixels, _ = simulate_photo(5, "ordinary", np.random.default_rng(5), SIZE)
    noise = np.random.default_rng(6).normal(0, GRAIN, (SIZE[1], SIZE[0], 1)).astype(np.float32)
    path = tmp_path_factory.mktemp("photos") / "photo.jpg"
    cv2.imwrite(str(path), np.clip(pixels + noise, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90])
    return path


def tutorial(path: Path) -> int:
    """What tutorials do: all pixels in colour, markers at full size, a warp at the photo's own size, a threshold."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert pixels is not None
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50))
    quads, ids, _ = detector.detectMarkers(grey)
    seen = {int(marker): quad[0].mean(axis=0) for marker, quad in zip(np.ravel(ids), quads, strict=True)}
    corners = np.array([seen[marker] for marker in range(4)], np.float32)
    millimetre = np.linalg.norm(corners[1] - corners[0]) / 176
    places = np.array([np.mean(marker.corners_mm, axis=0) for marker in geometry().markers], np.float32) * millimetre
    size = (round(210 * millimetre), round(297 * millimetre))
    flat = cv2.warpPerspective(pixels, cv2.getPerspectiveTransform(corners, places), size)
    flat = cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY)
    window = round(10 * millimetre) | 1
    ink = cv2.adaptiveThreshold(flat, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV, window, 15)
    digits = []
    for cell in geometry().cells:
        x, y, width, height = (round(value * millimetre) for value in cell.box_mm)
        digits.append(cv2.resize(ink[y : y + height, x : x + width], (28, 28), interpolation=cv2.INTER_AREA))
    return len(digits)


def ours(path: Path) -> Reading:
    limits = Sheets(
        normalize="mnist",
        max_megapixels=200,
        min_ink_contrast=0.12,
        min_digit_height=0.25,
        max_softness=2.5,
        max_cell_parts=4,
    )
    return read_photo(Photo(path, "c/photo.jpg", "c", Settings()), limits)[0]


def milliseconds(run: Callable[[], object]) -> float:
    """Return the best of some rounds, in processor time: that of a machine that does nothing else."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def one_thread() -> None:
    cv2.setNumThreads(1)


def seconds_of_all(path: Path, workers: int) -> float:
    with ProcessPoolExecutor(workers, get_context("spawn"), one_thread) as pool:
        list(pool.map(ours, [path] * 2 * workers))  # starts them
        start = time.perf_counter()
        list(pool.map(ours, [path] * PHOTOS))
        return time.perf_counter() - start


@pytest.mark.benchmark
def test_reading_against_the_tutorial_chain_and_bare_decoding(photo: Path) -> None:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        digits = len(ours(photo).digits)
        here, chain = milliseconds(lambda: ours(photo)), milliseconds(lambda: tutorial(photo))
        colour = milliseconds(lambda: cv2.imread(str(photo), cv2.IMREAD_COLOR))
        reduced = milliseconds(lambda: cv2.imread(str(photo), cv2.IMREAD_REDUCED_GRAYSCALE_2))
    finally:
        cv2.setNumThreads(threads)
    print(f"\n12-megapixel photo of {photo.stat().st_size / 1e6:.1f} MB, {digits} digits, one thread, processor time:")
    print(f"ours {here:.0f} ms, tutorial chain {chain:.0f} ms: {chain / here:.1f} times")
    for name, alone in (("full-size colour", colour), ("half-size grey", reduced)):
        print(f"decoding alone, {name}: {alone:.0f} ms, ours {here / alone:.1f} times that")
    assert digits > 95


@pytest.mark.benchmark
def test_reading_on_two_cores(photo: Path) -> None:
    one, two = seconds_of_all(photo, 1), seconds_of_all(photo, 2)
    print(f"\n{PHOTOS} photos: one process {one:.2f} s, two {two:.2f} s: {one / two:.2f} times")
    assert one > 0
