"""Stage `merge`: sheets and MNIST become one digit table without repeats, its split fixed for good."""

import difflib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import digits as digit_table
from pipeline import duplicates, stage
from pipeline.atomic import write_json
from pipeline.errors import BadInputError
from pipeline.invariants import check_merged
from pipeline.params import Merge
from pipeline.params import load as load_params
from pipeline.splits import fixed


@dataclass(frozen=True)
class Merged:
    """The merged digits, and what was left out on the way."""

    table: pa.Table
    repeats: duplicates.Repeats
    left_out: int  # train rows of sources that `merge.train_sources` does not name


def merged(tables: list[pa.Table], settings: Merge, origin: Path) -> Merged:
    """Join tables into one: fix the split, choose the train sources, drop repeats.

    Which rows are test rows depends neither on ``merge.train_sources`` nor on any train row.

    Parameters
    ----------
    tables : list of pyarrow.Table
        Digit tables of originals; a null split is ours to fix.
    settings : Merge
    origin : Path
        The parameter file, for messages.

    Raises
    ------
    BadInputError
        If ``merge.train_sources`` names an unknown source, a writer is stated to be in both splits, or the digits left
        to train on lack a class.
    """
    joined = in_order(tables)
    split = np.array(fixed(joined, settings.test_fraction, settings.seed), dtype=object)
    sources = np.array(digit_table.strings(joined, "source"), dtype=object)
    chosen = train_sources(settings, sorted(set(sources)), origin)
    used = np.flatnonzero((split == "test") | np.isin(sources, chosen))
    repeats = duplicates.find(joined.take(pa.array(used)), list(split[used]))
    kept = used[repeats.kept]
    table = with_split(joined.take(pa.array(kept)), list(split[kept]))
    demand_every_class(table, chosen, origin)
    return Merged(table, repeats, len(joined) - len(used))


def in_order(tables: list[pa.Table]) -> pa.Table:
    """Return the rows of all tables by source, photo, row and col; rows alike in these keep their order."""
    joined = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    places = {
        "source": joined.column("source").cast(pa.string()),
        "photo": joined.column("photo").fill_null(""),  # a null comes first: no photo has this name, no row this number
        "row": joined.column("row").fill_null(-1),
        "col": joined.column("col").fill_null(-1),
    }
    order = pc.sort_indices(pa.table(places), sort_keys=[(name, "ascending") for name in places])  # which is stable
    return joined.take(order)


def train_sources(settings: Merge, present: list[str], origin: Path) -> list[str]:
    """Return the names of the sources to train on, out of those that are present."""
    if settings.train_sources == "all":
        return present
    for name in settings.train_sources:
        if name not in present:
            near = difflib.get_close_matches(name, present, n=1)
            hint = f"did you mean `{near[0]}`? " if near else ""
            raise BadInputError(
                f"{origin}: `merge.train_sources`: expected all, or sources that there are, got `{name}`; "
                f"{hint}valid: {', '.join(present)}"
            )
    return list(settings.train_sources)


def with_split(table: pa.Table, split: list[str]) -> pa.Table:
    """Return the table with its split column replaced."""
    place = table.schema.get_field_index("split")
    column = pa.array(split, pa.string()).dictionary_encode()
    return table.set_column(place, digit_table.SCHEMA.field(place), column)


def demand_every_class(table: pa.Table, chosen: list[str], origin: Path) -> None:
    """Raise BadInputError unless each of the ten classes has a digit to train on."""
    train = np.array(digit_table.strings(table, "split"), dtype=object) == "train"
    counts = np.bincount(digit_table.labels(table)[train], minlength=digit_table.CLASSES)
    missing = [str(label) for label in np.flatnonzero(counts == 0)]
    if not train.any():
        problem = "nothing"
    elif missing:
        problem = f"no digit of class {', '.join(missing)}"
    else:
        return
    raise BadInputError(
        f"{origin}: expected digits of all ten classes to train on, got {problem} in the train split of "
        f"{', '.join(chosen) or 'no source'}; "
        "name more in `merge.train_sources`, lower `merge.test_fraction` or add photos"
    )


def summary(outcome: Merged) -> dict[str, object]:
    """Return what `metrics/merge.json` holds: counts by source and split, and what was left out."""
    names = ("source", "split", "writer")
    rows = Counter(zip(*(digit_table.strings(outcome.table, name) for name in names), strict=True))
    digits, writers = Counter[tuple[str | None, ...]](), Counter[tuple[str | None, ...]]()
    for (*place, writer), n in rows.items():
        digits[tuple(place)] += n
        writers[tuple(place)] += writer is not None
    sources = sorted({str(source) for source, _, _ in rows})
    return {
        "total": rows.total(),
        **{
            name: {source: {split: counts[source, split] for split in digit_table.SPLITS} for source in sources}
            for name, counts in (("digits", digits), ("writers", writers))
        },
        "removed": {
            "duplicates": outcome.repeats.duplicates,
            "duplicates_of_test": outcome.repeats.duplicates_of_test,
            "conflicting_labels": outcome.repeats.conflicting_labels,
            "left_out_by_train_sources": outcome.left_out,
        },
    }


def main(params: Path, sheets: Path, mnist: Path, table: Path, metrics: Path) -> None:
    """Write the merged digit table and its counts."""
    settings = load_params(params)
    outcome = merged([digit_table.load(sheets), digit_table.load(mnist)], settings.merge, params)
    check_merged(outcome.table, table)
    digit_table.save(outcome.table, table)
    write_json(metrics, summary(outcome))


if __name__ == "__main__":
    stage.run(main)
