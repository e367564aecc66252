import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import pairing
from pipeline.errors import BadInputError
from tests.made_predictions import digits, joined, predictions

ROWS = joined(digits("mnist", 20, "test", writers=None), digits("class", 30, "test"))
NAMES = ("HEAD", "workspace")


def relabelled(table: pa.Table, row: int, label: int) -> pa.Table:
    labels = table.column("label").to_numpy().copy()
    labels[row] = label
    place = table.schema.get_field_index("label")
    return table.set_column(place, table.schema.field(place), pa.array(labels))


def as_bytes(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


@given(st.permutations(range(50)), st.integers(1, 50))
@settings(max_examples=8)
def test_digits_are_paired_by_id_whatever_their_order(order: list[int], kept: int) -> None:
    before, after = predictions(ROWS, {0: 3, 33: 9}), predictions(ROWS, {33: 1}).take(pa.array(order[:kept]))
    both = pairing.paired(before, after)
    assert both.before.column("id").to_pylist() == both.after.column("id").to_pylist()
    assert both.before.column("label").to_pylist() == both.after.column("label").to_pylist()
    assert set(both.after.column("id").to_pylist()) == set(after.column("id").to_pylist())
    assert both.left_out == {"before": 50 - kept, "after": 0, "label": 0}
    read = dict(zip(*(after.column(name).to_pylist() for name in ("id", "prediction")), strict=True))
    assert both.after.column("prediction").to_pylist() == [read[key] for key in both.after.column("id").to_pylist()]


def test_a_digit_that_was_labelled_anew_is_left_out_and_told() -> None:
    before = predictions(ROWS)
    both = pairing.paired(before, relabelled(before, 25, 0))
    assert (len(both.before), both.left_out) == (49, {"before": 0, "after": 0, "label": 1})


def test_the_refusal_has_both_numbers_origins_and_examples() -> None:
    before = predictions(ROWS.slice(0, 48))
    after = predictions(joined(ROWS.slice(1), digits("new", 7, "test", writers=["x"], seed=1)))
    text = pairing.refusal(before, relabelled(after, 3, 9), NAMES)
    gone = ROWS.column("id")[0].as_py()
    assert "got 48 in HEAD and 56 in workspace" in text
    assert f"1 only in HEAD, 1 of mnist, such as {gone};" in text
    assert "9 only in workspace, 2 of class (photos class/b.jpg, class/c.jpg; writers class/b, class/c), " in text
    assert "7 of new (photo new/x.jpg; writer new/x), such as " in text
    assert f"1 labelled differently, such as {ROWS.column('id')[4].as_py()} (4 and 9);" in text
    assert "--common compares on the 46 that both have" in text
    assert "\n" not in text


def test_the_refusal_says_where_the_example_lies() -> None:
    text = pairing.refusal(predictions(ROWS.slice(0, 20)), predictions(ROWS.slice(0, 21)), NAMES)
    assert f"such as {ROWS.column('id')[20].as_py()} of class/a.jpg, row 0, col 0;" in text


def test_rows_are_counted_by_source_photo_and_writer() -> None:
    assert pairing.counts(ROWS) == {
        "class": {
            "n": 30,
            "photos": {"class/a.jpg": 10, "class/b.jpg": 10, "class/c.jpg": 10},
            "writers": {"class/a": 10, "class/b": 10, "class/c": 10},
        },
        "mnist": {"n": 20, "photos": {}, "writers": {}},
    }


def test_a_writer_or_a_digit_that_was_trained_on_is_found_under_either_name() -> None:
    both = pairing.paired(predictions(ROWS), predictions(ROWS))
    clean = digits("class", 10, "train", writers=["d"], seed=2)
    assert pairing.seen_in_training(both, clean) == []
    assert pairing.seen_in_training(both, digits("class", 10, "train", writers=["b", "d"], seed=2)) == [
        "writer class/b"
    ]
    assert pairing.seen_in_training(both, joined(clean, ROWS.slice(0, 1))) == [f"digit {ROWS.column('id')[0].as_py()}"]
    renamed = both.after.set_column(2, both.after.schema.field(2), pa.array(["class/d"] * len(both.after), pa.string()))
    for before, after in ((both.before, renamed), (renamed, both.after)):
        assert pairing.seen_in_training(pairing.Paired(before, after, both.left_out), clean) == ["writer class/d"]


def test_only_the_columns_that_are_asked_for_are_read() -> None:
    assert pairing.loaded(as_bytes(ROWS), pairing.TRAINED, "HEAD").schema.names == list(pairing.TRAINED)
    assert len(pairing.trained_rows(joined(ROWS, digits("class", 7, "train", seed=3)))) == 7


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no parquet", "expected a parquet file"),
        (as_bytes(ROWS.drop_columns(["writer"])), "expected column writer"),
        (as_bytes(joined(ROWS, ROWS.slice(4, 1))), "2 times"),
    ],
)
def test_a_file_that_cannot_be_compared_is_one_line_with_its_name(content: bytes, said: str) -> None:
    with pytest.raises(BadInputError, match=r"HEAD: data/digits\.parquet: .*run `dvc repro` there") as error:
        pairing.loaded(content, pairing.TRAINED, "HEAD: data/digits.parquet")
    assert said in str(error.value)
    assert np.char.count(str(error.value), "\n") == 0
