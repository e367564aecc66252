"""Rows whose digits nobody has said: each glyph that is one whole digit, whichever it is; the rest are rejects."""

from pipeline.params import Sheets
from pipeline.reader.records import UNLABELLED, Crop, Reason, Reject
from pipeline.reader.rows.apart import Sheet
from pipeline.reader.rows.chances import Chances, chances
from pipeline.reader.rows.measured import Row
from pipeline.reader.rows.parting import parted
from pipeline.reader.rows.verdicts import Problem, verdict

# Probability that a glyph is one whole digit. Of 1,354 glyphs on 15 real photos, 118 to 144 of a hand at most, a pair
# that touches has 0.78, two whole digits have 0.51 and 0.90, and all others 0.95 and more.
LIKELY = 0.95

Found = tuple[list[Crop], list[Reject]]


def read_unlabelled(sheet: Sheet, rows: list[Row], limits: Sheets) -> Found:
    """Read rows from left to right without knowing their digits.

    A glyph that is not likely to be one whole digit is parted where that certainly gives two, and a reject otherwise:
    nothing but the ink itself tells here that digits touch or are broken. Crops have the label ``UNLABELLED``.

    Returns
    -------
    list of Crop, list of Reject
        Together one for each glyph; ``col`` counts both, from 0.
    """
    crops: list[Crop] = []
    rejects: list[Reject] = []
    for place, row in enumerate(rows):
        apart, whole = _all_parted(sheet, row)
        weighed = chances(whole)
        for col, glyph in enumerate(whole.glyphs):
            corners = apart.corners([glyph])
            problem = verdict(whole, col, limits) or _doubt(weighed, col)
            if problem is None:
                crops.append(Crop(whole.inks[col], UNLABELLED, place, col, corners))
            else:
                reject = Reject(problem.reason, problem.detail, place, col, corners=corners, advice=problem.advice)
                rejects.append(reject)
    return crops, rejects


def _all_parted(sheet: Sheet, row: Row) -> tuple[Sheet, Row]:
    """Part whatever certainly is two digits."""
    col = 0
    weighed = chances(row)
    while col < len(row.glyphs):
        touching = weighed.touching[col] > 1 - LIKELY and not (row.cut_off[col] or row.glyphs[col].shared)
        found = parted(sheet, row, col, LIKELY) if touching else None
        if found is not None:
            sheet, row = found
            weighed = chances(row)
            col += 1
        col += 1
    return sheet, row


def _doubt(weighed: Chances, col: int) -> Problem | None:
    """Say what else than one whole digit a glyph may be."""
    alone = float(weighed.alone[col])
    if alone >= LIKELY:
        return None
    said = f"one whole digit with a probability of {alone:.2f}, limit {LIKELY:g}"
    touching, piece, foreign = (float(table[col]) for table in (weighed.touching, weighed.piece, weighed.foreign))
    if touching >= max(piece, foreign):
        return Problem(Reason.TOUCHES_NEIGHBOUR, f"{said}: perhaps digits that touch", "write further apart")
    if piece >= foreign:
        return Problem(Reason.TOO_SMALL, f"{said}: perhaps a piece of one", "write it again in one piece")
    return Problem(Reason.NO_DIGIT, f"{said}: perhaps no digit", "leave other marks off the photo")
