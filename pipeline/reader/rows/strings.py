"""Rows whose digits are stated: each glyph is the digit that it certainly is, the rest are rejects."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.params import Sheets
from pipeline.reader.records import Crop, Reason, Reject
from pipeline.reader.rows.align import Alignment, Steps, align, weigh
from pipeline.reader.rows.apart import Sheet
from pipeline.reader.rows.measured import Row
from pipeline.reader.rows.verdicts import verdicts_of_stated

CERTAIN = 0.999  # probability that a glyph is one digit of the string, and that a row is one string
MOSTLY = 0.5  # of a row's digits must be certain, or nothing in it is read
ROW_LEFT_OUT, ROW_FOREIGN = -8.0, -8.0  # how rare, as natural logarithms of odds: by judgement, as align's

Found = tuple[list[Crop], list[Reject]]


@dataclass(frozen=True)
class _Line:
    """One row beside its string."""

    sheet: Sheet
    row: Row
    string: str
    place: int

    def no_writing(self, start: int, end: int) -> bool:
        """Tell whether glyphs ``start`` to before ``end`` are no digits whoever wrote them."""
        return all(self.row.spoilt[i] is not None or self.row.cut_off[i] for i in range(start, end))


def read_strings(sheet: Sheet, rows: list[Row], strings: tuple[str, ...], limits: Sheets) -> Found:
    """Read rows whose digits are stated, top to bottom.

    Where the number of rows differs, those that certainly are one of the strings are read. A row whose count
    differs is a reject that names both numbers: whole where a digit has no ink or ink like a digit has no place in the
    string. Only where digits touch or are broken, that is, where ink stands for other digits than one and all beside
    it is certain, is just that ink in doubt; ink that is no writing is left out.
    """
    pairs = _pairs(rows, strings)
    crops: list[Crop] = []
    rejects: list[Reject] = []
    if not pairs:
        return [], [_other_rows(len(rows), len(strings))]
    for found, (place, weighed) in pairs.items():
        read, refused = _read(_Line(sheet, rows[found], strings[place], place), weighed, limits)
        crops += read
        rejects += refused
    for found in set(range(len(rows))) - set(pairs):
        rejects.append(_other_rows(len(rows), len(strings), sheet, rows[found]))
    read_places = {place for place, _ in pairs.values()}
    for place in sorted(set(range(len(strings))) - read_places):
        detail = f"expected {len(strings)} rows (sheets.yaml), found {len(rows)}; none is certainly {strings[place]}"
        rejects.append(Reject(Reason.ROW_COUNT, detail, row=place, advice=ROWS_ADVICE))
    return crops, rejects


ROWS_ADVICE = "correct `rows` or retake the photo with nothing else on it"


def _other_rows(found: int, expected: int, sheet: Sheet | None = None, row: Row | None = None) -> Reject:
    detail = f"expected {expected} rows (sheets.yaml), found {found}"
    if sheet is None or row is None:
        return Reject(Reason.ROW_COUNT, detail, advice=ROWS_ADVICE)
    detail = f"{detail}; this one of {len(row.glyphs)} pieces of ink is certainly none of them"
    return Reject(Reason.ROW_COUNT, detail, corners=sheet.corners(row.glyphs), advice=ROWS_ADVICE)


def _pairs(rows: list[Row], strings: tuple[str, ...]) -> dict[int, tuple[int, Alignment]]:
    """Return for each row that certainly is one of the strings which, and how they fit."""
    n, m = len(rows), len(strings)
    seen = [row.seen() for row in rows]
    if n == m:
        fits = {i: (i, align(seen[i], strings[i])) for i in range(n)}
        if all(weighed.evidence > 0 for _, weighed in fits.values()):
            return fits
    reach = abs(n - m) + 2
    near = [(i, j) for i in range(n) for j in range(m) if abs(i - j) <= reach]
    weighed = {(i, j): align(seen[i], strings[j]) for i, j in near}
    table = np.full((n + 1, m + 1), -np.inf)
    for (i, j), one in weighed.items():
        table[i, j] = one.evidence
    left_out, foreign = np.full((n + 1, m + 1), ROW_LEFT_OUT), np.full((n + 1, m + 1), ROW_FOREIGN)
    steps: Steps = [(1, 1, table), (0, 1, left_out), (1, 0, foreign)]
    chances = weigh(n, m, steps).alone
    return {int(i): (int(j), weighed[int(i), int(j)]) for i, j in np.argwhere(chances >= CERTAIN)}


def _read(line: _Line, weighed: Alignment, limits: Sheets) -> Found:
    certain = {int(i): int(j) for i, j in np.argwhere(weighed.alone >= CERTAIN)}
    if len(certain) < MOSTLY * max(len(line.string), len(line.row.glyphs)):
        return [], [_doubt(line, 0, len(line.row.glyphs), 0, len(line.string))]
    known = [(-1, -1), *sorted(certain.items()), (len(line.row.glyphs), len(line.string))]
    doubts = [
        (i + 1, next_i, j + 1, next_j)
        for (i, j), (next_i, next_j) in pairwise(known)
        if next_i - i > 1 or next_j - j > 1
    ]
    if any(start == end or (first == last and not line.no_writing(start, end)) for start, end, first, last in doubts):
        return [], [_doubt(line, 0, len(line.row.glyphs), 0, len(line.string))]
    crops, rejects = [], []
    problems = verdicts_of_stated(line.row, {i: int(line.string[j]) for i, j in certain.items()}, limits)
    for i, j in certain.items():
        crop = Crop(line.row.inks[i], int(line.string[j]), line.place, j, line.sheet.corners([line.row.glyphs[i]]))
        problem = problems[i]
        if problem is None:
            crops.append(crop)
        else:
            rejects.append(problem.of(crop))
    return crops, [*rejects, *(_doubt(line, *doubt) for doubt in doubts)]


def _doubt(line: _Line, start: int, end: int, first: int, last: int) -> Reject:
    """Reject glyphs ``start`` to before ``end``, which somehow are the digits ``first`` to before ``last``."""
    glyphs, string = line.row.glyphs, line.string
    detail = f"expected {len(string)} digits ({string}), found {len(glyphs)}"
    whole = end - start == len(glyphs)
    if not whole and first == last:
        detail = f"{detail}; this ink is none of them"
        return Reject(Reason.NO_DIGIT, detail, line.place, corners=line.sheet.corners(glyphs[start:end]))
    if not whole:
        detail = f"{detail}; in doubt is {string[first:last]}, where {end - start} stand"
    around = glyphs[start:end] or glyphs[max(start - 1, 0) : end + 1]
    advice = "some may touch or be broken: write them again with gaps"
    col = None if whole else first
    return Reject(Reason.ROW_COUNT, detail, line.place, col, corners=line.sheet.corners(around), advice=advice)
