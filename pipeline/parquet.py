"""Parquet files, read whole or by columns."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a file's table, of several chunks where it is long; only those columns, in their order, if stated.

    What `pyarrow.parquet.read_table` does, which first imports `pyarrow.dataset`: half a second of each stage.

    Raises
    ------
    OSError
        If it cannot be read.
    pyarrow.ArrowInvalid
        If it is no parquet file, or lacks a column.
    """
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        if missing := [name for name in columns or () if name not in names]:
            raise pa.ArrowInvalid(f"no column {missing[0]} in {names}")
        return file.read(columns=None if columns is None else list(columns))
