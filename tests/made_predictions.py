"""Small digit tables and predictions of them, made up."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from pipeline import digits as digit_table
from pipeline import evaluate

WRITERS = ("a", "b", "c")


def digits(source: str, count: int, split: str, *, writers: Sequence[str] | None = WRITERS, seed: int = 0) -> pa.Table:
    """``count`` digits labelled 0, 1, 2, ... 9, 0, ... of writers who take turns; a photo a writer."""
    images = np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    named = [writers[place % len(writers)] for place in range(count)] if writers else None
    return digit_table.from_columns(
        images,
        np.arange(count) % 10,
        source,
        writer=[f"{source}/{name}" for name in named] if named else None,
        photo=[f"{source}/{name}.jpg" for name in named] if named else None,
        row=[0] * count if named else None,
        col=list(range(count)) if named else None,
        split=split,
    )


def joined(*tables: pa.Table) -> pa.Table:
    """One digit table of several."""
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def predictions(rows: pa.Table, misread: Mapping[int, int] | None = None) -> pa.Table:
    """Predictions that are right but for ``misread``, by row the digit that is read; the surer, the lower the row."""
    probabilities = np.full((rows.num_rows, 10), 0.01, dtype=np.float32)
    read = digit_table.labels(rows).astype(np.int64)
    for row, digit in (misread or {}).items():
        read[row] = digit
    probabilities[np.arange(rows.num_rows), read] = 0.91 - np.arange(rows.num_rows) / 10_000
    return evaluate.predicted(rows, probabilities)
