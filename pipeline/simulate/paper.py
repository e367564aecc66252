"""The paper itself: its colour, the back's writing seen through it, ruled lines, dirt and printed words."""

import cv2
import numpy as np

from pipeline.simulate.pens import Bgr, Colour
from pipeline.simulate.severity import Conditions

TINTS: tuple[Colour, ...] = (
    (236, 240, 241),
    (246, 246, 245),
    (212, 232, 240),
    (228, 232, 232),
)  # whites, cream, grey
_SHARES = (0.4, 0.3, 0.15, 0.15)
RULES: tuple[Colour, ...] = ((205, 180, 155), (190, 190, 188), (225, 190, 150))  # blue, grey, light blue
MARGIN: Colour = (150, 150, 225)  # a red line
WORDS = ("Handwritten digits", "Class 3, Monday", "Name:", "Sheet 12", "Exercise 4.2", "Please write clearly")


def sheet(page_mm: tuple[float, float], scale: float, rng: np.random.Generator) -> Bgr:
    """Return an empty sheet of ``scale`` pixels a mm, of a colour that paper has."""
    tint = TINTS[int(rng.choice(len(TINTS), p=_SHARES))]
    shape = (round(page_mm[1] * scale), round(page_mm[0] * scale), 3)
    return np.full(shape, np.array(tint, np.uint8), np.uint8)


def rule(picture: Bgr, spacing: float, top: float, scale: float, *, darkness: float, rng: np.random.Generator) -> None:
    """Print a notebook's lines, ``spacing`` mm apart from ``top`` downwards, and often a red margin line.

    They are up to ``darkness`` (of 255) darker than usual.
    """
    colour = np.array(RULES[int(rng.integers(len(RULES)))], np.float64) - darkness * rng.uniform(0, 1)
    width = max(round(rng.uniform(0.2, 0.4) * scale), 1)
    shade: Colour = (int(colour[0]), int(colour[1]), int(colour[2]))
    for y in np.arange(top, picture.shape[0] / scale, spacing):
        row = round(y * scale)
        cv2.line(picture, (0, row), (picture.shape[1], row), shade, width)
    if rng.random() < 0.5:
        x = round(rng.uniform(16, 24) * scale)
        cv2.line(picture, (x, 0), (x, picture.shape[0]), MARGIN, width)


def ghost(picture: Bgr, limits: Conditions, rng: np.random.Generator) -> Bgr:
    """Let the same writing, mirrored, be seen through the paper from its back."""
    strength = limits.ghost * rng.uniform(-1, 1)  # half of all paper lets nothing through
    if strength <= 0:
        return picture
    back = cv2.blur(picture[:, ::-1], (5, 5))
    paper = picture[0, 0].astype(np.float32)
    seen = 1 - strength * (1 - np.arange(256) / np.maximum(paper, 1)[:, None])  # (3, 256): what so dark a back leaves
    share = np.clip(255 * seen, 0, 255).astype(np.uint8)
    veil = cv2.merge([cv2.LUT(np.ascontiguousarray(back[:, :, c]), share[c]) for c in range(3)])
    return np.asarray(cv2.multiply(picture, veil, scale=1 / 255), dtype=np.uint8)


def speckle(picture: Bgr, scale: float, limits: Conditions, rng: np.random.Generator) -> None:
    """Drop specks of dirt and of ink on the paper, up to 0.8 mm across."""
    for _ in range(int(rng.integers(0, limits.specks + 1))):
        place = (int(rng.integers(picture.shape[1])), int(rng.integers(picture.shape[0])))
        shade = int(rng.integers(60, 170))
        radius = max(round(rng.uniform(0.1, 0.4) * scale), 1)
        cv2.circle(picture, place, radius, (shade, shade, shade), -1, cv2.LINE_AA)


def print_words(picture: Bgr, at: tuple[float, float], height: float, scale: float, rng: np.random.Generator) -> None:
    """Print a title whose capitals are ``height`` mm high, its baseline's left end ``at`` mm."""
    words = WORDS[int(rng.integers(len(WORDS)))]
    place = (round(at[0] * scale), round(at[1] * scale))
    thickness = max(round(height * scale / 12), 1)
    size = height * scale / 21  # Hershey capitals are 21 pixels high
    cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, size, (45, 45, 45), thickness, cv2.LINE_AA)
