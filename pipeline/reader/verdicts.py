"""Why a glyph is not certainly one whole digit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.measured import Row
from pipeline.reader.records import Reason

# Of the row's median, for rows of one digit: 1,196 such digits by 50 hands hold 0.70 to 1.5 …
SHORT = 0.6  # line length: less is a piece of a digit
LONG = 1.65  # line length for the digit's height: more is two digits that touch
LOW, HIGH = 0.5, 2.0  # height; written 0.6 to 1.6
ENOUGH = 4  # digits show what their row's usual one is
CLOSE = 0.3  # digit heights: a neighbour of a piece that is as near may lack it
WRONG = np.log(0.005)  # of 1,342 digits none looked as unlike its label as that; 1 of 200 does by chance
RUN = 3  # neighbours at least are a word
WORD_SHARE, ALIKE = 0.3, 0.7  # of a word's letters look unlike the label; at most this share of these look the same


@dataclass(frozen=True)
class Problem:
    """Why a glyph gives no digit."""

    reason: Reason
    detail: str
    advice: str


def verdict(row: Row, col: int, limits: Sheets) -> Problem | None:
    """Return why a glyph gives no digit whatever its label is, or None."""
    glyph = row.glyphs[col]
    if row.cut_off[col]:
        return Problem(
            Reason.TOUCHES_EDGE, "the photo's edge cuts the digit off", "retake with a margin around the writing"
        )
    if glyph.shared:
        return Problem(Reason.TOUCHES_NEIGHBOUR, "it touches a digit of the next row", "leave more room between rows")
    if glyph.doubtful:
        detail = "a stroke lies as near to this digit as to its neighbour"
        return Problem(Reason.TOUCHES_NEIGHBOUR, detail, "write further apart")
    if len(glyph.parts) > limits.max_cell_parts:
        detail = f"{len(glyph.parts)} separate strokes, limit {limits.max_cell_parts} (sheets.max_cell_parts)"
        return Problem(Reason.TOO_MANY_PARTS, detail, "write it again")
    spoilt = row.spoilt[col]
    return None if spoilt is None else Problem(Reason.TOO_MANY_PARTS, spoilt, "write it again")


def verdicts_of_one_label(rows: list[Row], label: int, limits: Sheets) -> list[list[Problem | None]]:
    """Return the verdicts on a photo of one digit, row by row.

    No count tells here that two digits touch, that one is broken or that a word stands on the paper; each digit is
    compared with the others of its row, which one hand has written, or with the whole photo's where the row is short.
    """
    everyone = [row for row in rows if len(row.glyphs) >= ENOUGH] or rows
    steep = float(np.median(np.concatenate([_steepness(row) for row in everyone])))
    found = []
    for row in rows:
        usual = float(np.median(_steepness(row))) if len(row.glyphs) >= ENOUGH else steep
        one = [verdict(row, col, limits) or _unlike(row, col, usual) for col in range(len(row.glyphs))]
        found.append(_beside_pieces(row, _words(row, one, label, len(everyone[0].glyphs))))
    return found


def _steepness(row: Row) -> NDArray[np.float64]:
    """Return the length of each glyph's line for its height."""
    return np.asarray(row.lengths / np.array([glyph.height for glyph in row.glyphs]))


def _unlike(row: Row, col: int, usual: float) -> Problem | None:
    """Compare a glyph with the usual one of its row."""
    height, length = row.glyphs[col].height / row.height, float(_steepness(row)[col]) / usual
    if length > LONG:
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


def _words(row: Row, found: list[Problem | None], label: int, usual: int) -> list[Problem | None]:
    """Refuse neighbours that look neither like the label nor like one another: a title, a name, a page number.

    One among others is never refused for its looks, nor is a writer whose digits all look alike in another way.
    """
    unlike = row.readings[:, label] < WRONG
    looks = row.readings.argmax(axis=1)
    if _foreign(unlike, looks) or (len(unlike) < RUN and usual >= ENOUGH and unlike.all()):
        return _refused(found, range(len(found)), label)
    result, start = list(found), 0
    while start < len(unlike):
        end = start
        while end < len(unlike) and unlike[end]:
            end += 1
        if end - start >= RUN and _foreign(unlike[start:end], looks[start:end]):
            result = _refused(result, range(start, end), label)
        start = end + 1
    return result


def _foreign(unlike: NDArray[np.bool_], looks: NDArray[np.intp]) -> bool:
    """Tell whether many of these are unlike their label, and unlike one another."""
    if unlike.sum() < max(WORD_SHARE * len(unlike), 2) or len(unlike) < RUN:
        return False
    return bool(np.bincount(looks[unlike]).max() <= ALIKE * unlike.sum())


def _refused(found: list[Problem | None], cols: range, label: int) -> list[Problem | None]:
    detail = f"{len(cols)} neighbours of which many look like no {label}, nor like one another"
    words = Problem(Reason.NO_DIGIT, detail, "leave words and other numbers off the photo")
    return [problem or (words if col in cols else None) for col, problem in enumerate(found)]
