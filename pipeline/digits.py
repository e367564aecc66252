"""The digit table: the one record type that goes through the whole flow."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline import parquet
from pipeline.atomic import replacing
from pipeline.errors import BadInputError

SIDE = 28  # pixels: MNIST's image size (LeCun, Cortes and Burges, "The MNIST database of handwritten digits")
CLASSES = 10
SPLITS = ("train", "test")
ROW_GROUP = 8192  # rows: with lz4 and no dictionary on `image`, 70,000 digits load in about 20 ms without a copy a row

_CATEGORY = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("image", pa.binary(SIDE * SIDE), nullable=False),
        pa.field("label", pa.uint8(), nullable=False),
        pa.field("source", _CATEGORY, nullable=False),
        pa.field("writer", pa.string()),
        pa.field("photo", pa.string()),
        pa.field("row", pa.int16()),
        pa.field("col", pa.int16()),
        pa.field("split", _CATEGORY),  # null until `merge` fixes it, unless the origin states it
        pa.field("parent", pa.string()),
    ]
)

Images = NDArray[np.uint8]
"""(N, 28, 28), 0 = paper, 255 = ink."""


def digit_id(source: str, photo: str | None, row: int | None, col: int | None, image: Images) -> str:
    """Return 16 hex characters that stay the same as long as place and pixels do. ``image`` is (28, 28) uint8."""
    place = "\x1f".join("" if part is None else str(part) for part in (source, photo, row, col))
    return hashlib.blake2b(place.encode() + b"\x1e" + image.tobytes(), digest_size=8).hexdigest()


def from_columns(
    images: Images,
    labels: NDArray[np.integer[Any]] | Sequence[int],
    source: str | Sequence[str],
    *,
    ids: Sequence[str] | None = None,
    writer: Sequence[str | None] | None = None,
    photo: Sequence[str | None] | None = None,
    row: Sequence[int | None] | None = None,
    col: Sequence[int | None] | None = None,
    split: str | Sequence[str | None] | None = None,
    parent: Sequence[str | None] | None = None,
) -> pa.Table:
    """Build a digit table.

    Parameters
    ----------
    images : (N, 28, 28) uint8
    labels : (N,) integers in 0..9
    source, split : one value for all digits, or one a digit
    ids : one a digit; computed with :func:`digit_id` where not given
    writer, photo, row, col, parent : one a digit; all null where not given

    Returns
    -------
    pyarrow.Table
        N rows with :data:`SCHEMA`.

    Raises
    ------
    ValueError
        If ``images`` has another shape or type, a label is outside 0..9, or a column has another length.
    """
    count = len(images)
    given = np.asarray(labels)
    if given.size and (given.min() < 0 or given.max() >= CLASSES):
        raise ValueError(f"labels: expected 0 to {CLASSES - 1}, got {given.min()} to {given.max()}")
    if images.shape != (count, SIDE, SIDE) or images.dtype != np.uint8:
        raise ValueError(f"images: expected (N, {SIDE}, {SIDE}) uint8, got {images.shape} {images.dtype}")
    nothing = [None] * count
    sources = [source] * count if isinstance(source, str) else list(source)
    splits = [split] * count if split is None or isinstance(split, str) else list(split)
    photo, row, col = photo or nothing, row or nothing, col or nothing
    if ids is None:
        ids = [digit_id(*place) for place in zip(sources, photo, row, col, images, strict=True)]
    columns = [
        pa.array(ids, pa.string()),
        pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(SIDE * SIDE), count, [None, pa.py_buffer(np.ascontiguousarray(images).tobytes())]
        ),
        pa.array(given.astype(np.uint8)),
        pa.array(sources, pa.string()).dictionary_encode(),
        pa.array(writer or nothing, pa.string()),
        pa.array(photo, pa.string()),
        pa.array(row, pa.int16()),
        pa.array(col, pa.int16()),
        pa.array(splits, pa.string()).dictionary_encode(),
        pa.array(parent or nothing, pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def images(table: pa.Table) -> Images:
    """Return (N, 28, 28) uint8, read-only and without a copy where the table is one chunk."""
    chunked = table.column("image")
    column = chunked.chunk(0) if chunked.num_chunks == 1 else chunked.combine_chunks()  # which always copies
    flat = np.frombuffer(column.buffers()[1], dtype=np.uint8)
    start = column.offset * SIDE * SIDE
    pixels = flat[start : start + len(column) * SIDE * SIDE].reshape(-1, SIDE, SIDE)
    pixels.flags.writeable = False
    return pixels


def labels(table: pa.Table) -> NDArray[np.uint8]:
    """Return (N,) uint8 in 0..9."""
    return np.asarray(table.column("label").to_numpy(), dtype=np.uint8)


def strings(table: pa.Table, column: str) -> list[str | None]:
    """Return a text column (``id``, ``source``, ``writer``, ``photo``, ``split`` or ``parent``) as N Python values."""
    return list(table.column(column).to_pylist())


def of_split(table: pa.Table, split: str) -> pa.Table:
    """Return the rows whose split is ``train`` or ``test``, in their order."""
    return table.filter(pc.equal(table.column("split").cast(pa.string()), split)).combine_chunks()


def save(table: pa.Table, path: Path) -> None:
    """Write the table as parquet; the same rows give the same bytes, whatever the table's history."""
    save_parts([table], path)


def save_parts(tables: Iterable[pa.Table], path: Path) -> None:
    """Write tables one after the other as one parquet file, with no more than a row group of them in memory.

    Raises
    ------
    ValueError
        If one is no digit table.
    """
    text_columns = [name for name in SCHEMA.names if name != "image"]
    with (
        replacing(path) as draft,
        pq.ParquetWriter(draft, SCHEMA, compression="lz4", use_dictionary=text_columns, store_schema=True) as file,
    ):
        waiting, count = [SCHEMA.empty_table()], 0
        for table in tables:
            added = _recoded(table) if table.schema.names == SCHEMA.names else table
            if added.schema != SCHEMA:
                raise ValueError(f"{path}: no digit table: expected columns {SCHEMA.names}, got {table.schema.names}")
            waiting.append(added)
            count += len(added)
            while count >= ROW_GROUP:  # joined only then: joined at every table, 8,192 tables of a row took 16 s
                joined = pa.concat_tables(waiting)
                file.write_table(_recoded(joined[:ROW_GROUP]))
                waiting, count = [joined[ROW_GROUP:]], count - ROW_GROUP
        if count:
            file.write_table(_recoded(pa.concat_tables(waiting)))


def _recoded(table: pa.Table) -> pa.Table:
    """Return a table in one piece, its categories coded anew in order of first appearance."""
    for name in ("source", "split"):
        place = table.schema.get_field_index(name)
        recoded = table.column(name).cast(pa.string()).combine_chunks().dictionary_encode()
        table = table.set_column(place, SCHEMA.field(name), recoded)
    return table.combine_chunks()


def load(path: Path) -> pa.Table:
    """Read a digit table.

    Raises
    ------
    BadInputError
        If the file is missing, is no parquet file, or has other columns or values that do not fit their types.
    """
    try:
        table = parquet.read(path)
    except FileNotFoundError as error:
        raise BadInputError(
            f"{path}: expected a digit table, found no such file; run `dvc repro`, or `dvc pull` what was pushed"
        ) from error
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInputError(f"{path}: expected a digit table (parquet), got: {error}; run `dvc repro`") from error
    if table.schema.names != SCHEMA.names:
        raise BadInputError(f"{path}: expected columns {SCHEMA.names}, got {table.schema.names}; run `dvc repro`")
    try:
        return table.cast(SCHEMA).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise BadInputError(f"{path}: expected the types of a digit table, got: {error}; run `dvc repro`") from error
