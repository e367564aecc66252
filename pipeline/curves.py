"""`metrics/curves.csv`: losses and accuracy of each fold after each epoch, written by `train` and read again."""

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from pipeline.errors import BadInputError

PLACES = 6  # enough for one digit in a million


@dataclass(frozen=True)
class Point:
    """How the network of one fold stood at the end of one epoch."""

    fold: int  # from 0
    epoch: int  # from 1
    train_loss: float
    validation_loss: float
    validation_accuracy: float  # 0..1


COLUMNS = tuple(field.name for field in fields(Point))


def text_of(points: Iterable[Point]) -> str:
    """Return the file: a header, then a row a point in their order, losses and accuracies to six places."""
    rows = [
        ",".join(f"{value:.{PLACES}f}" if isinstance(value, float) else str(value) for value in astuple(point))
        for point in points
    ]
    return "\n".join([",".join(COLUMNS), *rows]) + "\n"


def load(path: Path) -> tuple[Point, ...]:
    """Read the file; columns that it has besides are passed over.

    Raises
    ------
    BadInputError
        If it is missing, is no text, lacks a column, or a value is no number.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except (OSError, ValueError, csv.Error) as error:
        got = error.strerror if isinstance(error, OSError) else error
        raise BadInputError(f"{path}: expected the curves (CSV), got: {got}; {_ADVICE}") from error
    return tuple(_point(row, f"{path}, line {number}") for number, row in enumerate(rows, start=2))


def _point(row: dict[str, str], place: str) -> Point:
    values = []
    for field in fields(Point):
        try:
            values.append(int(row[field.name]) if field.type is int else float(row[field.name]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInputError(
                f"{place}, column `{field.name}`: expected a number, got {row.get(field.name)!r}; {_ADVICE}"
            ) from error
    return Point(*values)  # type: ignore[arg-type]  # each is of its field's type


_ADVICE = "run `dvc repro train`"
