"""A photo with what was read drawn on it: each digit beside its box, how sure it is, and what was not read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.pictures.contact import BAD, GOOD, PAPER

LONGEST = 1800  # pixels of the picture's longer side: digits a hundred to the page have legible captions
LETTER = 0.4  # of the boxes' median height: the digit above each …
SMALLEST, LARGEST = 13, 44  # … pixels
TABLE = 0.5  # of the boxes have another one right above them: all but a table's first row
UNSURE = (200, 110, 0)


@dataclass(frozen=True)
class Said:
    """A box on the photo and what was said of it."""

    corners: NDArray[np.float32]  # (4, 2): x, y in photo pixels
    text: str  # the digit
    confidence: float | None  # 0..1; None for a reject
    sure: bool


def answered(photo: NDArray[np.uint8], said: Sequence[Said]) -> Image.Image:
    """Draw on an (H, W, 3) uint8 RGB photo: green what was read, orange what was not sure, red rejects."""
    height, width = photo.shape[:2]
    scale = min(LONGEST / max(height, width), 1.0)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    page = Image.fromarray(photo).resize(size, Image.Resampling.BOX) if scale < 1 else Image.fromarray(photo.copy())
    draw, heights = ImageDraw.Draw(page), [np.ptp(one.corners[:, 1]) * scale for one in said]
    large = float(np.clip(LETTER * np.median(heights or [0]), SMALLEST, LARGEST))
    digit, share = ImageFont.load_default(large), ImageFont.load_default(max(large * 0.55, SMALLEST - 2))
    inside = _side_by_side([one.corners * scale for one in said], large)
    for one in said:
        corners = one.corners * scale
        colour = BAD if one.confidence is None else GOOD if one.sure else UNSURE
        draw.polygon([(float(x), float(y)) for x, y in corners], outline=colour, width=2)
        left, top = (float(value) for value in corners.min(axis=0))
        place = (left + 4, top + large + 4) if inside else (max(left, 2), max(top - 3, large + 2))
        font = share if one.confidence is None else digit
        draw.text(place, one.text, colour, font, anchor="lb", stroke_width=2, stroke_fill=PAPER)
        if one.confidence is not None:
            beside = place[0] + draw.textlength(one.text, digit) + 3, place[1]
            draw.text(beside, f"{one.confidence:.0%}", colour, share, anchor="lb", stroke_width=2, stroke_fill=PAPER)
    return page


def _side_by_side(boxes: list[NDArray[np.float32]], letter: float) -> bool:
    """Tell whether what is written above a box would mostly stand in another one, as in a table."""
    low, high = (np.array([end(box, axis=0) for box in boxes]).reshape(-1, 2) for end in (np.min, np.max))
    places = low + np.array([letter / 2, -letter / 2])
    within = (places[:, None] > low[None]) & (places[:, None] < high[None])
    return len(boxes) > 0 and bool(within.all(axis=2).any(axis=1).mean() > TABLE)
