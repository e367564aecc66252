from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import digits as digit_table
from pipeline import out_of_fold
from pipeline.errors import BadInputError

IMAGES = np.arange(6 * 784, dtype=np.uint8).reshape(6, 28, 28)
DIGITS = digit_table.from_columns(
    IMAGES,
    [1, 2, 3, 4, 5, 6],
    ["mnist", "mnist", "a", "a", "a", "a"],
    writer=[None, "mnist/7", "a/1", "a/2", "a/2", "a/3"],
    split=["train", "train", "train", "test", "train", "test"],
)
IDS = digit_table.strings(DIGITS, "id")


def table_of(places: list[int], **changed: object) -> pa.Table:
    """What `train` writes about the digits at these places."""
    columns: dict[str, object] = {
        "id": [IDS[place] for place in places],
        "fold": pa.array([0] * len(places), pa.int8()),
        "label": pa.array([place + 1 for place in places], pa.uint8()),
        "prediction": pa.array([0] * len(places), pa.uint8()),
        **{f"p{d}": pa.array([0.1] * len(places), pa.float32()) for d in range(10)},
    }
    return pa.table(columns | changed)


def loaded(folder: Path, table: pa.Table) -> pa.Table:
    pq.write_table(table, folder / "out_of_fold.parquet")
    return out_of_fold.load(folder / "out_of_fold.parquet", DIGITS)


def test_each_row_gets_its_digits_source_and_writer_where_only_some_folds_were_trained(tmp_path: Path) -> None:
    found = loaded(tmp_path, table_of([4, 1, 0]))
    assert found.column("source").to_pylist() == ["a", "mnist", "mnist"]
    assert found.column("writer").to_pylist() == ["a/2", "mnist/7", None]
    assert found.column("label").to_pylist() == [5, 2, 1]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (table_of([0, 3]), "ids of train digits.*two runs are mixed"),
        (table_of([0, 0]), "each once"),
        (table_of([0], id=["0" * 16]), "ids of train digits"),
        (table_of([0, 1], label=pa.array([1, 9], pa.uint8())), "labels of the digit table"),
        (table_of([0], p3=pa.array([np.nan], pa.float32())), "finite probabilities"),
        (table_of([]), "at least one row"),
        (table_of([0]).drop_columns(["p9"]), "expected columns"),
    ],
)
def test_what_does_not_belong_to_these_digits_is_refused(tmp_path: Path, table: pa.Table, told: str) -> None:
    with pytest.raises(BadInputError, match=rf"out_of_fold\.parquet: .*{told}.*dvc repro --force train"):
        loaded(tmp_path, table)


def test_a_missing_or_broken_file_is_told_in_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"no parquet")
    for path in (tmp_path / "none.parquet", broken):
        with pytest.raises(BadInputError, match="expected out-of-fold predictions"):
            out_of_fold.load(path, DIGITS)
