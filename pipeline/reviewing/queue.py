"""What is to be looked at: the audit's suspects, the reader's rejects, and what has a verdict already."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from pipeline import parquet
from pipeline.errors import BadInputError
from pipeline.reader.corrections import Place
from pipeline.reader.records import NOTHING_THERE

Kind = Literal["suspect", "reject", "advice", "decided"]
Line = dict[str, str]
Splits = Mapping[tuple[str, int | None], str]
"""The split by photo and row; by photo and None where all its digits are in one."""


@dataclass(frozen=True)
class Item:
    """One digit, or place where there could be one, that a person may look at.

    Attributes
    ----------
    kind : {"suspect", "reject", "advice", "decided"}
        ``advice`` is a reject that cannot be accepted: it holds no ink of its own, or is a whole row or photo;
        ``decided`` is a place with a verdict that neither list names any more.
    photo : str
        Below ``raw/``.
    row, col : int or None
    reason : str
        The audit's verdict, or the reject's reason.
    says : str
        Why, in words.
    advice : str
        To the person with the camera or the pen.
    split : str or None
    label : int or None
        As given.
    prediction, probability : the model's opinion, where it has one
    """

    kind: Kind
    photo: str
    row: int | None
    col: int | None
    reason: str
    says: str = ""
    advice: str = ""
    split: str | None = None
    label: int | None = None
    prediction: int | None = None
    probability: float | None = None

    @property
    def key(self) -> str:
        """A name that stays the same in every run: 16 hex characters."""
        told = (self.photo, self.row, self.col) if self.place else (self.photo, self.row, self.reason, self.says)
        return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()

    @property
    def place(self) -> Place | None:
        """Where a verdict on it goes; None where there can be none."""
        if self.row is None or self.col is None or self.kind == "advice":
            return None
        return (self.photo, self.row, self.col)

    @property
    def source(self) -> str:
        """The collection."""
        return self.photo.partition("/")[0]


def queue(suspects: Iterable[Line], rejects: Iterable[Line], decided: Iterable[Place], splits: Splits) -> list[Item]:
    """Return all items, in the order in which they are worth a look; no place comes twice.

    Suspects come first, the least believable label of each source before the second of any; then rejects in the order
    of photos, then what has a verdict and is in no list.

    Parameters
    ----------
    suspects : lines of ``metrics/audit/suspects.csv``
        Those from no photo are left out: no line of the corrections could name them.
    rejects : lines of ``metrics/sheets/rejects.csv``
    decided : places with a verdict
    splits : Splits
    """
    found: dict[str, Item] = {}
    from_photos = [line for line in suspects if line["photo"]]
    for line in sorted(from_photos, key=lambda line: (int(line["rank"]), line["source"])):
        item = _suspect(line)
        found.setdefault(item.key, item)
    for item in _rejects(rejects, splits):
        found.setdefault(item.key, item)
    for photo, row, col in decided:
        item = Item("decided", photo, row, col, "looked at", split=_split(splits, photo, row))
        found.setdefault(item.key, item)
    return list(found.values())


def _suspect(line: Line) -> Item:
    return Item(
        "suspect",
        line["photo"],
        int(line["row"]),
        int(line["col"]),
        reason=line["verdict"],
        says=line["explanation"],
        split=line["split"],
        label=int(line["label"]),
        prediction=int(line["prediction"]),
        probability=float(line["probability"]),
    )


def _rejects(lines: Iterable[Line], splits: Splits) -> Iterator[Item]:
    for line in lines:
        if line["reason"] in NOTHING_THERE:
            continue
        row, col, label = (_number(line[name]) for name in ("row", "col", "label"))
        kind: Kind = "reject" if line["ink"] == "yes" else "advice"
        split = _split(splits, line["photo"], row)
        said = line["reason"], line["detail"], line["advice"]
        yield Item(kind, line["photo"], row, col, *said, split=split, label=label)


def _number(text: str) -> int | None:
    return int(text) if text else None


def _split(splits: Splits, photo: str, row: int | None) -> str | None:
    return splits.get((photo, row)) or splits.get((photo, None))


def read_lines(path: Path, columns: Iterable[str]) -> list[Line]:
    """Read a CSV file; none where there is no such file yet.

    Raises
    ------
    BadInputError
        If it lacks one of the columns.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = set(columns) - set(reader.fieldnames or [])
        if missing:
            raise BadInputError(f"{path}: expected a column `{min(missing)}`, found none; run `dvc repro`")
        return list(reader)


def read_splits(path: Path) -> dict[tuple[str, int | None], str]:
    """Return the split by photo and row from the digit table, and by photo where that is enough; {} without a table."""
    if not path.exists():
        return {}
    table = parquet.read(path, ["photo", "row", "split"])
    table = table.filter(table.column("photo").is_valid())
    photos, rows = table.column("photo").to_pylist(), table.column("row").to_pylist()
    splits = table.column("split").cast(pa.string()).to_pylist()
    found: dict[tuple[str, int | None], str] = {}
    of_photo: dict[str, set[str]] = {}
    for photo, row, split in zip(photos, rows, splits, strict=True):
        found[photo, row] = split
        of_photo.setdefault(photo, set()).add(split)
    return found | {(photo, None): min(found) for photo, found in of_photo.items() if len(found) == 1}
