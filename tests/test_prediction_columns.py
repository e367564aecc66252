import numpy as np
import pyarrow as pa

from pipeline import prediction_columns
from pipeline.prediction_columns import columns_of, probabilities_of


def test_probabilities_come_back_from_their_columns_bit_by_bit() -> None:
    probabilities = np.random.default_rng(0).random((7, 10), np.float32)
    table = pa.Table.from_arrays(columns_of(probabilities), schema=pa.schema(prediction_columns.FIELDS))
    assert table.schema.names == [f"p{digit}" for digit in range(10)]
    found = probabilities_of(pa.concat_tables([table.slice(0, 3), table.slice(3)]))  # in two pieces
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, probabilities)


def test_no_rows_have_ten_columns_too() -> None:
    table = pa.table(dict(zip(prediction_columns.NAMES, columns_of(np.empty((0, 10), np.float32)), strict=True)))
    assert probabilities_of(table).shape == (0, 10)
