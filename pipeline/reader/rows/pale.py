"""Writing that is much paler than the rest of the page: pencil beside a marker."""

import cv2
import numpy as np

from pipeline.reader.records import Ink
from pipeline.reader.rows.glyphs import STACKED_GAP, Glyph
from pipeline.reader.rows.shapes import shape_of
from pipeline.reader.strokes import Labels, Part, parts

PALER = 0.5  # of the threshold: ink between the two is a paler pen's, and each pen's is found at half of its own ink
DIGIT = 0.5, 2.0  # of the typical height: smaller pale ink is dirt or a shade of the paper
THINNEST, WIDEST = 1 / 3, 2.0  # of the page's line: a pencil's is thinner than a marker's, a shadow's edge wider
STROKE = 0.15  # of the typical height: a cap or the like; it is a digit's if it is as near as strokes are joined
HALO = 0.1  # of the typical height: around dark ink it is that ink's own soft edge
MOST = 2.0  # times as many strokes as the dark ink has: more is the paper's texture

Found = tuple[list[Part], Labels]


def paler(ink: Ink, dark: Found, written: list[Part], typical: float, level: float) -> Found:
    """Find the strokes, as high as digits, that only half of the threshold shows.

    Parameters
    ----------
    ink : (H, W) uint8
    dark : list of Part, and (H, W) int32 labels
        What ``2 * level`` or so showed, see :func:`pipeline.reader.strokes.parts`.
    written : list of Part
        Those of them that may be writing.
    typical : float
        Height of the digits, pixels.
    level : float
        0..255.

    Returns
    -------
    list of Part with numbers after those of ``dark``, and the labels with them added
    """
    found, labels = dark
    if not written:
        return [], labels
    reach = 2 * max(round(HALO * typical), 1) + 1
    taken = cv2.dilate((labels > 0).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    rest, places = parts(ink, level)
    beside = np.zeros(len(rest) + 1, bool)
    beside[np.unique(places[taken > 0])] = True
    low, high = DIGIT[0] * typical, DIGIT[1] * typical
    line = float(np.median([shape_of(Glyph((part,)), labels).stroke for part in written if part.height >= low] or [0]))
    bodies, pieces = [], []
    for part in rest:
        if beside[part.index + 1] or max(part.width, part.height) > high:
            continue
        if part.height < low:
            pieces.append(part)
        elif THINNEST * line <= shape_of(Glyph((part,)), places).stroke <= WIDEST * line and _solid(
            part, ink, places, level
        ):
            bodies.append(part)
    pale = bodies + [piece for piece in pieces if _is_stroke(piece, bodies, typical)]
    if len(pale) > MOST * max(len(written), 10):
        return [], labels
    first = max((part.index for part in found), default=-1) + 1
    number = np.zeros(len(rest) + 1, np.int32)
    number[[part.index + 1 for part in pale]] = np.arange(first + 1, first + 1 + len(pale))
    named = [Part(first + place, part.x, part.y, part.width, part.height, part.area) for place, part in enumerate(pale)]
    return named, np.where(labels > 0, labels, number[places]).astype(np.int32)


def _is_stroke(piece: Part, bodies: list[Part], typical: float) -> bool:
    if max(piece.width, piece.height) < STROKE * typical:
        return False
    near = STACKED_GAP * typical
    return any(
        max(piece.x, body.x) - min(piece.right, body.right) <= near
        and max(piece.y, body.y) - min(piece.bottom, body.bottom) <= near
        for body in bodies
    )


def _solid(part: Part, ink: Ink, places: Labels, level: float) -> bool:
    """Tell whether most of a part reaches the level, as a pen's line does and grain or a crease does not."""
    box = slice(part.y, part.bottom), slice(part.x, part.right)
    return bool(np.median(ink[box][places[box] == part.index + 1]) >= level)
