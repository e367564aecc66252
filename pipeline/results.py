"""Results of runs, kept for good: one row a run and test source, one row a fold and epoch, as checked CSV files."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from pipeline import scores
from pipeline.atomic import write_text
from pipeline.checked import Section
from pipeline.errors import BadInputError
from pipeline.params import Architecture, Seed

Line = Annotated[str, Field(pattern=r"^[^\p{Cc}\s]([^\p{Cc}]*[^\p{Cc}\s])?$")]  # one line, no blanks at its ends
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]  # of a run; it is written beside points
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(ge=0)]
Loss = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Result(Section):
    """What one run reached on one test source, and what it cost."""

    name: Name  # of the run; runs that differ in nothing but the seed share one
    architecture: Architecture
    recipe: Line  # ours, report, or either with +changes
    trained_on: Line  # sources with + between
    normalize: Line  # how digits were cut from photos: mnist, stretch
    seed: Seed
    folds_run: Count  # networks whose mean is taken
    epochs: Count  # at most, where the recipe stops early
    source: Line  # of the test digits
    simulated: bool  # whether the simulator drew some of these
    n: Count  # test digits
    errors: Annotated[int, Field(ge=0)]
    accuracy: Share
    ci95_low: Share  # Wilson's
    ci95_high: Share
    parameters: Count  # of one network
    multiply_adds: Count  # of one network, to read one digit
    digits_seen: Count  # in training, all folds and epochs
    processor_seconds: Seconds  # of training, all folds
    seconds: Seconds | None = None  # from the training's start to its end; None: some folds were trained earlier
    digits_per_second: Seconds | None = None  # of training; None: as above
    precision: Line  # float32, bfloat16
    device: Line  # cpu, cuda, mps
    workers: Count  # folds side by side
    processor: Line
    cores: Count
    date: date
    commit: Line
    command: Line  # that gives this result again

    @model_validator(mode="after")
    def _shares_follow_from_counts(self) -> Self:
        if self.errors > self.n:
            raise ValueError(f"expected at most {self.n} errors, as many as digits, got {self.errors}")
        right = self.n - self.errors
        expected = tuple(round(share, scores.DECIMALS) for share in (right / self.n, *scores.wilson(right, self.n)))
        got = (self.accuracy, self.ci95_low, self.ci95_high)
        if got != expected:
            raise ValueError(f"expected accuracy, ci95_low, ci95_high {expected} of {right} in {self.n}, got {got}")
        return self

    @property
    def key(self) -> tuple[str, int, tuple[bool, bool, str]]:
        """The place in the file: by name and seed, then ``mnist``, the collections and ``handwriting``."""
        return self.name, self.seed, (self.source != scores.MNIST, self.source == scores.HANDWRITING, self.source)


class Epoch(Section):
    """How one network of a run stood at the end of one epoch."""

    name: Name
    seed: Seed
    fold: Annotated[int, Field(ge=0)]
    epoch: Count
    processor_seconds: Seconds  # of this fold, until the epoch's end; all its epochs are taken to be alike
    train_loss: Loss
    validation_loss: Loss
    validation_accuracy: Share

    @property
    def key(self) -> tuple[str, int, int, int]:
        """The place in the file."""
        return self.name, self.seed, self.fold, self.epoch


RowT = TypeVar("RowT", Result, Epoch)

_MEND = "`git checkout` brings the committed file back, `mnist-cn results add` writes lines"


def as_csv(rows: Iterable[RowT], kind: type[RowT]) -> str:
    """Return the file's text: a header, and the rows in the order of their keys. The same rows give the same text."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(kind.model_fields), lineterminator="\n")
    writer.writeheader()
    for row in sorted(rows, key=lambda row: row.key):
        values = row.model_dump(mode="json").items()
        writer.writerow({column: str(v).lower() if isinstance(v, bool) else v for column, v in values})
    return stream.getvalue()


def from_csv(text: str, kind: type[RowT], origin: Path) -> list[RowT]:
    """Return the rows of a file's text.

    Raises
    ------
    BadInputError
        If the columns are others, a value is not possible or a row stands there twice.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns = list(kind.model_fields)
    try:
        header = next(reader, [])
        if header != columns:
            got = ",".join(header) or "none"
            raise BadInputError(f"{origin}: expected the columns {','.join(columns)}, got {got}; {_MEND}")
        rows = [_row(cells, kind, f"{origin}, line {reader.line_num}") for cells in reader]
    except csv.Error as error:
        raise BadInputError(f"{origin}, line {reader.line_num}: expected CSV, got: {error}; {_MEND}") from error
    if twice := [key for key, count in Counter(row.key for row in rows).items() if count > 1]:
        raise BadInputError(f"{origin}: expected each row once, got {twice[0]} more often; take the others out")
    return rows


def _row(cells: Sequence[str], kind: type[RowT], place: str) -> RowT:
    columns = list(kind.model_fields)
    if len(cells) != len(columns):
        raise BadInputError(f"{place}: expected {len(columns)} values, got {len(cells)}; {_MEND}")
    try:
        # An empty cell is None: no text that a row may hold is empty.
        return kind.model_validate_strings({c: cell for c, cell in zip(columns, cells, strict=True) if cell})
    except ValidationError as error:
        problem = error.errors()[0]
        column, got = "", ""
        if problem["loc"]:
            column, cell = f", column `{problem['loc'][0]}`", "" if problem["type"] == "missing" else problem["input"]
            got = f", got {cell!r}"
        raise BadInputError(f"{place}{column}: {problem['msg']}{got}; {_MEND}") from error


def read(path: Path, kind: type[RowT]) -> list[RowT]:
    """Return the rows of a file; none where there is no file. Raises BadInputError as :func:`from_csv`."""
    try:
        return from_csv(path.read_bytes().decode("utf-8"), kind, path)
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: expected a CSV file in UTF-8, got: {error}; {_MEND}") from error


def write(path: Path, rows: Iterable[RowT], kind: type[RowT]) -> None:
    """Write rows; a killed run leaves the file as it was."""
    write_text(path, as_csv(rows, kind))
