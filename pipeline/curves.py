"""`metrics/curves.csv`: losses and accuracy of each fold after each epoch, written by `train` and read again."""

import csv
import math
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
    """Read the file, which has a point at least; columns that it has besides are passed over.

    Raises
    ------
    BadInputError
        If it is missing, empty or no text, lacks a column, or a value is no finite number.
    """
    try:
        lines = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        points = tuple(_point(row, f"{path}, line {lines.line_num}") for row in lines)
    except (OSError, ValueError, csv.Error) as error:
        got = error.strerror if isinstance(error, OSError) else error
        raise BadInputError(f"{path}: expected the curves (CSV), got: {got}; {_ADVICE}") from error
    if not points:
        raise BadInputError(f"{path}: expected a line a fold and epoch, got none; {_ADVICE}")
    return points


def _point(row: dict[str, str], place: str) -> Point:
    values = []
    for field in fields(Point):
        try:
            values.append(int(row[field.name]) if field.type is int else _finite(row[field.name]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInputError(
                f"{place}, column `{field.name}`: expected a number, got {row.get(field.name)!r}; {_ADVICE}"
            ) from error
    return Point(*values)  # type: ignore[arg-type]  # each is of its field's type


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"expected a finite number, got {text}")
    return value


_ADVICE = "run `dvc repro train`"
