from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import augment, digits
from pipeline.errors import BadInputError
from pipeline.learning import distortions
from pipeline.params import Augment, load
from tests import params_file
from tests.laws import up_to

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


def made(table: pa.Table, settings_: Augment, tracked: tuple[int, ...]) -> pa.Table:
    train = digits.of_split(table, "train")
    parts = distortions.parts_of(augment.copies_per_digit(digits.labels(train), settings_, tracked))
    return pa.concat_tables([digits.SCHEMA.empty_table(), *augment.augmented(train, parts, settings_, workers=1)])


@settings(deadline=None, max_examples=up_to(20))
@given(
    splits=st.lists(st.sampled_from(["train", "test"]), max_size=25),
    copies=st.integers(0, 2),
    tracked=st.integers(0, 3),
    chunk=st.sampled_from([1, 7, 1024]),
)
def test_train_rows_have_their_copies_and_test_rows_none(
    splits: list[str], copies: int, tracked: int, chunk: int
) -> None:
    table = originals(splits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distortions, "CHUNK", chunk)
        copied = made(table, asked(copies, tracked), (2, 5))
    assert copied.schema == digits.SCHEMA
    parents = {row["id"]: row for row in table.to_pylist()}
    expected = [
        f"{name}-{number}"
        for number in (1, 2, 3)
        for name, parent in parents.items()
        if parent["split"] == "train" and number <= (tracked if parent["label"] in (2, 5) else copies)
    ]
    assert digits.strings(copied, "id") == expected  # by number, then as the parents come; none twice
    for row in copied.to_pylist():
        parent = parents[row["parent"]]
        assert row["id"].startswith(f"{row['parent']}-")
        assert {name: row[name] for name in INHERITED} == {name: parent[name] for name in INHERITED}


def test_photos_more_change_no_copy_of_the_others() -> None:
    table = originals(["train"] * 20)
    fewer = made(table.take(list(range(0, 20, 2))), asked(1, 2), (2,))
    images = dict(zip(digits.strings(fewer, "id"), digits.images(fewer), strict=True))
    more = made(table, asked(1, 2), (2,))
    for name, image in zip(digits.strings(more, "id"), digits.images(more), strict=True):
        assert name not in images or np.array_equal(image, images.pop(name))
    assert not images


@pytest.mark.slow  # starts worker processes, each of which imports albumentations
@pytest.mark.parametrize("more", [2, 3])
def test_any_number_of_workers_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int) -> None:
    monkeypatch.setattr(augment, "FEW", 0)
    digits.save(originals(["train"] * 40 + ["test"] * 5), tmp_path / "digits.parquet")
    outputs = set()
    for workers, chunk in ((1, 1024), (more, 8)):
        monkeypatch.setattr(distortions, "CHUNK", chunk)
        params = params_file.written(tmp_path, parallel={"workers": workers})
        table, preview = tmp_path / f"{workers}.parquet", tmp_path / f"{workers}.png"
        augment.main(params, tmp_path / "digits.parquet", table, preview)
        outputs.add((table.read_bytes(), preview.read_bytes()))
    assert len(outputs) == 1


def test_another_seed_gives_other_copies() -> None:
    table = originals(["train"] * 5)
    other = made(table, asked(1, 1).model_copy(update={"seed": 1}), ())
    assert not np.array_equal(digits.images(made(table, asked(1, 1), ())), digits.images(other))


def test_no_copies_are_a_valid_empty_table(tmp_path: Path) -> None:
    params = params_file.written(tmp_path, augment={"copies": 0, "copies_tracked": 0})
    digits.save(originals(["train"] * 5), tmp_path / "digits.parquet")
    augment.main(params, tmp_path / "digits.parquet", tmp_path / "none.parquet", tmp_path / "none.png")
    assert digits.load(tmp_path / "none.parquet").num_rows == 0
    assert (tmp_path / "none.png").exists()


def test_a_wrong_transform_is_told_before_any_digit_is_read(tmp_path: Path) -> None:
    params = params_file.written(tmp_path, augment={"transforms": ["warp", {"GausNoise": {}}]})
    with pytest.raises(BadInputError, match=r"`augment\.transforms`: .* no transform `GausNoise`; did you mean"):
        augment.main(params, tmp_path / "none", tmp_path / "none.parquet", tmp_path / "none.png")


@pytest.mark.parametrize(
    ("transforms", "message"),
    [
        (
            ["wrap"],
            r"`augment\.transforms\.0`: expected 'warp', .*'noise' .*got 'wrap'; did you mean `warp`?",
        ),
        (
            ["warp", {"Blur": {}, "Sharpen": {}}],
            r"`augment\.transforms`: expected {Name: {argument: value}} as item 1, got",
        ),
        (["warp", {}], r"`augment\.transforms`: expected {Name: {argument: value}} as item 1, got"),
    ],
)
def test_an_item_that_is_no_transform_is_told_as_other_keys_are(
    tmp_path: Path, transforms: list[Any], message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        load(params_file.written(tmp_path, augment={"transforms": transforms}))


def test_the_preview_shows_train_digits_with_their_first_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = originals(["train", "test"] * 30)
    digits.save(table, tmp_path / "digits.parquet")
    params = params_file.written(tmp_path, augment={"copies": 1, "copies_tracked": 7}, parallel={"workers": 1})
    drawn: list[Any] = []
    monkeypatch.setattr(augment, "draw", lambda families, _: drawn.extend(families))
    augment.main(params, tmp_path / "digits.parquet", tmp_path / "made.parquet", tmp_path / "preview.png")
    made = digits.load(tmp_path / "made.parquet")
    copies = dict(zip(digits.strings(made, "id"), digits.images(made), strict=True))
    names, images = digits.strings(table, "id"), digits.images(table)
    assert [len(families) for families in drawn] == [6, 0, 3, 0, 6, 0, 6, 0, 6, 0]
    for place, label, shown in ((0, 0, 1), (2, 2, 5)):
        own = [copies[f"{names[place]}-{number}"] for number in range(1, shown + 1)]
        assert np.array_equal(drawn[label][0], np.stack([images[place], *own]))
