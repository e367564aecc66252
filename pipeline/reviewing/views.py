"""Pictures for the page: a digit in its row on the photo, the whole photo, and the 28x28 digit."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.digits import SIDE
from pipeline.reader.photo import Rgb

STRIP = 1120, 320  # pixels: sharp on a phone's and a laptop's screen
FILLS = 0.5  # of the strip's height: the digit, or its box
LARGEST = 1600  # pixels of the whole photo's longer side
LIT, BRIGHTEST, GAIN = 99, 235, 4.0  # a dark photo is brightened: this percentile to this level, so many times at most
MARKED, OTHERS, HALO = (214, 84, 0), (0, 110, 60), (255, 255, 255)  # as RGB: orange, green, white

Points = NDArray[np.float64]


def strip(photo: Rgb, corners: Points, others: list[tuple[Points, str]]) -> Image.Image:
    """Draw a digit in its row, upright as it was read.

    Parameters
    ----------
    photo : (H, W, 3) uint8
    corners : (4, 2)
        Of the digit or its box, in photo pixels.
    others : corners and captions
        Of other digits; those in view are named.

    Returns
    -------
    RGB picture, 1120 x 320 pixels, white beyond the photo
    """
    matrix = _towards(corners)
    way = cv2.INTER_LINEAR if float(np.hypot(*matrix[0, :2])) < 1 else cv2.INTER_CUBIC
    seen = cv2.warpAffine(photo, matrix, STRIP, flags=way, borderMode=cv2.BORDER_CONSTANT, borderValue=HALO)
    picture = Image.fromarray(_lit(np.asarray(seen, np.uint8)))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(26)
    for other, caption in others:
        placed = _moved(other, matrix)
        x, y = placed[:, 0].mean(), placed[:, 1].max() + 18
        if 0 < x < STRIP[0] and 0 < y < STRIP[1]:
            draw.text((x, y), caption, OTHERS, font, anchor="mm", stroke_width=3, stroke_fill=HALO)
    _outline(draw, _moved(corners, matrix), 4)
    return picture


def whole(photo: Rgb, corners: Points | None) -> Image.Image:
    """Draw a whole photo, with an outline on it where there are corners."""
    scale = min(LARGEST / max(photo.shape[:2]), 1.0)
    size = max(round(photo.shape[1] * scale), 1), max(round(photo.shape[0] * scale), 1)
    picture = Image.fromarray(photo).resize(size, Image.Resampling.BOX)
    if corners is not None:
        _outline(ImageDraw.Draw(picture), corners * scale, 4)
    return picture


def digit(image: NDArray[np.uint8]) -> Image.Image:
    """Draw a 28x28 digit, dark on white as it was written."""
    return Image.fromarray(255 - image.reshape(SIDE, SIDE))


def _lit(picture: Rgb) -> Rgb:
    """Brighten a dark picture for the eye; nothing is measured on it."""
    level = float(np.percentile(picture[::4, ::4].max(axis=2), LIT))
    gain = min(max(BRIGHTEST / max(level, 1.0), 1.0), GAIN)
    return np.asarray(np.minimum(picture * gain, 255), np.uint8)


def _towards(corners: Points) -> Points:
    """Return the (2, 3) matrix from photo to strip: the digit in the middle, its upper edge level."""
    across = (corners[1] - corners[0] + corners[2] - corners[3]) / 2
    down = (corners[3] - corners[0] + corners[2] - corners[1]) / 2
    wide, high = float(np.hypot(*across)), float(np.hypot(*down))
    scale = FILLS * STRIP[1] / max(wide, high, 1.0)
    along = across / wide if wide >= 1 else np.array([1.0, 0.0])
    turn = scale * np.array([along, (-along[1], along[0])])
    middle = np.array(STRIP, float) / 2 - turn @ corners.mean(axis=0)
    return np.column_stack([turn, middle])


def _moved(points: Points, matrix: Points) -> Points:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float64)


def _outline(draw: ImageDraw.ImageDraw, corners: Points, width: int) -> None:
    """Draw around corners, not on the ink that reaches to them."""
    middle = corners.mean(axis=0)
    reach = np.maximum(np.hypot(*(corners - middle).T)[:, None], 1.0)
    ring = [(float(x), float(y)) for x, y in middle + (corners - middle) * (1 + 3 * width / reach)]
    for colour, thick in ((HALO, width + 4), (MARKED, width)):
        draw.line([*ring, ring[0], ring[1]], colour, thick, joint="curve")
