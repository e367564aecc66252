import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import parquet
from tests.params_file import ROOT

TABLE = pa.table({"a": [1, 2, 3], "b": pa.array(["x", None, "x"]).dictionary_encode(), "c": [b"1", b"", None]})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "a=1"  # which read_table would make a column of
    folder.mkdir()
    pq.write_table(TABLE, folder / "table.parquet", row_group_size=2)
    return folder / "table.parquet"


def test_a_table_comes_back_as_it_was_written(path: Path) -> None:
    assert parquet.read(path).equals(TABLE)
    assert parquet.read(path).schema.equals(TABLE.schema)


def test_columns_are_read_alone_and_in_the_order_asked_for(path: Path) -> None:
    assert parquet.read(path, ["c", "a"]).equals(TABLE.select(["c", "a"]))


def test_a_column_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(pa.ArrowInvalid, match=r"no column d in \['a', 'b', 'c'\]"):
        parquet.read(path, ["a", "d"])


def test_what_is_no_parquet_file_and_what_is_not_there_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no table")
    with pytest.raises(pa.ArrowInvalid):
        parquet.read(tmp_path / "text")
    with pytest.raises(FileNotFoundError):
        parquet.read(tmp_path / "none")


def test_reading_does_not_import_pyarrows_datasets(path: Path) -> None:
    code = "import sys; from pathlib import Path; from pipeline import parquet; parquet.read(Path(sys.argv[1])); "
    code += "print('pyarrow.dataset' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False"]
