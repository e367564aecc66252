import csv
import gzip
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline import digits, idx
from pipeline.formats import FORMATS, provenance, write_csv, write_folders, write_idx, write_idx_gz, write_npz

Splits = dict[str, pa.Table]


def made(train: int = 5, test: int = 3, seed: int = 0) -> Splits:
    """Random digits of two sources, some with places."""
    splits = {}
    for split, count in (("train", train), ("test", test)):
        images = np.random.default_rng([seed, count]).integers(0, 256, (count, 28, 28), dtype=np.uint8)
        sources = ["mnist" if place % 2 else "a" for place in range(count)]
        photos = [None if place % 2 else 'a/x, "y".jpg' for place in range(count)]
        rows = [None if place % 2 else place for place in range(count)]
        labels = np.arange(count) % 10
        splits[split] = digits.from_columns(images, labels, sources, photo=photos, row=rows, col=rows, split=split)
    return splits


def torchvisions(path: Path) -> NDArray[np.uint8]:
    """As ``read_sn3_pascalvincent_tensor`` of torchvision 0.29 reads bytes (torchvision/datasets/mnist.py)."""
    content = path.read_bytes()
    magic = int.from_bytes(content[0:4], "big")
    rank, kind = magic % 256, magic // 256
    assert 1 <= rank <= 3
    assert 8 <= kind <= 14
    assert kind == 8  # unsigned bytes
    shape = [int.from_bytes(content[4 * (i + 1) : 4 * (i + 2)], "big") for i in range(rank)]
    parsed = np.frombuffer(content, np.uint8, offset=4 * (rank + 1))
    assert parsed.shape[0] == np.prod(shape)
    return parsed.reshape(shape)


def kerass(folder: Path) -> tuple[Any, ...]:
    """As the loaders that copy Keras' fashion_mnist.py read gzipped IDX: fixed offsets of 8 and 16 bytes."""
    found: list[Any] = []
    for stem in ("train", "t10k"):
        with gzip.open(folder / f"{stem}-labels-idx1-ubyte.gz", "rb") as file:
            labels = np.frombuffer(file.read(), np.uint8, offset=8)
        with gzip.open(folder / f"{stem}-images-idx3-ubyte.gz", "rb") as file:
            found += [np.frombuffer(file.read(), np.uint8, offset=16).reshape(len(labels), 28, 28), labels]
    return tuple(found)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40))
def test_idx_files_come_back_as_they_were_by_three_readers(train: int, test: int) -> None:
    import tempfile

    splits = made(train, test)
    expected = [part for rows in splits.values() for part in (digits.images(rows), digits.labels(rows))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_idx(splits, folder)
        names = [f"{stem}-{kind}" for stem in ("train", "t10k") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")]
        assert sorted(path.name for path in folder.iterdir()) == sorted(names)
        ours = [*idx.read_pair(folder, "train"), *idx.read_pair(folder, "t10k")]
        theirs = [torchvisions(folder / name) for name in names]
        write_idx_gz(splits, folder)
        for found in (ours, theirs, kerass(folder)):
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_array_equal(one, other)


def test_npz_is_what_keras_loads(tmp_path: Path) -> None:
    splits = made()
    write_npz(splits, tmp_path)
    with np.load(tmp_path / "mnist.npz", allow_pickle=True) as file:  # as keras.datasets.mnist.load_data does
        assert set(file.files) == {"x_train", "y_train", "x_test", "y_test"}
        for split, rows in splits.items():
            np.testing.assert_array_equal(file[f"x_{split}"], digits.images(rows))
            np.testing.assert_array_equal(file[f"y_{split}"], digits.labels(rows))


def test_csv_has_785_columns_label_first(tmp_path: Path) -> None:
    splits = made()
    write_csv(splits, tmp_path)
    for split, rows in splits.items():
        with (tmp_path / f"{split}.csv").open(newline="") as file:
            header, *lines = list(csv.reader(file))
        assert header == ["label", *[f"pixel{place}" for place in range(784)]]
        values = np.array(lines, int)
        np.testing.assert_array_equal(values[:, 0], digits.labels(rows))
        np.testing.assert_array_equal(values[:, 1:], digits.images(rows).reshape(-1, 784))


def test_folders_are_named_by_label_and_files_by_id(tmp_path: Path) -> None:
    splits = made()
    write_folders(splits, tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")}
    expected = {}
    for split, rows in splits.items():
        for name, label, image in zip(
            digits.strings(rows, "id"), digits.labels(rows), digits.images(rows), strict=True
        ):
            expected[f"{split}/{label}/{name}.png"] = image
    assert found == set(expected)
    for name, image in expected.items():
        np.testing.assert_array_equal(cv2.imread(str(tmp_path / name), cv2.IMREAD_UNCHANGED), image)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_digits_give_the_same_bytes_at_any_time(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    for name, now in (("a", 1e9), ("b", 1.7e9)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        (tmp_path / name).mkdir()
        FORMATS[form](made(), tmp_path / name)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        written.append({path.relative_to(tmp_path / name): path.read_bytes() for path in files})
    assert written[0] == written[1]
    assert written[0]


@pytest.mark.parametrize("form", FORMATS)
def test_a_split_without_digits_is_no_error(form: str, tmp_path: Path) -> None:
    FORMATS[form](made(test=0), tmp_path)
    assert not [path for path in tmp_path.rglob("*") if "t10k" in path.name or path.name in ("test", "test.csv")]
    assert any(tmp_path.iterdir())


def test_provenance_has_a_line_a_digit_in_the_files_order() -> None:
    splits = made()
    lines = list(csv.DictReader(provenance(splits).splitlines()))
    assert [line["index"] for line in lines] == ["0", "1", "2", "3", "4", "0", "1", "2"]
    for split, rows in splits.items():
        of_it = [line for line in lines if line["split"] == split]
        assert [line["id"] for line in of_it] == digits.strings(rows, "id")
        assert [int(line["label"]) for line in of_it] == digits.labels(rows).tolist()
        assert [line["photo"] or None for line in of_it] == digits.strings(rows, "photo")
        assert [line["row"] for line in of_it] == ["" if r is None else str(r) for r in rows.column("row").to_pylist()]
