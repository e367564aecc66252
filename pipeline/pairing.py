"""Which digits two revisions both have, and which only one has: test digits to compare, train digits to tell of."""

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline import digits as digit_table
from pipeline.errors import BadInputError

READ = ("id", "source", "writer", "photo", "row", "col", "label", "prediction")
TRAINED = ("id", "source", "writer", "photo", "label", "split")
ORIGINS = ("source", "photo", "writer")  # by which rows are counted

Indexes = NDArray[np.intp]


@dataclass(frozen=True)
class Paired:
    """Two prediction tables of the same digits in the same order, and how many of each were left out for that.

    Attributes
    ----------
    before, after : pyarrow.Table
        N rows each, equal in ``id`` and ``label``.
    left_out : dict
        How many digits only ``before`` has, only ``after`` has, and how many have another label; all 0 where the test
        rows are the same.
    """

    before: pa.Table
    after: pa.Table
    left_out: dict[str, int]


def loaded(content: bytes, columns: Sequence[str], origin: str) -> pa.Table:
    """Return those columns of a parquet file.

    Raises
    ------
    BadInputError
        If it is none, or lacks a column or an id, or has an id twice.
    """
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        present = file.schema_arrow.names
        table = file.read(columns=list(columns)).combine_chunks()
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInputError(f"{origin}: expected a parquet file, got: {error}; run `dvc repro` there") from error
    if missing := [name for name in columns if name not in present]:
        raise BadInputError(f"{origin}: expected column {missing[0]}, got {present}; run `dvc repro` there")
    twice, times = Counter(table.column("id").to_pylist()).most_common(1)[0] if len(table) else ("", 1)
    if times > 1:
        raise BadInputError(f"{origin}: expected every id once, got {twice} {times} times; run `dvc repro` there")
    return table


def paired(before: pa.Table, after: pa.Table) -> Paired:
    """Return the digits that both have with the same label, in the order of their ids."""
    first, second = _by_id(before), _by_id(after)
    labels, others = digit_table.labels(before), digit_table.labels(after)
    both = sorted(first.keys() & second.keys())
    kept = [name for name in both if labels[first[name]] == others[second[name]]]
    counts = {"before": len(first) - len(both), "after": len(second) - len(both), "label": len(both) - len(kept)}
    return Paired(_taken(before, first, kept), _taken(after, second, kept), counts)


def refusal(before: pa.Table, after: pa.Table, names: tuple[str, str]) -> str:
    """Return why two prediction tables cannot be compared as they are: both numbers, an example, what to do.

    Parameters
    ----------
    before, after : pyarrow.Table
        Prediction tables whose test rows differ.
    names : tuple of two strings
        Their revisions.
    """
    only, added, relabelled = differing(before, after)
    parts = [
        f"{len(rows):,} only in {name}, {_origins(rows)}, such as {_example(rows)}"
        for rows, name in ((only, names[0]), (added, names[1]))
        if len(rows)
    ]
    if relabelled:
        name, old, new = relabelled[0]
        parts.append(f"{len(relabelled):,} labelled differently, such as {name} ({old} and {new})")
    common = len(before) - len(only) - len(relabelled)
    advice = f"--common compares on the {common:,} that both have" if common else "they have none in common"
    expected = f"expected the same test digits, got {len(before):,} in {names[0]} and {len(after):,} in {names[1]}"
    return f"{expected}: {'; '.join(parts)}; {advice}"


def differing(before: pa.Table, after: pa.Table) -> tuple[pa.Table, pa.Table, list[tuple[str, int, int]]]:
    """Return the rows that only one table has, each by id, and (id, label, other label) of those labelled anew."""
    first, second = _by_id(before), _by_id(after)
    labels, others = digit_table.labels(before), digit_table.labels(after)
    pairs = [(name, int(labels[first[name]]), int(others[second[name]])) for name in sorted(first.keys() & second)]
    return (
        _taken(before, first, sorted(first.keys() - second)),
        _taken(after, second, sorted(second.keys() - first)),
        [pair for pair in pairs if pair[1] != pair[2]],
    )


def counts(rows: pa.Table) -> dict[str, dict[str, Any]]:
    """Return ``{source: {n, photos: {photo: n}, writers: {writer: n}}}``, in the order of the names.

    A digit without photo or writer is counted in ``n`` alone.
    """
    values = [digit_table.strings(rows, name) for name in ORIGINS]
    found: dict[str, dict[str, Any]] = {}
    for source in sorted({str(name) for name in values[0]}):
        of_it = [(photo, writer) for name, photo, writer in zip(*values, strict=True) if name == source]
        photos, writers = (_tally(column) for column in zip(*of_it, strict=True))
        found[source] = {"n": len(of_it), "photos": photos, "writers": writers}
    return found


def trained_rows(table: pa.Table) -> pa.Table:
    """Return the train rows of a digit table's columns :data:`TRAINED`."""
    return digit_table.of_split(table, "train")


def seen_in_training(compared: Paired, train: pa.Table) -> list[str]:
    """Return which compared digits, or their writers under either table's names, were trained on; none should be."""
    names = {name for table in (compared.before, compared.after) for name in digit_table.strings(table, "writer")}
    writers = (names - {None}) & set(digit_table.strings(train, "writer"))
    ids = set(digit_table.strings(compared.before, "id")) & set(digit_table.strings(train, "id"))
    return [f"writer {name}" for name in sorted(map(str, writers))] + [
        f"digit {name}" for name in sorted(map(str, ids))
    ]


def _by_id(table: pa.Table) -> dict[str, int]:
    return {str(name): place for place, name in enumerate(digit_table.strings(table, "id"))}


def _taken(table: pa.Table, places: dict[str, int], names: Sequence[str]) -> pa.Table:
    return table.take(pa.array([places[name] for name in names], pa.int64())).combine_chunks()


def _tally(names: Iterable[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(name for name in names if name is not None).items()))


def _origins(rows: pa.Table) -> str:
    """Return sources with their numbers, and of each the photos and writers, as far as there are few."""
    said = []
    for source, entry in counts(rows).items():
        named = "; ".join(_few(what, entry[f"{what}s"]) for what in ("photo", "writer") if entry[f"{what}s"])
        said.append(f"{entry['n']:,} of {source}" + (f" ({named})" if named else ""))
    return ", ".join(said)


def _few(what: str, tally: dict[str, int], most: int = 3) -> str:
    if len(tally) > most:
        return f"{len(tally):,} {what}s"
    return f"{what}{'s' if len(tally) > 1 else ''} {', '.join(tally)}"


def _example(rows: pa.Table) -> str:
    row = rows.slice(0, 1).to_pylist()[0]
    place = f" of {row['photo']}, row {row['row']}, col {row['col']}" if row["photo"] is not None else ""
    return f"{row['id']}{place}"
