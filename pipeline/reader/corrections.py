"""`raw/corrections.csv`: the only hand-edited truth, applied last."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import BadInputError
from pipeline.reader.read import Reading
from pipeline.reader.records import Reason, Reject

COLUMNS = ["photo", "row", "col", "label"]
DROP = "drop"


@dataclass(frozen=True)
class Correction:
    """One line: the label of one digit, or None to leave it out."""

    photo: str
    row: int
    col: int
    label: int | None
    line: int


def load(path: Path) -> list[Correction]:
    """Read the corrections; none where there is no such file.

    Raises
    ------
    BadInputError
        If it is no UTF-8 CSV file, on wrong columns, a place that is no number, a label other than 0 to 9 or ``drop``,
        or a place named twice.
    """
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInputError(f"{path}: expected a CSV file in UTF-8, got: {error}; save it as one") from error
    if not lines or lines[0] != COLUMNS:
        raise BadInputError(
            f"{path}: expected the first line {','.join(COLUMNS)}, got {','.join(lines[0] if lines else [])!r}"
        )
    found: dict[tuple[str, int, int], Correction] = {}
    for number, fields in enumerate(lines[1:], start=2):
        if not fields:
            continue
        correction = _parse(path, number, fields)
        place = (correction.photo, correction.row, correction.col)
        if place in found:
            raise BadInputError(f"{path}: line {number} corrects the place of line {found[place].line} again; keep one")
        found[place] = correction
    return list(found.values())


def apply(corrections: Sequence[Correction], readings: Iterable[Reading], path: Path) -> Iterator[Reading]:
    """Yield the readings with labels changed and dropped digits turned into rejects.

    Raises
    ------
    BadInputError
        After the last reading, if a line names a place where no digit was read.
    """
    waiting = {(c.photo, c.row, c.col): c for c in corrections}
    for reading in readings:
        digits, rejects = [], list(reading.rejects)
        for digit in reading.digits:
            correction = waiting.pop((reading.photo.name, digit.row, digit.col), None)
            if correction is None:
                digits.append(digit)
            elif correction.label is not None:
                digits.append(replace(digit, label=correction.label))
            else:
                detail = f"left out by {path.name}, line {correction.line}"
                rejects.append(Reject(Reason.DROPPED, detail, digit.row, digit.col, digit.label, digit.corners))
        yield replace(reading, digits=digits, rejects=rejects)
    for c in waiting.values():
        place = f"{c.photo}, row {c.row}, col {c.col}"
        raise BadInputError(
            f"{path}: line {c.line}: expected a digit that was read, found none at {place}; remove the line"
        )


def _parse(path: Path, number: int, fields: list[str]) -> Correction:
    where = f"{path}: line {number}"
    if len(fields) != len(COLUMNS):
        raise BadInputError(f"{where}: expected {len(COLUMNS)} fields ({','.join(COLUMNS)}), got {len(fields)}")
    photo, row, col, label = (field.strip() for field in fields)
    if not (row.isdecimal() and col.isdecimal()):
        raise BadInputError(f"{where}: expected row and col as numbers from 0, got {row!r} and {col!r}")
    if label != DROP and label not in set("0123456789"):
        raise BadInputError(f"{where}: expected a label 0 to 9 or `{DROP}`, got {label!r}")
    return Correction(photo, int(row), int(col), None if label == DROP else int(label), number)
