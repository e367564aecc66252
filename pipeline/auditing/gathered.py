"""All digits of the table with what the networks that never saw them read: train rows out of fold, test rows too."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import digits as digit_table
from pipeline import parquet, prediction_columns
from pipeline.errors import BadInputError

READ = ("id", "label", *prediction_columns.NAMES)
ADVICE = "it belongs to another digit table: run `dvc repro`"


def load(path: Path) -> pa.Table:
    """Read ids, labels and probabilities.

    Raises
    ------
    BadInputError
        If the file is missing, is no parquet file or lacks a column.
    """
    try:
        return parquet.read(path, READ).combine_chunks()
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInputError(f"{path}: expected a table of probabilities, got: {error}; run `dvc repro`") from error


def gathered(table: pa.Table, split: str, read: pa.Table, path: Path) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the places in the digit table that were read, ascending, and their (N, 10) probabilities.

    Train rows of folds that were not trained (``train.run_folds``) were not read.

    Raises
    ------
    BadInputError
        If a row that was read is not in this split of the table, has another label there or is there twice, a
        probability is not in 0..1, or a test row was not read.
    """
    splits = digit_table.strings(table, "split")
    place_of = {name: place for place, name in enumerate(digit_table.strings(table, "id")) if splits[place] == split}
    names = read.column("id").to_pylist()
    strange = next((name for name in names if name not in place_of), None)
    if strange is not None:
        raise BadInputError(f"{path}: expected {split} rows of the digit table, got id `{strange}`; {ADVICE}")
    if len(set(names)) != len(names) or (split == "test" and len(names) != len(place_of)):
        raise BadInputError(
            f"{path}: expected each of {len(place_of)} {split} rows once, got {len(set(names))} in {len(names)} rows; "
            f"{ADVICE}"
        )
    places = np.array([place_of[name] for name in names], dtype=np.intp)
    probabilities = prediction_columns.probabilities_of(read)
    if not (np.asarray(read.column("label")) == digit_table.labels(table)[places]).all():
        raise BadInputError(f"{path}: expected the labels of the digit table, got others; {ADVICE}")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise BadInputError(f"{path}: expected probabilities from 0 to 1, got others; run `dvc repro`")
    order = np.argsort(places)
    return places[order], probabilities[order].astype(np.float64)
