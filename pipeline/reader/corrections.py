"""`raw/corrections.csv`: the only hand-edited truth, applied last."""

import csv
import difflib
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pipeline.errors import BadInputError
from pipeline.reader.read import ReadDigit, Reading
from pipeline.reader.records import Reason, Reject

COLUMNS = ["photo", "row", "col", "label"]
DROP = "drop"
_MEND = "correct the line, or remove it"
Effect = Literal["relabelled", "confirmed", "dropped", "accepted", "left"]
EFFECTS: tuple[Effect, ...] = ("relabelled", "confirmed", "dropped", "accepted", "left")

Place = tuple[str, int, int]
"""Photo, row and column."""


@dataclass(frozen=True)
class Correction:
    """One line: the label of one digit, or None to leave it out."""

    photo: str
    row: int
    col: int
    label: int | None
    line: int

    @property
    def place(self) -> Place:
        """What is corrected."""
        return (self.photo, self.row, self.col)

    def effect(self, read: int | None) -> Effect:
        """Return what it does to a digit that was read with a label, or (None) to a reject."""
        if read is None:
            return "left" if self.label is None else "accepted"
        if self.label is None:
            return "dropped"
        return "confirmed" if self.label == read else "relabelled"


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
            f"{path}: expected the first line {','.join(COLUMNS)}, got {','.join(lines[0] if lines else [])!r}; "
            "put it there"
        )
    found: dict[Place, Correction] = {}
    for number, fields in enumerate(lines[1:], start=2):
        if not any(field.strip() for field in fields):  # table programs leave commas behind
            continue
        correction = parse(path, number, fields)
        if (place := correction.place) in found:
            raise BadInputError(f"{path}: line {number} corrects the place of line {found[place].line} again; keep one")
        found[place] = correction
    return list(found.values())


def apply(
    corrections: Sequence[Correction],
    readings: Iterable[Reading],
    path: Path,
    effects: Counter[Effect] | None = None,
    waits: list[Correction] | None = None,
) -> Iterator[Reading]:
    """Yield the readings with labels changed, dropped digits turned into rejects, and accepted rejects into digits.

    A label makes a digit of a reject that holds ink; ``drop`` leaves it what it is, and says that somebody has looked.

    Parameters
    ----------
    corrections : sequence of Correction
    readings : iterable of Reading
    path : Path
        The file that they stand in, for messages.
    effects : Counter, optional
        Counts what the corrections did.
    waits : list, optional
        Takes those of photos that were not read at all, or whose sheets.yaml was not: they stay for the next run.

    Raises
    ------
    BadInputError
        After the last reading, if a line names a place where nothing was read, or a label one without ink.
    """
    waiting = {correction.place: correction for correction in corrections}
    counted: Counter[Effect] = Counter() if effects is None else effects
    read: dict[str, bool] = {}  # by photo
    for reading in readings:
        if waiting:
            read[reading.photo.name] = _was_read(reading)
        digits, rejects = [], []
        for digit in reading.digits:
            correction = waiting.pop((reading.photo.name, digit.row, digit.col), None)
            counted.update([correction.effect(digit.label)] if correction else [])
            if correction is None:
                digits.append(digit)
            elif correction.label is not None:
                digits.append(replace(digit, label=correction.label))
            else:
                detail = f"left out by {path.name}, line {correction.line}"
                rejects.append(Reject(Reason.DROPPED, detail, digit.row, digit.col, digit.label, digit.corners))
        accepted, left = _second_look(reading, waiting, counted)
        if accepted:
            digits = sorted(digits + accepted, key=lambda digit: (digit.row, digit.col))
        yield replace(reading, digits=digits, rejects=left + rejects)
    for correction in waiting.values():
        sheets_yaml = f"{correction.photo.partition('/')[0]}/sheets.yaml"
        if read.get(correction.photo, True) and read.get(sheets_yaml, True):
            raise BadInputError(f"{path}: line {correction.line}: {_nothing_at(correction, list(read))}")
        if waits is not None:
            waits.append(correction)


def _was_read(reading: Reading) -> bool:
    """Tell whether a photo, or a sheets.yaml, was more than a reject as a whole."""
    return bool(reading.digits) or all(reject.row is not None for reject in reading.rejects)


def _nothing_at(correction: Correction, photos: Sequence[str]) -> str:
    """Say what a line names that is not there."""
    if correction.photo not in photos:
        near = difflib.get_close_matches(correction.photo, photos, n=1)
        return f"expected a photo below raw/, found no {correction.photo}; " + (
            f"did you mean {near[0]}?" if near else "remove the line"
        )
    place = f"{correction.photo}, row {correction.row}, col {correction.col}"
    return f"expected a digit or a reject with ink, found none at {place}; remove the line"


def _second_look(
    reading: Reading, waiting: dict[Place, Correction], effects: Counter[Effect]
) -> tuple[list[ReadDigit], list[Reject]]:
    """Return the rejects of a reading that are accepted, as digits, and those that stay; take what was waiting."""
    refused: dict[tuple[int | None, int | None], ReadDigit] = {(d.row, d.col): d for d in reading.refused}
    accepted, left = [], []
    for reject in reading.rejects:
        place = (reject.row, reject.col)
        correction = None
        if reject.row is not None and reject.col is not None:
            correction = waiting.get((reading.photo.name, reject.row, reject.col))
        if correction is None or (correction.label is not None and place not in refused):
            left.append(reject)
            continue
        del waiting[correction.place]
        effects[correction.effect(None)] += 1
        if correction.label is None:
            left.append(reject)
        else:
            accepted.append(replace(refused[place], label=correction.label))
    return accepted, left


def digest(corrections: Iterable[Correction]) -> str:
    """Return 16 hex characters that tell whether two files say the same, in whatever order and spelling."""
    said = sorted((*correction.place, str(correction.label)) for correction in corrections)
    return hashlib.blake2b(repr(said).encode(), digest_size=8).hexdigest()


def parse(path: Path, number: int, fields: list[str]) -> Correction:
    """Return the correction of one line. Raises BadInputError where it is none."""
    where = f"{path}: line {number}"
    if len(fields) != len(COLUMNS):
        raise BadInputError(
            f"{where}: expected {len(COLUMNS)} fields ({','.join(COLUMNS)}), got {len(fields)}; {_MEND}"
        )
    photo, row, col, label = (field.strip() for field in fields)
    if not (row.isdecimal() and col.isdecimal()):
        raise BadInputError(f"{where}: expected row and col as numbers from 0, got {row!r} and {col!r}; {_MEND}")
    if label != DROP and label not in set("0123456789"):
        raise BadInputError(f"{where}: expected a label 0 to 9 or `{DROP}`, got {label!r}; {_MEND}")
    return Correction(photo, int(row), int(col), None if label == DROP else int(label), number)
