from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline import digits
from pipeline.errors import BadInputError
from pipeline.invariants import check_merged

COLUMNS: dict[str, Any] = {
    "ids": [f"{row:016x}" for row in range(4)],
    "writer": ["here/a", "here/b", None, "here/a"],
    "photo": ["here/1.jpg", "here/1.jpg", "here/2.jpg", None],
    "row": [0, 1, None, 32767],
    "col": [0, 0, None, 1],
    "split": ["train", "test", "test", "train"],
    "parent": None,
}
WHERE = Path("digits.parquet")


def table(**changes: Any) -> pa.Table:
    return digits.from_columns(np.zeros((4, 28, 28), np.uint8), [0, 1, 2, 9], "here", **(COLUMNS | changes))


@pytest.mark.slow
def test_a_good_table_passes() -> None:
    check_merged(table(), WHERE)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ids": ["0" * 16] * 2 + ["1" * 16, "2" * 16]}, "`id`: expected unique ids, got `0000000000000000`"),
        ({"ids": ["0" * 16, "1" * 16, "2" * 16, "3" * 15]}, "`id`: expected 16 hexadecimal characters"),
        ({"ids": ["0" * 16, "1" * 16, "2" * 16, "A" * 16]}, "`id`: expected 16 hexadecimal characters"),
        ({"split": ["train", "test", "test", "validation"]}, "`split`: expected train or test, got `validation`"),
        ({"split": ["train", "test", None, "train"]}, "`split`: expected a value, got `nan` in 1 rows"),
        ({"split": ["train", "test", "test", "test"]}, "expected writer `here/a` in one split, got both"),
        ({"writer": ["here/a", "b", None, None]}, "`writer`: expected <source>/<writer> or null, got `b`"),
        ({"writer": ["here/a", "there/b", None, None]}, "`writer`: expected `here/<writer>`, got `there/b`"),
        ({"photo": ["", None, None, None]}, "`photo`: expected a path or null, got ``"),
        ({"row": [0, -1, None, 1]}, "`row`: expected a place from 0 or null, got `-1`"),
        ({"col": [0, -7, -7, 1]}, r"`col`: expected a place from 0 or null, got `-7` in 2 rows"),
        ({"parent": [None, None, None, "0" * 16]}, "`parent`: expected null, got `0000000000000000`"),
    ],
)
def test_what_breaks_a_law_is_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message) as caught:
        check_merged(table(**changes), WHERE)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("digits.parquet: ")


def test_a_label_above_9_is_refused() -> None:
    good = table()
    bad = good.set_column(2, good.schema.field(2), pa.array([0, 1, 2, 10], pa.uint8()))
    with pytest.raises(BadInputError, match="`label`: expected 0 to 9, got `10`"):
        check_merged(bad, WHERE)


def test_other_columns_are_refused() -> None:
    with pytest.raises(BadInputError, match="expected the columns of a digit table"):
        check_merged(table().drop_columns(["col"]), WHERE)
