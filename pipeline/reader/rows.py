"""Layout `rows`: plain paper, written rows of separate digits."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.params import Sheets
from pipeline.reader.glyphs import LARGEST, Glyph, join, typical_height
from pipeline.reader.lines import rows_of
from pipeline.reader.page import ink_map_colour
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Corners, Crop, Ink, Reason, Reject
from pipeline.reader.strokes import Labels, parts, threshold

STROKE = 0.15  # of the typical height: shorter parts are specks, no stroke of anything
HALO = 0.04  # of the typical height: the soft edge around a stroke that still belongs to it
FULL_INK = 90  # percentile of a glyph's ink that counts as the pen's full ink
# Two digits that touch: wider than one, and no neighbour where the second one stands.
WIDE = 1.6  # of the row's median width
MISSING = 2.5  # median steps from the neighbour before to the neighbour after; two without a missing digit
CERTAINLY_TWO = 2.4  # of the row's median width


@dataclass(frozen=True)
class Sheet:
    """A photo taken apart; lengths in pixels."""

    ink: Ink
    labels: Labels
    typical: float
    rows: list[list[Glyph]]
    strays: list[Glyph]  # too small for a digit, too large for a speck, near no digit


def read_rows(
    rgb: Rgb, label: int | None, strings: tuple[str, ...] | None, limits: Sheets
) -> tuple[list[Crop], list[Reject]]:
    """Read the digits of a photo of written rows.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        Upright photo.
    label : int or None
        The digit on the whole photo; used where ``strings`` is None.
    strings : tuple of str or None
        The digits of each row, top to bottom. A row with another count is one ``row-count`` reject.
    limits : Sheets

    Returns
    -------
    list of Crop, list of Reject
    """
    sheet = take_apart(rgb, limits)
    if not sheet.rows:
        detail = f"no digit with ink contrast of at least {limits.min_ink_contrast:g} (sheets.min_ink_contrast)"
        return [], [Reject(Reason.NO_DIGIT, f"{detail}; retake the photo closer and in better light")]
    if strings is not None and len(strings) != len(sheet.rows):
        detail = f"expected {len(strings)} rows (sheets.yaml), found {len(sheet.rows)}"
        return [], [Reject(Reason.ROW_COUNT, f"{detail}; correct `rows` or retake the photo")]
    crops: list[Crop] = []
    rejects = [_stray(glyph, sheet.typical) for glyph in sheet.strays]
    for place, row in enumerate(sheet.rows):
        if strings is not None and len(strings[place]) != len(row):
            detail = f"expected {len(strings[place])} digits ({strings[place]}), found {len(row)}"
            advice = "some may touch or be broken; write it again with gaps"
            rejects.append(Reject(Reason.ROW_COUNT, f"{detail}: {advice}", row=place, corners=_corners(row)))
            continue
        row_labels = [label] * len(row) if strings is None else [int(digit) for digit in strings[place]]
        for col, (glyph, digit) in enumerate(zip(row, row_labels, strict=True)):
            assert digit is not None, "the caller gives a label or strings"
            problem = _verdict(glyph, row, col, sheet.ink.shape, limits)
            if problem is None:
                crops.append(Crop(cut(sheet, glyph), digit, place, col, _corners([glyph])))
            else:
                reason, detail = problem
                rejects.append(Reject(reason, detail, place, col, digit, _corners([glyph])))
    return crops, rejects


def take_apart(rgb: Rgb, limits: Sheets) -> Sheet:
    """Find the ink, its strokes, the glyphs that they form and the rows in which these stand."""
    ink = ink_map_colour(rgb)
    found, labels = parts(ink, threshold(ink, limits.min_ink_contrast))
    longest = LARGEST * max(rgb.shape[:2])
    small = [part for part in found if max(part.width, part.height) <= longest]
    typical = typical_height(small)
    strokes = [part for part in small if max(part.width, part.height) >= STROKE * typical]
    glyphs = join(strokes, labels, typical)
    digits = [glyph for glyph in glyphs if glyph.height >= limits.min_digit_height * typical]
    strays = [glyph for glyph in glyphs if glyph.height < limits.min_digit_height * typical <= glyph.width]
    rows = [row for row in rows_of(digits, typical) if not all(_at_edge(glyph, ink.shape) for glyph in row)]
    return Sheet(ink, labels, typical, rows, strays)


def cut(sheet: Sheet, glyph: Glyph) -> Ink:
    """Return the ink of one glyph with its soft edges and nobody else's, full ink at 255, with a margin of paper."""
    halo = max(round(HALO * sheet.typical), 1)
    height, width = sheet.ink.shape
    top, bottom = max(glyph.y - halo, 0), min(glyph.bottom + halo, height)
    left, right = max(glyph.x - halo, 0), min(glyph.right + halo, width)
    window, ink = sheet.labels[top:bottom, left:right], sheet.ink[top:bottom, left:right]
    own = np.isin(window, [part.index + 1 for part in glyph.parts])
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * halo + 1, 2 * halo + 1))
    near = cv2.dilate(own.astype(np.uint8), reach).astype(bool) & (own | (window == 0))
    full = max(float(np.percentile(ink[own], FULL_INK)), 1.0)
    return np.where(near, np.clip(ink * (255.0 / full), 0, 255), 0).astype(np.uint8)


def _verdict(
    glyph: Glyph, row: list[Glyph], col: int, shape: tuple[int, ...], limits: Sheets
) -> tuple[Reason, str] | None:
    """Return why a glyph gives no digit, or None where it does."""
    if _at_edge(glyph, shape):
        return Reason.TOUCHES_EDGE, "the digit is cut off by the photo's edge; retake with a margin around the writing"
    if glyph.doubtful:
        return Reason.TOUCHES_NEIGHBOUR, "a stroke lies as near to this digit as to its neighbour; write further apart"
    if len(glyph.parts) > limits.max_cell_parts:
        detail = f"{len(glyph.parts)} separate strokes, limit {limits.max_cell_parts} (sheets.max_cell_parts)"
        return Reason.TOO_MANY_PARTS, f"{detail}; write it again"
    if _two_in_one(row, col):
        median = np.median([other.width for other in row])
        detail = f"{glyph.width} px wide where the row's median is {median:.0f} and a neighbour is missing"
        return Reason.TOUCHES_NEIGHBOUR, f"{detail}: two digits that touch; write further apart"
    return None


def _two_in_one(row: list[Glyph], col: int) -> bool:
    """Tell whether a glyph is so wide, and its surroundings so empty, that it must be two touching digits."""
    if len(row) < 3:
        return False
    glyph, widths = row[col], np.array([other.width for other in row])
    median = float(np.median(widths))
    if glyph.width <= WIDE * median or glyph.width <= np.median([other.height for other in row]):
        return False
    places = np.array([other.centre[0] for other in row])
    step = float(np.median(np.diff(places)))
    before, after = max(col - 1, 0), min(col + 1, len(row) - 1)
    expected = MISSING if after - before == 2 else MISSING / 2
    return bool(glyph.width > CERTAINLY_TWO * median or places[after] - places[before] > expected * step)


def _stray(glyph: Glyph, typical: float) -> Reject:
    detail = f"{glyph.width}x{glyph.height} px of ink near no digit, where digits are {typical:.0f} px high"
    return Reject(Reason.TOO_SMALL, f"{detail}; part of a digit or a slip of the pen", corners=_corners([glyph]))


def _at_edge(glyph: Glyph, shape: tuple[int, ...]) -> bool:
    return glyph.x <= 0 or glyph.y <= 0 or glyph.right >= shape[1] or glyph.bottom >= shape[0]


def _corners(glyphs: list[Glyph]) -> Corners:
    left, top = min(glyph.x for glyph in glyphs), min(glyph.y for glyph in glyphs)
    right, bottom = max(glyph.right for glyph in glyphs), max(glyph.bottom for glyph in glyphs)
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
