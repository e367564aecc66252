from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import digits
from pipeline.errors import BadInputError
from tests.laws import up_to

same_folder = settings(
    max_examples=up_to(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
ROWS = st.tuples(
    st.integers(0, 9),
    names,
    st.none() | names,
    st.none() | names,
    st.none() | st.integers(0, 2**15 - 1),
    st.none() | st.integers(0, 2**15 - 1),
    st.sampled_from(["train", "test", None]),
)


@st.composite
def tables(draw: st.DrawFn, min_size: int = 0) -> pa.Table:
    rows = draw(st.lists(ROWS, min_size=min_size, max_size=20))
    images = np.random.default_rng(draw(st.integers(0, 9))).integers(0, 256, (len(rows), 28, 28), dtype=np.uint8)
    label, source, writer, photo, row, col, split = zip(*rows, strict=True) if rows else ((),) * 7
    return digits.from_columns(images, label, source, writer=writer, photo=photo, row=row, col=col, split=split)


def saved(table: pa.Table, path: Path) -> bytes:
    digits.save(table, path)
    return path.read_bytes()


@same_folder
@given(table=tables())
def test_what_is_saved_is_loaded(tmp_path: Path, table: pa.Table) -> None:
    digits.save(table, tmp_path / "t.parquet")
    loaded = digits.load(tmp_path / "t.parquet")
    assert loaded.schema == digits.SCHEMA
    assert loaded.to_pylist() == table.to_pylist()
    assert np.array_equal(digits.images(loaded), digits.images(table))


@pytest.mark.slow
@same_folder
@given(table=tables(), stranger=tables(min_size=1), cut=st.integers(0, 20))
def test_the_same_rows_give_the_same_bytes_whatever_was_done_before(
    tmp_path: Path, table: pa.Table, stranger: pa.Table, cut: int
) -> None:
    expected = saved(table, tmp_path / "t.parquet")
    pieces = pa.concat_tables([stranger, table.slice(0, cut), table.slice(cut)]).unify_dictionaries()
    ours = [False] * len(stranger) + [True] * len(table)
    for again in (
        pieces.slice(len(stranger)),
        pieces.filter(pa.array(ours, pa.bool_())),
        pieces.take(pa.array(np.arange(len(stranger), len(pieces)))),
        digits.load(tmp_path / "t.parquet"),
    ):
        assert saved(again, tmp_path / "again.parquet") == expected


@same_folder
@given(table=tables(), cuts=st.lists(st.integers(0, 20), max_size=4))
def test_parts_give_the_bytes_of_the_whole(tmp_path: Path, table: pa.Table, cuts: list[int]) -> None:
    ends = sorted({0, *cuts, len(table)})
    parts = [table[start:end] for start, end in pairwise(ends)]
    digits.save_parts(iter(parts), tmp_path / "parts.parquet")
    assert (tmp_path / "parts.parquet").read_bytes() == saved(table, tmp_path / "t.parquet")


@pytest.mark.slow
def test_only_a_row_group_of_the_parts_is_in_memory(tmp_path: Path) -> None:
    part = digits.from_columns(np.zeros((1000, 28, 28), np.uint8), [0] * 1000, "here")
    before, most = pa.total_allocated_bytes(), 0

    def parts() -> Iterator[pa.Table]:
        nonlocal most
        for _ in range(60):
            yield digits.from_columns(np.zeros((1000, 28, 28), np.uint8), [0] * 1000, "here")
            most = max(most, pa.total_allocated_bytes() - before)

    digits.save_parts(parts(), tmp_path / "t.parquet")
    assert pq.read_metadata(tmp_path / "t.parquet").num_rows == 60_000
    assert most < 4 * digits.ROW_GROUP * part.nbytes / len(part)


def test_parts_are_joined_once_a_row_group_however_small_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digits, "ROW_GROUP", 10)
    joined: list[int] = []
    join = pa.concat_tables

    def counted(parts: list[pa.Table]) -> pa.Table:
        joined.append(len(parts))
        return join(parts)

    monkeypatch.setattr(pa, "concat_tables", counted)
    one = digits.from_columns(np.zeros((1, 28, 28), np.uint8), [0], "here")
    digits.save_parts([one] * 95, tmp_path / "t.parquet")
    assert pq.read_metadata(tmp_path / "t.parquet").num_row_groups == 10
    assert sum(joined) < 2 * 95


@same_folder
@given(table=tables(min_size=1), start=st.integers(0, 20), count=st.integers(0, 20))
def test_images_of_a_slice_are_a_slice_of_the_images(table: pa.Table, start: int, count: int) -> None:
    part = table.slice(start, count)
    assert np.array_equal(digits.images(part), digits.images(table)[start : start + count])
    apart = pa.concat_tables([part, table])
    assert np.array_equal(digits.images(apart), np.concatenate([digits.images(part), digits.images(table)]))


def test_images_of_a_loaded_table_are_its_own_memory_and_read_only(tmp_path: Path) -> None:
    digits.save(digits.from_columns(np.zeros((3, 28, 28), np.uint8), [1, 2, 3], "here"), tmp_path / "t.parquet")
    table = digits.load(tmp_path / "t.parquet")
    images = digits.images(table)
    assert images.__array_interface__["data"][0] == table.column("image").chunk(0).buffers()[1].address
    with pytest.raises(ValueError, match="read-only"):
        images[0, 0, 0] = 1


@settings(deadline=None)
@given(one=ROWS, other=ROWS, pixel=st.integers(0, 783), change=st.integers(0, 1))
def test_ids_differ_exactly_where_place_or_pixels_do(one: Any, other: Any, pixel: int, change: int) -> None:
    image = np.zeros(784, np.uint8)
    changed = image.copy()
    changed[pixel] = change
    (_, source, _, photo, row, col, _), (_, source2, _, photo2, row2, col2, _) = one, other
    first = digits.digit_id(source, photo, row, col, image.reshape(28, 28))
    second = digits.digit_id(source2, photo2, row2, col2, changed.reshape(28, 28))
    same = (source, photo, row, col) == (source2, photo2, row2, col2) and not change
    assert (first == second) == same
    assert len(first) == 16
    assert set(first) <= set("0123456789abcdef")


def test_the_ids_of_a_table_are_of_all_that_says_where_its_digits_are() -> None:
    images = np.zeros((4, 28, 28), np.uint8)  # equal, so that their places alone tell them apart
    places = [("a", "a/1.jpg", 0, 0), ("a", "a/1.jpg", 1, 0), ("a", "a/1.jpg", 0, 1), ("a", "a/2.jpg", 0, 0)]
    source, photo, row, col = zip(*places, strict=True)
    table = digits.from_columns(images, [0] * 4, source, photo=photo, row=row, col=col)
    expected = [digits.digit_id(*place, image) for place, image in zip(places, images, strict=True)]
    assert digits.strings(table, "id") == expected
    assert len(set(expected)) == 4


@pytest.mark.parametrize("labels", [np.array([300]), np.array([-1]), [10]])
def test_a_label_outside_the_classes_is_refused(labels: Any) -> None:
    with pytest.raises(ValueError, match="labels: expected 0 to 9"):
        digits.from_columns(np.zeros((1, 28, 28), np.uint8), labels, "here")


@pytest.mark.parametrize(
    "images", [np.zeros((1, 28, 28)), np.zeros((1, 784), np.uint8), np.zeros((1, 28, 27), np.uint8)]
)
def test_images_of_another_shape_or_type_are_refused(images: Any) -> None:
    with pytest.raises(ValueError, match=r"images: expected \(N, 28, 28\) uint8"):
        digits.from_columns(images, [1], "here")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("label", pa.array([300])),
        ("label", pa.array(["one"])),
        ("id", pa.array([None], pa.string())),
        ("image", pa.array([b"short"])),
        ("row", pa.array([2**20])),
    ],
)
def test_values_that_do_not_fit_are_one_line(tmp_path: Path, column: str, values: pa.Array) -> None:
    table = digits.from_columns(np.zeros((1, 28, 28), np.uint8), [1], "here")
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, values), tmp_path / "t.parquet")
    with pytest.raises(BadInputError, match=r"t\.parquet: expected the types of a digit table") as caught:
        digits.load(tmp_path / "t.parquet")
    assert "\n" not in str(caught.value)


def test_files_that_are_no_digit_table_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    with pytest.raises(
        BadInputError, match=r"expected a digit table, found no such file; run `dvc repro`, or `dvc pull`"
    ):
        digits.load(path)
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(BadInputError, match="expected a digit table"):
        digits.load(path)
    pq.write_table(pa.table({"label": [1]}), path)
    with pytest.raises(BadInputError, match=r"expected columns .*, got \['label'\]"):
        digits.load(path)
    with pytest.raises(ValueError, match="no digit table"):
        digits.save(digits.SCHEMA.empty_table().drop_columns(["parent"]), path)
