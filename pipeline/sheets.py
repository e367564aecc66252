"""Stage `sheets`: photos in `raw/` become digits, or rejects with a reason."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline import digits, parallel, stage, store
from pipeline.atomic import replacing, write_json
from pipeline.digits import SIDE
from pipeline.errors import BadInputError
from pipeline.params import load as load_params
from pipeline.reader import corrections
from pipeline.reader.agreement import Split, demand_free_names, stated_splits
from pipeline.reader.finding import find
from pipeline.reader.read import Reading
from pipeline.reading import read_all
from pipeline.sheet_report import Report


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
