"""Layout `crops`: images that hold one digit each."""

from itertools import combinations

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

# Several digits in one image. Of MNIST's 70,000 digits, as they are and four times as large, these limits refuse none;
# of 4,000 pairs of them, 2 to 15 of 28 pixels apart, they let 0.2% pass (mostly a digit in pieces beside another; two
# 1s that are close to each other), of 2,000 triples none; of pairs made 28x28, 1%.
STROKE = 0.2  # of the largest part's area: smaller parts are crumbs of a broken digit (MNIST's have less than 0.2)
WIDEST = 2.6  # times as wide as high: MNIST's widest digit is 2.5
TALL = 0.45  # of all ink's height: of two parts beside each other one has it; MNIST's broken ones have 0.41
LEVEL = 0.5  # of the taller part's height: what two parts beside each other share
CLEAR = 0.07  # of the taller part's height: the gap between them; within a 4 in two strokes it is 0.06
PAIR = 0.7  # of the taller part's height: how wide both are together; 1s and 9s with dirt beside them have 0.65

# Paper that a stroke encloses, as holes in the ink: at least so large, of the square around it, and at most so many.
# 10,000 of MNIST's digits have 5 at most, 671 that were cut from real photos 6; a sheet whose writing was taken for
# paper, and its paper for ink, mostly has 20 to 150.
HOLE, HOLES = 1e-4, 12

ALONE = "one digit in the image, upright; of a row of digits say `layout: rows`, of a table `layout: grid`"


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
    Crop, or Reject with ``blank``, ``too-faint``, ``too-many-parts``, where they are several digits
    ``touches-neighbour``, or where it is a page ``no-digit``
    """
    corners = whole_photo(*rgb.shape[:2])
    if is_digit_image(rgb):
        ready = np.ascontiguousarray(rgb[:, :, 0])
        own = _strokes(*parts(ready, threshold(ready, limits.min_ink_contrast)))
        several = _several(own, limits) if own else None  # a digit paler than pens write is kept as it is
        return Reject(*several, 0, 0, label, corners, ALONE) if several else Crop(ready, label, 0, 0, corners)
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
    several = _several(own, limits)
    if several:
        return Reject(*several, 0, 0, label, corners, ALONE)
    cleared = _cleared(ink, own, labels)
    holes = _holes(cleared)
    if holes > HOLES:
        detail = f"{holes} holes in the ink, limit {HOLES}: a whole page or a table"
        return Reject(Reason.NO_DIGIT, detail, 0, 0, label, corners, ALONE)
    return Crop(cleared, label, 0, 0, corners)


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


def _several(own: list[Part], limits: Sheets) -> tuple[Reason, str] | None:
    """Say why the strokes are more than one digit, or None: too wide, too many, or two that stand side by side."""
    width, height = (
        max(part.right for part in own) - min(part.x for part in own),
        max(part.bottom for part in own) - min(part.y for part in own),
    )
    if width > WIDEST * height:
        return Reason.TOUCHES_NEIGHBOUR, f"ink {width / height:.1f} times as wide as high, limit {WIDEST:g}"
    strokes = [part for part in own if part.area >= STROKE * own[0].area]
    beside = max((_beside(*pair, TALL * height) for pair in combinations(strokes, 2)), default=0.0)
    if beside >= CLEAR:
        detail = f"two strokes side by side, {beside:.2f} of their height apart, limit {CLEAR:g}"
        return Reason.TOUCHES_NEIGHBOUR, f"{detail}: more than one digit"
    if len(strokes) > limits.max_cell_parts:
        return Reason.TOO_MANY_PARTS, (
            f"{len(strokes)} separate strokes, limit {limits.max_cell_parts} (sheets.max_cell_parts)"
        )
    return None


def _beside(one: Part, other: Part, tall: float) -> float:
    """Return the gap, in heights of the taller, between two parts that stand side by side as two digits do, else 0."""
    left, right = sorted((one, other), key=lambda part: part.x)
    high = max(left.height, right.height)
    level = min(left.bottom, right.bottom) - max(left.y, right.y)
    together = max(left.right, right.right) - left.x
    return (right.x - left.right) / high if high >= tall and level >= LEVEL * high and together > PAIR * high else 0.0


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


def _holes(ink: Ink) -> int:
    """Count the pieces of paper that the ink encloses, without its grain."""
    mask = ink >= PAPER_LEVEL
    side = max(np.ptp(np.flatnonzero(mask.any(axis=0))), np.ptp(np.flatnonzero(mask.any(axis=1)))) + 1
    paper = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    _, _, pieces, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    return int((pieces[1:, cv2.CC_STAT_AREA] >= HOLE * side**2).sum()) - 1  # without what lies around the digit
