"""Layout `rows`: plain paper, written rows of separate digits."""

import numpy as np

from pipeline.params import Sheets
from pipeline.reader.photo import Rgb
from pipeline.reader.records import UNLABELLED, Crop, Reason, Reject
from pipeline.reader.rows.apart import Sheet, take_apart
from pipeline.reader.rows.glyphs import Glyph
from pipeline.reader.rows.measured import Row, measured
from pipeline.reader.rows.strings import read_strings
from pipeline.reader.rows.unlabelled import read_unlabelled
from pipeline.reader.rows.verdicts import verdicts_of_one_label
from pipeline.reader.sharpness import blurred

Found = tuple[list[Crop], list[Reject]]


def read_rows(rgb: Rgb, label: int | None, strings: tuple[str, ...] | None, limits: Sheets) -> Found:
    """Read the digits of a photo of written rows.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        Upright photo.
    label : int or None
        The digit on the whole photo, or ``UNLABELLED`` where nobody has said it; used where ``strings`` is None.
    strings : tuple of str or None
        The digits of each row, top to bottom. A row with another count is a ``row-count`` reject, or the part of it
        that is in doubt is.
    limits : Sheets

    Returns
    -------
    list of Crop, list of Reject
    """
    sheet = take_apart(rgb, limits)
    if sheet.too_many:
        detail = f"{sheet.too_many} separate strokes: a pattern, or more than the paper is in the photo"
        return [], [Reject(Reason.TOO_MANY_PARTS, detail, advice="retake: plain paper, and nothing around it")]
    if not sheet.rows:
        detail = f"no digit with ink contrast of at least {limits.min_ink_contrast:g} (sheets.min_ink_contrast)"
        return [], [Reject(Reason.NO_DIGIT, detail, advice="retake the photo closer and in better light")]
    rows = [measured(sheet, glyphs) for glyphs in sheet.rows]
    soft = blurred(float(np.median([row.softness for row in rows for _ in row.glyphs])), limits)
    if soft is not None:
        return [], [soft]
    if strings is not None:
        crops, rejects = read_strings(sheet, rows, strings, limits)
    elif label == UNLABELLED:
        crops, rejects = read_unlabelled(sheet, rows, limits)
    else:
        assert label is not None, "the caller gives a label or strings"
        crops, rejects = _of_one_label(sheet, rows, label, limits)
    return crops, [_faint(sheet, glyphs) for glyphs in sheet.faint] + [_stray(sheet, g) for g in sheet.strays] + rejects


def _of_one_label(sheet: Sheet, rows: list[Row], label: int, limits: Sheets) -> Found:
    crops: list[Crop] = []
    rejects: list[Reject] = []
    for place, (row, problems) in enumerate(zip(rows, verdicts_of_one_label(rows, label, limits), strict=True)):
        for col, (glyph, ink, problem) in enumerate(zip(row.glyphs, row.inks, problems, strict=True)):
            crop = Crop(ink, label, place, col, sheet.corners([glyph]))
            if problem is None:
                crops.append(crop)
            else:
                rejects.append(problem.of(crop))
    return crops, rejects


def _stray(sheet: Sheet, glyph: Glyph) -> Reject:
    detail = f"{glyph.width}x{glyph.height} px of ink near no digit, where digits are {sheet.typical:.0f} px high"
    advice = "part of a digit or a slip of the pen: write the digit again"
    return Reject(Reason.TOO_SMALL, detail, corners=sheet.corners([glyph]), advice=advice)


def _faint(sheet: Sheet, glyphs: list[Glyph]) -> Reject:
    detail = f"{len(glyphs)} pieces of ink as high as digits, less than half as dark as the rest of the page"
    return Reject(Reason.TOO_FAINT, detail, corners=sheet.corners(glyphs), advice="write it again with a darker pen")
