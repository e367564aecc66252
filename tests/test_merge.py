import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import digits, merge
from pipeline.errors import BadInputError
from pipeline.invariants import check_merged
from pipeline.params import Merge
from tests import params_file
from tests.laws import up_to

ORIGIN = Path("params.yaml")


def asked(**changes: Any) -> Merge:
    return Merge(test_fraction=0.3, seed=0, train_sources="all").model_copy(update=changes)


def noise(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def mnist_table(train: int = 40, test: int = 20) -> pa.Table:
    labels = np.arange(train + test) % 10
    return digits.from_columns(noise(train + test, 0), labels, "mnist", split=["train"] * train + ["test"] * test)


@st.composite
def sheets_tables(draw: st.DrawFn) -> pa.Table:
    """Photos of two collections; some digits repeat one of MNIST's (not of its first ten) or another's pixels."""
    rows = draw(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5), st.integers(10, 60)), max_size=30))
    pool = np.concatenate([noise(60, 0), noise(5, 1)])
    images = pool[[picture for _, _, picture in rows]] if rows else pool[:0]
    return digits.from_columns(
        images,
        draw(st.lists(st.integers(0, 9), min_size=len(rows), max_size=len(rows))),
        [source for source, _, _ in rows],
        writer=[f"{source}/{writer}" for source, writer, _ in rows],
        photo=[f"{source}/{writer}.jpg" for source, writer, _ in rows],
        row=[0] * len(rows),
        col=list(range(len(rows))),
    )


def rows_of_test(table: pa.Table) -> list[Any]:
    return [row for row in table.to_pylist() if row["split"] == "test"]


@settings(deadline=None, max_examples=up_to(30))
@given(sheets=sheets_tables(), seed=st.integers(0, 99))
def test_the_merged_table_keeps_all_its_laws(sheets: pa.Table, seed: int) -> None:
    outcome = merge.merged([sheets, mnist_table()], asked(seed=seed), ORIGIN)
    check_merged(outcome.table, Path("digits.parquet"))
    images = [image.tobytes() for image in digits.images(outcome.table)]
    assert len(set(images)) == len(images)
    removed = outcome.repeats.duplicates + outcome.repeats.duplicates_of_test + outcome.repeats.conflicting_labels
    assert len(images) + removed + outcome.left_out == len(sheets) + 60


@settings(deadline=None, max_examples=up_to(30))
@given(sheets=sheets_tables(), seed=st.integers(0, 99))
def test_the_same_rows_are_tested_whatever_is_trained_on(sheets: pa.Table, seed: int) -> None:
    tables = [sheets, mnist_table(80)]
    everything = merge.merged(tables, asked(seed=seed), ORIGIN).table
    only = merge.merged(tables, asked(seed=seed, train_sources=("mnist",)), ORIGIN).table
    assert rows_of_test(only) == rows_of_test(everything)
    assert {row["source"] for row in only.to_pylist() if row["split"] == "train"} == {"mnist"}


@settings(deadline=None, max_examples=up_to(30))
@given(sheets=sheets_tables(), order=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_of_sheets_does_not_matter(sheets: pa.Table, order: Any) -> None:
    places = list(range(len(sheets)))
    order.shuffle(places)
    shuffled = sheets.take(pa.array(places, pa.int64()))
    one, other = (merge.merged([table, mnist_table()], asked(), ORIGIN) for table in (sheets, shuffled))
    assert one.table.to_pylist() == other.table.to_pylist()


def test_rows_stand_by_source_photo_row_and_col_and_mnist_in_its_own_order() -> None:
    sheets = digits.from_columns(
        noise(4, 5),
        [1, 2, 3, 4],
        ["z", "a", "a", "a"],
        photo=["z/1", "a/2", "a/1", "a/1"],
        row=[0, 0, 10, 9],
        col=[0, 0, 0, 5],
    )
    table = merge.merged([sheets, mnist_table()], asked(), ORIGIN).table
    order = list(zip(digits.strings(table, "source"), digits.labels(table).tolist(), strict=True))
    assert order == [("a", 4), ("a", 3), ("a", 2), *(("mnist", place % 10) for place in range(60)), ("z", 1)]


NAMES = st.sampled_from(["a", "B", "\u00e9", "\uffee", "\U0001f600", "a/1", "a/10", "a/2"])
PLACES = st.tuples(NAMES, st.none() | NAMES, st.none() | st.integers(0, 2), st.none() | st.integers(0, 2))


@given(places=st.lists(PLACES, max_size=12))
def test_order_is_pythons_with_nulls_first_and_equals_as_they_came(places: list[Any]) -> None:
    source, photo, row, col = zip(*places, strict=True) if places else ((),) * 4
    count = len(places)
    table = digits.from_columns(noise(count, 6), [0] * count, source, photo=photo, row=row, col=col)
    keys = [[(value is not None, value if value is not None else 0) for value in place] for place in places]
    expected = sorted(range(count), key=keys.__getitem__)
    ids = digits.strings(table, "id")
    assert digits.strings(merge.in_order([table[:4], table[4:]]), "id") == [ids[place] for place in expected]


def test_a_digit_of_a_source_that_is_left_out_removes_no_other() -> None:
    mnist = mnist_table()
    sheets = digits.from_columns(digits.images(mnist)[:2], [0, 7], "a", photo=["a/1"] * 2, row=[0, 0], col=[0, 1])
    both = merge.merged([sheets, mnist], asked(test_fraction=0.0), ORIGIN)
    only = merge.merged([sheets, mnist], asked(test_fraction=0.0, train_sources=("mnist",)), ORIGIN)
    assert (len(both.table), both.repeats.duplicates, both.repeats.conflicting_labels) == (59, 1, 2)
    assert (len(only.table), only.left_out) == (60, 2)


def test_an_unknown_train_source_is_named_with_the_nearest_and_all() -> None:
    with pytest.raises(
        BadInputError, match=r"`merge.train_sources`: .*got `mnits`; did you mean `mnist`\? valid: mnist"
    ):
        merge.merged([mnist_table()], asked(train_sources=("mnits",)), ORIGIN)


@pytest.mark.parametrize(
    ("train", "sources", "message"),
    [(40, (), "got nothing in the train split of no source"), (8, "all", "got no digit of class 8, 9")],
)
def test_too_little_to_train_on_is_one_line(train: int, sources: Any, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        merge.merged([mnist_table(train)], asked(train_sources=sources), ORIGIN)


def test_the_stage_writes_no_table_that_breaks_a_law(tmp_path: Path) -> None:
    sheets = digits.from_columns(noise(2, 3), [1, 2], "a", writer=["nobody"] * 2, photo=["a/1.jpg"] * 2)
    digits.save(sheets, tmp_path / "sheets.parquet")
    digits.save(mnist_table(), tmp_path / "mnist.parquet")
    out, metrics = tmp_path / "out.parquet", tmp_path / "out.json"
    with pytest.raises(
        BadInputError, match=r"out\.parquet: `writer`: expected <source>/<writer> or null, got `nobody`"
    ):
        merge.main(params_file.written(tmp_path), tmp_path / "sheets.parquet", tmp_path / "mnist.parquet", out, metrics)
    assert not out.exists()
    assert not metrics.exists()


def test_the_stage_counts_what_it_writes_and_writes_the_same_bytes_again(tmp_path: Path) -> None:
    params = params_file.written(tmp_path, merge={"test_fraction": 0.5, "seed": 0, "train_sources": "all"})
    images = np.concatenate([noise(20, 3), digits.images(mnist_table())[:1], digits.images(mnist_table())[50:51]])
    writers = [f"sheet/{place % 2}" for place in range(22)]
    sheets = digits.from_columns(
        images, [*range(10), *range(10), 0, 0], "sheet", writer=writers, photo=["sheet/1.jpg"] * 22,
        row=[0] * 22, col=list(range(22)), split=["train" if place % 2 else "test" for place in range(22)],
    )  # fmt: skip
    digits.save(sheets, tmp_path / "sheets.parquet")
    digits.save(mnist_table(), tmp_path / "mnist.parquet")
    outputs = []
    for run in ("one", "two"):
        table, metrics = tmp_path / f"{run}.parquet", tmp_path / f"{run}.json"
        merge.main(params, tmp_path / "sheets.parquet", tmp_path / "mnist.parquet", table, metrics)
        outputs.append((table.read_bytes(), metrics.read_bytes()))
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0][1]) == {
        "total": 80,
        "digits": {"mnist": {"train": 39, "test": 20}, "sheet": {"train": 10, "test": 11}},
        "writers": {"mnist": {"train": 0, "test": 0}, "sheet": {"train": 1, "test": 1}},
        "removed": {
            "duplicates": 0,
            "duplicates_of_test": 2,
            "conflicting_labels": 0,
            "left_out_by_train_sources": 0,
        },
    }
