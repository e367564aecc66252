from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import augment, digits
from pipeline.learning import distortions
from pipeline.params import Augment, load
from tests import params_file

DEFAULTS = load(params_file.ROOT / "params.yaml").augment
INHERITED = ["label", "source", "writer", "photo", "row", "col", "split"]


def asked(copies: int, tracked: int) -> Augment:
    return DEFAULTS.model_copy(update={"copies": copies, "copies_tracked": tracked})


def originals(splits: list[str]) -> pa.Table:
    count = len(splits)
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 6:22, 12:16] = np.random.default_rng(0).integers(100, 256, (count, 16, 4))
    return digits.from_columns(
        images,
        np.arange(count) % 10,
        ["a" if place % 3 else "mnist" for place in range(count)],
        writer=[f"a/{place % 4}" if place % 3 else None for place in range(count)],
        photo=[f"a/{place}.jpg" if place % 3 else None for place in range(count)],
        row=[place if place % 3 else None for place in range(count)],
        col=[0 if place % 3 else None for place in range(count)],
        split=splits,
    )


@settings(deadline=None, max_examples=20)
@given(
    splits=st.lists(st.sampled_from(["train", "test"]), max_size=25),
    copies=st.integers(0, 2),
    tracked=st.integers(0, 3),
)
def test_train_rows_have_their_copies_and_test_rows_none(splits: list[str], copies: int, tracked: int) -> None:
    table = originals(splits)
    made = augment.augmented(table, asked(copies, tracked), (2, 5), workers=1)
    assert made.schema == digits.SCHEMA
    parents = {row["id"]: row for row in table.to_pylist()}
    followers: dict[str, list[str]] = {name: [] for name in parents}
    for row in made.to_pylist():
        parent = parents[row["parent"]]
        assert parent["split"] == "train"
        assert {name: row[name] for name in INHERITED} == {name: parent[name] for name in INHERITED}
        followers[row["parent"]].append(row["id"])
    for name, parent in parents.items():
        count = 0 if parent["split"] == "test" else tracked if parent["label"] in (2, 5) else copies
        assert followers[name] == [f"{name}-{number}" for number in range(1, count + 1)]


@pytest.mark.slow  # starts worker processes, each of which imports albumentations
@pytest.mark.parametrize("more", [2, 3])
def test_any_number_of_workers_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int) -> None:
    monkeypatch.setattr(distortions, "CHUNK", 8)
    digits.save(originals(["train"] * 40 + ["test"] * 5), tmp_path / "digits.parquet")
    outputs = set()
    for workers in (1, more):
        params = params_file.written(tmp_path, parallel={"workers": workers})
        table, preview = tmp_path / f"{workers}.parquet", tmp_path / f"{workers}.png"
        augment.main(params, tmp_path / "digits.parquet", table, preview)
        outputs.add((table.read_bytes(), preview.read_bytes()))
    assert len(outputs) == 1


def test_no_copies_are_a_valid_empty_table(tmp_path: Path) -> None:
    params = params_file.written(tmp_path, augment={"copies": 0, "copies_tracked": 0})
    digits.save(originals(["train"] * 5), tmp_path / "digits.parquet")
    augment.main(params, tmp_path / "digits.parquet", tmp_path / "none.parquet", tmp_path / "none.png")
    assert digits.load(tmp_path / "none.parquet").num_rows == 0
    assert (tmp_path / "none.png").exists()


def test_the_preview_shows_train_digits_with_all_their_copies() -> None:
    table = originals(["train", "test"] * 30)
    made = augment.augmented(table, asked(1, 3), (2,), workers=1)
    shown: Any = augment.families(table, made)
    images, copies = digits.images(table), digits.images(made)
    assert [len(shown[label]) for label in range(10)] == [6, 0, 4, 0, 6, 0, 6, 0, 6, 0]
    assert np.array_equal(shown[0][0], np.stack([images[0], copies[0]]))
    assert np.array_equal(shown[2][0], np.stack([images[2], *copies[1:4]]))
