"""Photos of handwriting for tests, drawn with polylines: what stands where is known exactly."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.uint8]
Stroke = Sequence[tuple[float, float]]

PAPER, PEN = 225, 45
HEIGHT = 60  # pixels of a digit
PITCH = 75  # pixels from a digit to the next
LEADING = 130  # pixels from a row to the next

_CIRCLE: Stroke = [(0.3 + 0.3 * np.sin(a), 0.5 - 0.5 * np.cos(a)) for a in np.linspace(0, 2 * np.pi, 25)]
STROKES: dict[str, list[Stroke]] = {  # x and y in digit heights, from the digit's top left corner
    "0": [_CIRCLE],
    "1": [[(0.1, 0), (0.05, 1)]],
    "2": [[(0, 0.2), (0.25, 0), (0.5, 0.2), (0.4, 0.5), (0, 1), (0.6, 1)]],
    "3": [[(0, 0.1), (0.3, 0), (0.5, 0.25), (0.2, 0.5), (0.55, 0.75), (0.3, 1), (0, 0.9)]],
    "4": [[(0.3, 0), (0, 0.6), (0.6, 0.6)], [(0.45, 0.3), (0.45, 1)]],
    "5": [[(0.2, 0), (0.6, 0)], [(0.1, 0.2), (0.1, 0.5), (0.45, 0.5), (0.5, 0.8), (0.3, 1), (0, 0.95)]],
    "6": [[(0.4, 0), (0.05, 0.6), (0.2, 1), (0.5, 0.8), (0.3, 0.55), (0.05, 0.7)]],
    "7": [[(0, 0), (0.55, 0), (0.2, 1)]],
    "8": [[(0.5, 0.1), (0.1, 0.1), (0.5, 0.9), (0.1, 0.9), (0.5, 0.1)]],
    "9": [[(0.5, 0.3), (0.2, 0.5), (0.05, 0.2), (0.3, 0), (0.5, 0.2), (0.45, 1)]],
}


def blank(height: int = 400, width: int = 600, level: int = PAPER) -> Grey:
    return np.full((height, width), level, np.uint8)


def write_digit(paper: Grey, digit: str, x: float, y: float, height: int = HEIGHT, *, pen: int = PEN) -> None:
    """Draw in place; ``x``, ``y`` is the top left corner."""
    thickness = max(round(0.08 * height), 1)
    for stroke in STROKES[digit]:
        points = np.array([(x + height * across, y + height * down) for across, down in stroke])
        cv2.polylines(paper, [np.round(points).astype(np.int32)], False, pen, thickness, cv2.LINE_AA)


def page(rows: Sequence[str], *, slant: float = 0.0, bend: float = 0.0, height: int = HEIGHT) -> Grey:
    """Draw rows of digits.

    ``slant`` is how far a row falls for each pixel to the right; ``bend`` how many digit heights its middle hangs.
    """
    unit = height / HEIGHT
    longest = max(len(row) for row in rows)
    width = (longest + 1) * PITCH * unit
    margin = (abs(slant) * width + abs(bend) * height) + height
    paper = blank(round(2 * margin + len(rows) * LEADING * unit), round(width))
    for place, row in enumerate(rows):
        for col, digit in enumerate(row):
            x = (col + 0.6) * PITCH * unit
            hang = bend * height * (1 - (2 * x / width - 1) ** 2)
            y = margin + place * LEADING * unit + slant * (x - width / 2) + hang
            write_digit(paper, digit, x, y, height)
    return paper


def rgb(grey: Grey) -> NDArray[np.uint8]:
    return np.repeat(grey[:, :, None], 3, axis=2)


def save(grey: Grey, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grey).save(path)
    return path
