"""Why a glyph is not certainly one whole digit."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.records import Crop, Reason, Reject
from pipeline.reader.rows.align import LENGTHS
from pipeline.reader.rows.measured import Row
from pipeline.reader.rows.words import RUN, words_in
from pipeline.reader.sharpness import blurred

# Of the row's median, for rows of one digit.
SHORT = 0.6  # line length: 1,196 digits by 50 hands have 0.70 and more; less is a piece of a digit
LONG = 1.42  # line length for the digit's height: the same digits have at most 1.40, two that touch mostly 1.5 to 2
LONGISH, FALLS = 1.22, 0.7  # … 99% have at most 1.29; none of these falls into two as high as this
LOW, HIGH = 0.5, 2.0  # height; written 0.6 to 1.6
# Of MNIST's usual digit of the same class, for rows of different digits.
LONGEST, LONGEST_1 = 1.8, 2.4  # line length for the digit's height; written up to 1.55, a 1 with flag and foot 2
SHORTEST = 0.45  # line length; written 0.6 and more
HABIT = (0.8, 1.5)  # how much longer than MNIST's a writer's lines are; written 0.9 to 1.45
ENOUGH = 4  # digits show what their row's usual one is
CLOSE = 0.3  # digit heights: a neighbour of a piece that is as near may lack it, one of a letter is of its word


@dataclass(frozen=True)
class Problem:
    """Why a glyph gives no digit."""

    reason: Reason
    detail: str
    advice: str

    def of(self, crop: Crop) -> Reject:
        """Return the reject of a glyph's crop, whose ink a person may still accept."""
        return Reject(self.reason, self.detail, crop.row, crop.col, crop.label, crop.corners, self.advice, crop.ink)


def verdict(row: Row, col: int, limits: Sheets) -> Problem | None:
    """Return why a glyph gives no digit whatever its label is, or None."""
    return next(_problems(row, col, limits), None)


def _problems(row: Row, col: int, limits: Sheets) -> Iterator[Problem]:
    glyph, again = row.glyphs[col], "write it again"
    if row.cut_off[col]:
        detail = "the photo's edge cuts the digit off"
        yield Problem(Reason.TOUCHES_EDGE, detail, "retake with a margin around the writing")
    if glyph.shared:
        yield Problem(Reason.TOUCHES_NEIGHBOUR, "it touches a digit of the next row", "leave more room between rows")
    if glyph.doubtful:
        detail = "a stroke lies as near to this digit as to its neighbour"
        yield Problem(Reason.TOUCHES_NEIGHBOUR, detail, "write further apart")
    if row.ruled[col]:
        detail = "a ruled line runs along one of its strokes and cannot be told from it"
        yield Problem(Reason.TOUCHES_NEIGHBOUR, detail, "write between the lines, or with a darker pen")
    if len(glyph.parts) > limits.max_cell_parts:
        detail = f"{len(glyph.parts)} separate strokes, limit {limits.max_cell_parts} (sheets.max_cell_parts)"
        yield Problem(Reason.TOO_MANY_PARTS, detail, again)
    soft = blurred(row.softness, limits)
    if soft is not None:
        yield Problem(soft.reason, soft.detail, soft.advice)
    if row.beside[col]:
        yield Problem(
            Reason.TOO_MANY_PARTS, "a stray piece of ink beside it may be part of it", f"{again} in one piece"
        )
    spoilt = row.spoilt[col]
    if spoilt is not None:
        yield Problem(Reason.TOO_MANY_PARTS, spoilt, again)


def verdicts_of_one_label(rows: list[Row], label: int, limits: Sheets) -> list[list[Problem | None]]:
    """Return the verdicts on a photo of one digit, row by row.

    No count tells here that two digits touch, that one is broken or that a word stands on the paper; each digit is
    compared with the others of its row, which one hand has written, or with the whole photo's where the row is short.
    """
    everyone = [row for row in rows if len(row.glyphs) >= ENOUGH] or rows
    all_steep = np.concatenate([_steepness(row) for row in everyone])
    steep = float(np.median(all_steep)) if len(all_steep) >= ENOUGH else float(LENGTHS[label])
    long_rows = np.median([len(row.glyphs) for row in rows]) >= ENOUGH
    apart = float(np.median([row.gap for row in everyone]))
    found = []
    for row in rows:
        usual = float(np.median(_steepness(row))) if len(row.glyphs) >= ENOUGH else steep
        one = [verdict(row, col, limits) or _unlike(row, col, usual) for col in range(len(row.glyphs))]
        words = words_in(row, label, long_rows=bool(long_rows), apart=apart if len(rows) > RUN else -np.inf)
        detail = f"it and its neighbours look like no {label}s, or stand as close as letters"
        foreign = Problem(Reason.NO_DIGIT, detail, "leave words and other numbers off the photo")
        found.append(_beside_pieces(row, [foreign if word else own for word, own in zip(words, one, strict=True)]))
    return found


def verdicts_of_stated(row: Row, digits: dict[int, int], limits: Sheets) -> dict[int, Problem | None]:
    """Return the verdicts on glyphs, by place, whose digits are known from their row's string."""
    lengths = {col: float(_steepness(row)[col] / LENGTHS[digit]) for col, digit in digits.items()}
    habit = float(np.clip(np.median(list(lengths.values())), *HABIT)) if len(lengths) >= ENOUGH else 1.0
    return {col: verdict(row, col, limits) or _amount(row, col, digit, habit) for col, digit in digits.items()}


def _amount(row: Row, col: int, digit: int, habit: float) -> Problem | None:
    """Compare a glyph's ink with what this writer needs for this digit."""
    length = float(row.lengths[col]) / (habit * LENGTHS[digit] * row.height)
    for_its_height = length * row.height / row.glyphs[col].height
    most = LONGEST_1 if digit == 1 else LONGEST
    if for_its_height > most:
        detail = f"a line {for_its_height:.2f} times as long as a {digit}'s, limit {most:g}: other ink touches it"
        return Problem(Reason.TOUCHES_NEIGHBOUR, detail, "write it again with nothing around it")
    if length < SHORTEST:
        detail = f"a line {length:.2f} times as long as a {digit}'s in this row, limit {SHORTEST:g}: a piece of a digit"
        return Problem(Reason.TOO_SMALL, detail, "write it again in one piece")
    return None


def _steepness(row: Row) -> NDArray[np.float64]:
    """Return the length of each glyph's line for its height."""
    return np.asarray(row.lengths / np.array([glyph.height for glyph in row.glyphs]))


def _unlike(row: Row, col: int, usual: float) -> Problem | None:
    """Compare a glyph with the usual one of its row."""
    height, length = row.glyphs[col].height / row.height, float(_steepness(row)[col]) / usual
    if length > LONG or (length > LONGISH and row.falls_into_two(col) > FALLS):
        detail = f"a line {length:.2f} times as long as usual in its row, limit {LONG:g}: two digits that touch"
        return Problem(Reason.TOUCHES_NEIGHBOUR, detail, "write further apart")
    if not LOW <= height <= HIGH:
        detail = f"{height:.2f} of its row's digit height, limits {LOW:g} and {HIGH:g}"
        return Problem(Reason.TOO_SMALL if height < LOW else Reason.TOUCHES_NEIGHBOUR, detail, "write it again")
    if length * height < SHORT:
        detail = f"a line {length * height:.2f} times as long as usual in its row, limit {SHORT:g}: a piece of a digit"
        return Problem(Reason.TOO_SMALL, detail, "write it again in one piece")
    return None


def _beside_pieces(row: Row, found: list[Problem | None]) -> list[Problem | None]:
    """Refuse a glyph beside a piece that may be its own."""
    result = list(found)
    for col, problem in enumerate(found):
        if problem is None or problem.reason is not Reason.TOO_SMALL:
            continue
        for other in (col - 1, col + 1):
            if 0 <= other < len(found) and found[other] is None:
                left, right = sorted((col, other))
                if row.glyphs[right].x - row.glyphs[left].right < CLOSE * row.height:
                    detail = "a piece of ink beside it may be part of it"
                    result[other] = Problem(Reason.TOUCHES_NEIGHBOUR, detail, "write it again in one piece")
    return result
