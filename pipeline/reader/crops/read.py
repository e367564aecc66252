"""Layout `crops`: images that hold one digit each."""

import cv2
import numpy as np

from pipeline.digits import SIDE
from pipeline.params import Sheets
from pipeline.reader.crops.backdrop import full_ink, ink_of, without_frame
from pipeline.reader.normalize import PAPER_LEVEL
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Crop, Ink, Reason, Reject, whole_photo
from pipeline.reader.strokes import Labels, Part, parts, threshold

LARGEST_SIDE = 400  # pixels: a digit of 20 needs no more
SPECK = 0.02  # of the largest part's area: smaller ink is dirt
PATTERN = 5  # times sheets.max_cell_parts: more pieces are the paper's texture, not strokes
FRAME_SPANS = 0.85  # of the image's width and height: a frame; one that holds no digit is a 0
RULE_SPANS, RULE_DEPTH = 0.9, 0.1  # of the image: a line along its border, cut from a table with the digit


def read_crop(rgb: Rgb, label: int, limits: Sheets) -> Crop | Reject:
    """Read an image of one digit on any background, dark on light or light on dark, of any size.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        A finished 28x28 digit (see :func:`is_digit_image`) keeps its pixels.
    label : int
    limits : Sheets

    Returns
    -------
    Crop, or Reject with ``blank``, ``too-faint`` or ``too-many-parts``
    """
    corners = whole_photo(*rgb.shape[:2])
    if is_digit_image(rgb):
        return Crop(np.ascontiguousarray(rgb[:, :, 0]), label, 0, 0, corners)
    ink = ink_of(without_frame(_reduced(rgb)))
    contrast = full_ink(ink) / 255
    if contrast < limits.min_ink_contrast:
        detail = f"ink contrast {contrast:.2f}, limit {limits.min_ink_contrast:g} (sheets.min_ink_contrast)"
        reason = Reason.BLANK if contrast < limits.min_ink_contrast / 2 else Reason.TOO_FAINT
        return Reject(reason, detail, 0, 0, label, corners, "use a darker pen")
    found, labels = parts(ink, threshold(ink, limits.min_ink_contrast))
    own = _strokes(found, labels)
    if len(own) > PATTERN * limits.max_cell_parts:
        limit = f"limit {PATTERN} x {limits.max_cell_parts} (sheets.max_cell_parts)"
        detail = f"{len(own)} separate pieces of ink, {limit}"
        return Reject(Reason.TOO_MANY_PARTS, detail, 0, 0, label, corners, "plain paper, one digit in the image")
    return Crop(_cleared(ink, own, labels), label, 0, 0, corners)


def is_digit_image(rgb: Rgb) -> bool:
    """Tell whether an image already is a 28x28 digit in MNIST's convention: grey, paper exactly 0 at the border."""
    if rgb.shape != (SIDE, SIDE, 3):
        return False
    same = (rgb == rgb[:, :, :1]).all()
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    return bool(same and border.max() == 0 and rgb.max() > 0)


def _reduced(rgb: Rgb) -> Rgb:
    scale = LARGEST_SIDE / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    size = max(round(rgb.shape[1] * scale), 1), max(round(rgb.shape[0] * scale), 1)
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _strokes(found: list[Part], labels: Labels) -> list[Part]:
    """Return the parts that are the digit: neither dirt, nor a frame around it, nor a line along the border."""
    height, width = labels.shape
    by_size = sorted(found, key=lambda part: -part.area)
    for part in list(by_size):
        others = [other for other in by_size if other is not part]
        frame = part.width >= FRAME_SPANS * width and part.height >= FRAME_SPANS * height
        holds = any(_inside(other, part) and other.height >= height / 4 for other in others)
        if (frame and holds) or (others and _rule(part, width, height)):
            by_size = others
    return [part for part in by_size if part.area >= SPECK * by_size[0].area]


def _inside(part: Part, other: Part) -> bool:
    return other.x < part.x and other.y < part.y and part.right < other.right and part.bottom < other.bottom


def _rule(part: Part, width: int, height: int) -> bool:
    """Tell whether a part is a straight line from end to end along one side of the image."""
    upper, lower = part.bottom <= RULE_DEPTH * height, part.y >= (1 - RULE_DEPTH) * height
    left, right = part.right <= RULE_DEPTH * width, part.x >= (1 - RULE_DEPTH) * width
    along = part.width >= RULE_SPANS * width and (upper or lower)
    return along or (part.height >= RULE_SPANS * height and (left or right))


def _cleared(ink: Ink, own: list[Part], labels: Labels) -> Ink:
    """Clear what is not connected to the digit, and scale its strokes to full ink."""
    mine = np.isin(labels, [part.index + 1 for part in own])
    near = cv2.dilate(mine.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & (mine | (labels == 0))
    levelled = np.clip(ink * (255.0 / float(np.percentile(ink[mine], 90))), 0, 255)
    return np.where(near & (levelled >= PAPER_LEVEL), levelled, 0).astype(np.uint8)
