"""Random pages of written rows with all that goes wrong on them, and the truth about every pixel of ink."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.records import Crop
from pipeline.simulate.writers import writer
from tests.reader.hands import Hand, break_ink, digit_ink, struck_out

FAULTS = ("touch", "missing", "extra", "struck", "broken", "word", "number", "tail", "cut")
WORDS = ("Numbers", "Name: Li", "page", "Test 1")
WHOLE = 0.75  # of a digit's ink must be in its crop
FOREIGN = 0.15  # of a crop's ink may be another's


@dataclass
class Page:
    """A drawn photo; ``owners`` says whose ink a pixel is: 0 nobody's, else 1 + index into ``labels``."""

    grey: NDArray[np.uint8]
    owners: NDArray[np.int32]
    labels: list[int | None] = field(default_factory=list)  # None: ink that is no digit
    expected: list[str] = field(default_factory=list)  # what sheets.yaml says of each row
    faults: list[str] = field(default_factory=list)

    def judge(self, crop: Crop) -> str:
        """Say what is in a crop: ``right``, ``wrong`` (label), ``mixed`` (two digits) or ``partial``."""
        height, width = crop.ink.shape
        middle = crop.corners.mean(axis=0)
        x, y = (round(float(place)) for place in middle - (width / 2, height / 2))
        rows, cols = np.nonzero(crop.ink > 110)
        inside = (rows + y >= 0) & (cols + x >= 0) & (rows + y < self.grey.shape[0]) & (cols + x < self.grey.shape[1])
        owners = self.owners[rows[inside] + y, cols[inside] + x]
        counts = np.bincount(owners, minlength=len(self.labels) + 1)
        counts[0] = 0
        main = int(counts.argmax())
        if not main or self.labels[main - 1] != crop.label:
            return "wrong"
        if counts[main] < (1 - FOREIGN) * counts.sum():
            return "mixed"
        return "right" if counts[main] >= WHOLE * int((self.owners == main).sum()) else "partial"


def random_page(seed: int, faults: Sequence[str] = FAULTS, *, label: int | None = None, faulty: float = 0.5) -> Page:
    """Draw a page; ``faulty`` is how likely a row holds a fault. The same arguments give the same page."""
    rng = np.random.default_rng([seed, 7])
    height = float(np.exp(rng.uniform(np.log(16), np.log(80))))
    rows = int(rng.integers(1, 7))
    lengths = rng.integers(1, 13, rows)
    pitch = float(rng.uniform(1.25, 2.4))
    slant, bend = float(rng.uniform(-0.2, 0.2)), float(rng.uniform(-0.8, 0.8)) * height
    leading = float(rng.uniform(1.9, 3.2)) * height
    width = round((lengths.max() + 5) * pitch * height)
    top = abs(slant) * width / 2 + abs(bend) + 1.6 * height
    page_height = round(2 * top + rows * leading)
    page = Page(np.zeros((page_height, width), np.uint8), np.zeros((page_height, width), np.int32))
    shared = writer(int(rng.integers(2**31)))
    thick = float(np.exp(rng.uniform(np.log(0.05), np.log(0.2))))
    for row, length in enumerate(lengths):
        digits = [label] * length if label is not None else [int(d) for d in rng.integers(0, 10, length)]
        page.expected.append("".join(str(digit) for digit in digits))
        who = shared if rng.random() < 0.5 else writer(int(rng.integers(2**31)))
        fault = str(rng.choice(faults)) if faults and rng.random() < faulty else None
        hand = Hand(who, height * float(rng.uniform(0.8, 1.2)), thick, pitch, fault, int(rng.integers(length)))
        page.faults.append(fault or "")
        _write_row(page, digits, hand, (top + row * leading, slant, bend, leading), rng)
    return _photographed(page, height, rng)


def _write_row(
    page: Page,
    digits: list[int],
    hand: Hand,
    course: tuple[float, float, float, float],
    rng: np.random.Generator,
) -> None:
    width = page.grey.shape[1]
    x = hand.height * hand.pitch * float(rng.uniform(0.8, 1.4))
    for col, digit in enumerate(digits):
        fault = hand.fault if col == hand.place else None
        across = 2 * x / width - 1
        y = course[0] + course[1] * (x - width / 2) + course[2] * (1 - across**2) + rng.normal(0, 0.06) * hand.height
        step = hand.height * hand.pitch * float(np.exp(rng.normal(0, 0.1)))
        if fault == "missing":
            x += step * float(rng.choice([0.1, 1.0]))
            continue
        ink = digit_ink(hand, digit, rng)
        if fault == "broken":
            break_ink(ink, hand, rng)
        if fault == "tail":
            tall = cv2.resize(ink, None, fx=1, fy=float(rng.uniform(1.5, 2.2)), interpolation=cv2.INTER_AREA).astype(
                np.float32
            )
            _paste(page, tall, (x, y + 0.4 * hand.height), digit)
        elif fault == "touch" and col:
            x = _until_it_touches(page, ink, (x, y))
            _paste(page, ink, (x, y), digit)
        elif fault == "struck":
            _paste(page, struck_out(ink, hand, rng), (x, y), None)
            x += step
            _paste(page, digit_ink(hand, digit, rng), (x, y), digit)
        else:
            _paste(page, ink, (x, y), digit)
        if fault == "extra":
            x += step
            other = int(rng.integers(10))
            _paste(page, digit_ink(hand, other, rng), (x, y), other)
        x += step
    if hand.fault in ("word", "number"):
        _print(page, hand, course[0] - course[3] / 2 if rng.random() < 0.5 else page.grey.shape[0] - hand.height, rng)


def _paste(page: Page, ink: NDArray[np.float32], middle: tuple[float, float], label: int | None) -> None:
    page.labels.append(label)
    rows, cols, window = _window(page, ink, middle)
    page.grey[rows, cols] = np.maximum(page.grey[rows, cols], np.round(255 * window).astype(np.uint8))
    page.owners[rows, cols][window > 0.4] = len(page.labels)


def _window(
    page: Page, ink: NDArray[np.float32], middle: tuple[float, float]
) -> tuple[slice, slice, NDArray[np.float32]]:
    top, left = round(middle[1] - ink.shape[0] / 2), round(middle[0] - ink.shape[1] / 2)
    above, before = max(-top, 0), max(-left, 0)
    height = max(min(ink.shape[0], page.grey.shape[0] - top), above)
    width = max(min(ink.shape[1], page.grey.shape[1] - left), before)
    return slice(top + above, top + height), slice(left + before, left + width), ink[above:height, before:width]


def _until_it_touches(page: Page, ink: NDArray[np.float32], middle: tuple[float, float]) -> float:
    """Return how far left a digit stands when it just touches what is before it."""
    for x in np.arange(middle[0], middle[0] - ink.shape[1], -1.0):
        rows, cols, window = _window(page, ink, (float(x), middle[1]))
        if ((page.grey[rows, cols] > 120) & (window > 0.5)).any():
            return float(x) - 1
    return middle[0]


def _print(page: Page, hand: Hand, y: float, rng: np.random.Generator) -> None:
    words = (
        str(rng.choice(["Numbers", "Name: Li", "page", "Test 1"])) if hand.fault == "word" else str(rng.integers(99))
    )
    size = hand.height * float(rng.uniform(0.5, 1.1)) / 21
    font = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX]))
    for _ in range(20):  # somewhere free
        picture = np.zeros(page.grey.shape, np.uint8)
        place = (round(float(rng.uniform(0.05, 0.6)) * page.grey.shape[1]), round(y))
        cv2.putText(picture, words, place, font, size, 255, max(round(0.08 * hand.height), 1), cv2.LINE_AA)
        around = cv2.dilate(picture, np.ones((round(hand.height), round(hand.height)), np.uint8))
        if not (page.grey[around > 0] > 0).any():
            _paste(page, (picture / 255).astype(np.float32), (page.grey.shape[1] / 2, page.grey.shape[0] / 2), None)
            return
        y = float(rng.uniform(0.5 * hand.height, page.grey.shape[0]))


def _photographed(page: Page, height: float, rng: np.random.Generator) -> Page:
    """Ink on paper in uneven light, with specks, blur and noise; perhaps its left edge is cut."""
    down, across = np.indices(page.grey.shape) / max(page.grey.shape)
    light = 225 * (1 - 0.3 * np.abs(across * rng.uniform(-1, 1) + down * rng.uniform(-1, 1)))
    for _ in range(int(rng.integers(0, 8))):
        at = (int(rng.integers(page.grey.shape[1])), int(rng.integers(page.grey.shape[0])))
        cv2.circle(page.grey, at, int(rng.uniform(0, 0.05) * height), 230, -1)
    photo = light * (1 - rng.uniform(0.45, 0.85) * page.grey / 255)
    photo = cv2.GaussianBlur(photo, (0, 0), max(float(rng.uniform(0.01, 0.035)) * height, 0.3))
    photo = np.clip(photo + rng.normal(0, rng.uniform(0.5, 5), photo.shape), 0, 255)
    page.grey = np.asarray(photo, np.uint8)
    if "cut" in page.faults:
        left = round(1.1 * height)
        page.grey, page.owners = np.ascontiguousarray(page.grey[:, left:]), page.owners[:, left:]
    return page
