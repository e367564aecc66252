"""Stage `sheets`: photos in `raw/` become digits, or rejects with a reason."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa

from pipeline import digits, parallel, stage, store
from pipeline.atomic import replacing, write_json
from pipeline.digits import SIDE
from pipeline.errors import BadInputError
from pipeline.params import load as load_params
from pipeline.reader import corrections
from pipeline.reader.collection import Entry, Photo
from pipeline.reader.finding import find
from pipeline.reader.read import Reading
from pipeline.reading import read_all
from pipeline.scores import HANDWRITING, MNIST
from pipeline.sheet_report import Report

TAKEN = {MNIST: "MNIST's own digits", HANDWRITING: "all collections together"}


Split = Literal["train", "test"]


def stated_splits(entries: Iterable[Entry]) -> dict[str, Split]:
    """Return the split that some photo states for its writer, by writer: the writer's other photos are in it too.

    It counts also where that photo gives no digit. Writers that only a reading tells, by row or from a printed sheet,
    are not among them.

    Raises
    ------
    BadInputError
        If photos of one writer state different splits.
    """
    said: dict[str, tuple[Split, str]] = {}
    for photo in entries:
        if not isinstance(photo, Photo) or photo.settings.split == "auto" or (writer := photo.writer(None)) is None:
            continue
        split, first = said.setdefault(writer, (photo.settings.split, photo.name))
        if split != photo.settings.split:
            raise BadInputError(
                f"{photo.collection}: expected writer `{writer}` in one split, but {first} says {split} and "
                f"{photo.name} says {photo.settings.split}; give all photos of this writer the same in sheets.yaml"
            )
    return {writer: split for writer, (split, _) in said.items()}


def table_of(reading: Reading, stated: Mapping[str, Split]) -> pa.Table:
    """Turn a reading into a digit table, in reading order; ``stated`` is that of :func:`stated_splits`."""
    found, photo = reading.digits, reading.photo
    writers = [reading.writer_of(digit.row) for digit in found]
    own = None if photo.settings.split == "auto" else photo.settings.split
    return digits.from_columns(
        np.stack([digit.image for digit in found]) if found else np.empty((0, SIDE, SIDE), np.uint8),
        [digit.label for digit in found],
        photo.collection,
        writer=writers,
        photo=[photo.name] * len(found),
        row=[digit.row for digit in found],
        col=[digit.col for digit in found],
        split=[own or (None if writer is None else stated.get(writer)) for writer in writers],
    )


def demand_free_names(raw: Path) -> None:
    """Let no collection have the name of other digits.

    Raises
    ------
    BadInputError
        If one is called ``mnist`` or ``handwriting``, in small or large letters: names become file names, and on some
        disks these are the same.
    """
    for folder in sorted(raw.iterdir()):
        if folder.is_dir() and (means := TAKEN.get(folder.name.casefold())):
            raise BadInputError(
                f"{folder}: expected another name, `{folder.name}` stands for {means}; rename the folder"
            )


def main(params: Path, raw: Path, table: Path, metrics: Path, pictures: Path) -> None:
    """Read every photo below raw/: digits, counts, contact sheets."""
    settings = load_params(params)
    if not raw.is_dir():
        raise BadInputError(f"{raw}: expected a folder of photos, found none; create {raw}/<collection>/")
    demand_free_names(raw)
    hand_edited = raw / "corrections.csv"
    wanted = corrections.load(hand_edited)
    effects: Counter[corrections.Effect] = Counter()
    waits: list[corrections.Correction] = []
    entries = list(find(raw))
    splits = stated_splits(entries)
    reads = read_all(entries, settings.sheets, settings.parallel.workers)
    with parallel.on(settings.parallel), replacing(pictures) as draft:
        draft.mkdir()
        with Report(draft) as report:
            readings = corrections.apply(wanted, report.pictures(reads), hand_edited, effects, waits)
            digits.save_parts((table_of(reading, splits) for reading in report.written(readings)), table)
    did: dict[str, int] = {name: effects[name] for name in corrections.EFFECTS}
    corrected = {"corrections": {"digest": corrections.digest(wanted), **did}} if wanted else {}
    write_json(metrics, {**report.counts(), **corrected})
    print(report.summary(pictures))
    for photo, lines in sorted(Counter(one.photo for one in waits).items()):
        print(
            f"{hand_edited}: {photo} was not read, its corrections ({lines}) wait; if it was taken again, look at them"
        )
    kept = store.store()
    if report.photos > report.reused and kept is not None and kept.full:
        print(f"the cache is full ({kept.bytes / 1e9:,.1f} GB): what it let go is read anew; set a larger {store.SIZE}")


if __name__ == "__main__":
    stage.run(main)
