"""Out-of-fold predictions with their digits' source and writer: what networks say of people whom they never met."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import digits as digit_table
from pipeline import parquet, prediction_columns
from pipeline.errors import BadInputError

COLUMNS = ("id", "fold", "label", "prediction", *prediction_columns.NAMES)


def load(path: Path, digits: pa.Table) -> pa.Table:
    """Read what `train` wrote and add ``source`` and ``writer`` of each row's digit.

    Parameters
    ----------
    path : Path
        ``data/out_of_fold.parquet``; fewer rows than train digits where not every fold was trained.
    digits : pyarrow.Table
        The digit table that the networks were trained on.

    Returns
    -------
    pyarrow.Table
        At least one row, in the file's order: its columns, then ``source`` and ``writer``.

    Raises
    ------
    BadInputError
        If the file is missing, empty, has other columns, or does not belong to these digits.
    """
    try:
        table = parquet.read(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInputError(f"{path}: expected out-of-fold predictions (parquet), got: {error}; {_ADVICE}") from error
    if tuple(table.schema.names) != COLUMNS:
        raise BadInputError(f"{path}: expected columns {list(COLUMNS)}, got {table.schema.names}; {_ADVICE}")
    if not table.num_rows:
        raise BadInputError(f"{path}: expected at least one row, got none; {_ADVICE}")
    table = table.combine_chunks()
    trained = digit_table.of_split(digits, "train")
    place = pc.index_in(table.column("id"), value_set=trained.column("id").combine_chunks())
    if place.null_count or pc.count_distinct(place).as_py() != table.num_rows:
        raise BadInputError(f"{path}: expected ids of train digits, each once, got others: {_MIXED}")
    of_rows = trained.select(["source", "writer", "label"]).take(place)
    if not table.column("label").equals(of_rows.column("label")):
        raise BadInputError(f"{path}: expected the labels of the digit table, got others: {_MIXED}")
    if not np.isfinite(prediction_columns.probabilities_of(table)).all():
        raise BadInputError(f"{path}: expected finite probabilities, got others; {_ADVICE}")
    return table.append_column("source", of_rows.column("source")).append_column("writer", of_rows.column("writer"))


_ADVICE = "run `dvc repro --force train`"
_MIXED = f"two runs are mixed; {_ADVICE}"
