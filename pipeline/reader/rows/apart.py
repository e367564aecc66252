"""A photo of written rows, taken apart: ink, strokes, glyphs, rows."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from pipeline.params import Sheets
from pipeline.reader.page import MARKER, ink_map_colour
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Corners, Ink
from pipeline.reader.rows.glyphs import Glyph, join, typical_height
from pipeline.reader.rows.lines import rows_of
from pipeline.reader.rows.pale import PALER, paler
from pipeline.reader.rows.touching import rows_with_tails
from pipeline.reader.ruling.hidden import Hidden
from pipeline.reader.ruling.lined import without_ruled_lines
from pipeline.reader.strokes import Labels, Part, parts, threshold

STROKE = 0.15  # of the typical height: shorter parts are specks, no stroke of anything
STRAY = 0.3  # of the typical height: a wider piece that is too low for a digit is no speck, but may be a digit's cap
HALO = 0.04  # of the typical height: the soft edge around a stroke that still belongs to it
FULL_INK = 90  # percentile of a glyph's ink that counts as the pen's full ink
LONG = 0.25  # of the photo's side: longer parts are a table, a shadow's edge or a ruled line …
ALL_LARGE = 0.5  # … unless at least this share of the ink that touches no edge is in them: a few large digits
TALLEST = 3.0  # of the typical height: two digits of two rows that touch are lower
ENOUGH = 72  # pixels: digits this high lose nothing on their way to 20
ROUGH_SIDE = 1000  # pixels: a copy as small as this shows how high the digits are
MOST_STROKES = (
    3000  # three times those of the fullest sheet; more is a pattern, and comparing all pairs would take hours
)


@dataclass(frozen=True)
class Sheet:
    """A photo taken apart; lengths in pixels of ``ink``, which is ``reduction`` times smaller than the photo."""

    ink: Ink
    labels: Labels
    typical: float
    rows: list[list[Glyph]]
    strays: list[Glyph]  # too small for a digit, too large for a speck, near no digit
    reduction: int = 1
    too_many: int = 0  # strokes, where these are too many for writing
    hidden: Hidden | None = None  # where ruled lines, taken out, may hide a stroke
    faint: list[list[Glyph]] = field(default_factory=list)  # rows of ink too pale beside the rest to be read

    def corners(self, glyphs: list[Glyph]) -> Corners:
        """Return the corners of the box around glyphs, in pixels of the photo."""
        left, top = min(glyph.x for glyph in glyphs), min(glyph.y for glyph in glyphs)
        right, bottom = max(glyph.right for glyph in glyphs), max(glyph.bottom for glyph in glyphs)
        box = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
        return np.asarray(box * self.reduction, dtype=np.float32)

    def at_edge(self, glyph: Glyph) -> bool:
        """Tell whether the photo's edge cuts a glyph."""
        return _at_edge(glyph, self.ink.shape)


def take_apart(rgb: Rgb, limits: Sheets) -> Sheet:
    """Find the ink, its strokes, the glyphs that they form and the rows in which these stand."""
    reduction = _reduction(rgb, limits)
    small = _reduced(rgb, reduction)
    ink, hidden = without_ruled_lines(ink_map_colour(small, MARKER), small)
    level, least = threshold(ink, limits.min_ink_contrast), limits.min_ink_contrast * 255
    found, labels = parts(ink, level)
    written, typical = _writing(found, ink.shape)
    strokes = [part for part in written if max(part.width, part.height) >= STROKE * typical]
    if len(strokes) > MOST_STROKES:
        return Sheet(ink, labels, typical, [], [], reduction, len(strokes))
    pale, labels = paler(ink, (found, labels), strokes, typical, max(PALER * level, least))
    palest, labels = paler(ink, (found + pale, labels), strokes, typical, max(PALER**2 * level, least))
    inner = [part for part in palest if not _at_edge(part, ink.shape)]
    faint = rows_of(join(inner, labels, typical), typical)
    glyphs = join(strokes + pale, labels, typical)
    digits = [glyph for glyph in glyphs if glyph.height >= limits.min_digit_height * typical]
    low = [glyph for glyph in glyphs if glyph.height < limits.min_digit_height * typical]
    strays = [glyph for glyph in low if glyph.width >= STRAY * typical]
    rows = [row for row in rows_with_tails(digits, typical) if not all(_at_edge(g, ink.shape) for g in row)]
    return Sheet(ink, labels, typical, rows, strays, reduction, hidden=hidden, faint=faint)


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


def _reduction(rgb: Rgb, limits: Sheets) -> int:
    """Return by how much the photo can be reduced with its digits still ``ENOUGH`` pixels high."""
    rough = max(max(rgb.shape[:2]) // ROUGH_SIDE, 1)
    if rough == 1:
        return 1
    ink = ink_map_colour(_reduced(rgb, rough), MARKER)
    found, _ = parts(ink, threshold(ink, limits.min_ink_contrast))
    _, typical = _writing(found, ink.shape)
    return int(np.clip(typical * rough // ENOUGH, 1, rough))


def _reduced(rgb: Rgb, reduction: int) -> Rgb:
    if reduction == 1:
        return rgb
    size = (rgb.shape[1] // reduction, rgb.shape[0] // reduction)
    seen = rgb[: size[1] * reduction, : size[0] * reduction]  # whole blocks, so that places are multiples
    return np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _writing(found: list[Part], shape: tuple[int, ...]) -> tuple[list[Part], float]:
    """Return the parts that may be writing, and their typical height."""
    long = LONG * max(shape)
    short = [part for part in found if max(part.width, part.height) <= long]
    inner = [part for part in found if not _at_edge(part, shape)]
    large = sum(part.area for part in inner if max(part.width, part.height) > long)
    if large < ALL_LARGE * sum(part.area for part in inner):
        return short, typical_height(short)
    typical = typical_height(inner)
    return [part for part in found if part.height <= TALLEST * typical], typical


def _at_edge(box: Glyph | Part, shape: tuple[int, ...]) -> bool:
    return box.x <= 0 or box.y <= 0 or box.right >= shape[1] or box.bottom >= shape[0]
