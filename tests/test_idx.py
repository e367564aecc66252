import contextlib
import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import idx
from pipeline.errors import BadInputError
from tests.idx_files import encoded, random_digits
from tests.laws import up_to

IMAGES, LABELS = random_digits(7, seed=0)
same_folder = settings(
    max_examples=up_to(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def refused(path: Path, content: bytes, *, labels: bool = False) -> str:
    path.write_bytes(content)
    with pytest.raises(BadInputError) as caught:
        (idx.read_labels if labels else idx.read_images)(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: expected ")
    assert "\n" not in message
    return message


@same_folder
@given(count=st.integers(1, 20), seed=st.integers(0, 99), packed=st.booleans())
def test_what_is_written_is_read(tmp_path: Path, count: int, seed: int, packed: bool) -> None:
    images, labels = random_digits(count, seed)
    for path, values in ((tmp_path / "images", images), (tmp_path / "labels", labels)):
        path.write_bytes(gzip.compress(encoded(values)) if packed else encoded(values))
    assert np.array_equal(idx.read_images(tmp_path / "images"), images)
    assert np.array_equal(idx.read_labels(tmp_path / "labels"), labels)


@same_folder
@given(cut=st.integers(0, len(encoded(IMAGES)) - 1))
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, cut: int) -> None:
    refused(tmp_path / "images", encoded(IMAGES)[:cut])


PACKED = gzip.compress(encoded(IMAGES), mtime=0)


@same_folder
@given(cut=st.integers(0, len(PACKED) - 1))
def test_a_gzip_file_cut_anywhere_is_refused(tmp_path: Path, cut: int) -> None:
    refused(tmp_path / "images", PACKED[:cut])


@same_folder
@given(place=st.integers(10, len(PACKED) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_in_a_gzip_file_is_never_read_as_other_digits(tmp_path: Path, place: int, bit: int) -> None:
    damaged = bytearray(PACKED)
    damaged[place] ^= 1 << bit
    (tmp_path / "images").write_bytes(damaged)
    with contextlib.suppress(BadInputError):  # deflate's last byte has bits that mean nothing
        assert np.array_equal(idx.read_images(tmp_path / "images"), IMAGES)


def test_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "images", PACKED[:-8] + bytes(4) + PACKED[-4:])


def test_bytes_after_the_last_image_are_refused(tmp_path: Path) -> None:
    assert "got more" in refused(tmp_path / "images", encoded(IMAGES) + b"\0")


def test_a_count_that_lies_is_refused_without_the_memory_for_it(tmp_path: Path) -> None:
    header = struct.pack(">4I", 0x803, 2**32 - 1, 28, 28)
    assert "got only 784" in refused(tmp_path / "images", header + bytes(784))


def test_other_sizes_than_28_by_28_are_refused(tmp_path: Path) -> None:
    assert "28x28, got 27x29" in refused(tmp_path / "images", encoded(np.zeros((2, 27, 29), np.uint8)))


def test_no_image_at_all_is_refused(tmp_path: Path) -> None:
    assert "at least one" in refused(tmp_path / "images", encoded(IMAGES[:0]))


def test_swapped_files_are_named_as_such(tmp_path: Path) -> None:
    assert "swapped" in refused(tmp_path / "images", encoded(LABELS))
    assert "swapped" in refused(tmp_path / "labels", encoded(IMAGES), labels=True)


def test_something_else_is_refused(tmp_path: Path) -> None:
    assert "magic number" in refused(tmp_path / "images", b"<html>not found</html>")


@given(label=st.integers(10, 255), place=st.integers(0, 6))
@same_folder
def test_a_label_above_9_is_refused(tmp_path: Path, label: int, place: int) -> None:
    labels = LABELS.copy()
    labels[place] = label
    assert f"got {label} at index {place}" in refused(tmp_path / "labels", encoded(labels), labels=True)


@pytest.mark.parametrize("joint", ["-", "."])
@pytest.mark.parametrize("packed", [".gz", ""])
def test_all_four_spellings_are_found(tmp_path: Path, joint: str, packed: str) -> None:
    for stem, values in (("train-images", IMAGES), ("train-labels", LABELS)):
        content = encoded(values)
        path = tmp_path / f"{stem}{joint}idx{values.ndim}-ubyte{packed}"
        path.write_bytes(gzip.compress(content) if packed else content)
    images, labels = idx.read_pair(tmp_path, "train")
    assert np.array_equal(images, IMAGES)
    assert np.array_equal(labels, LABELS)


def test_a_gzip_file_without_the_suffix_is_read(tmp_path: Path) -> None:
    (tmp_path / "images").write_bytes(PACKED)
    assert np.array_equal(idx.read_images(tmp_path / "images"), IMAGES)


def test_another_number_of_labels_than_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(encoded(IMAGES))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(encoded(LABELS[:-1]))
    with pytest.raises(BadInputError, match="each of the 7 images in train-images-idx3-ubyte, got 6"):
        idx.read_pair(tmp_path, "train")


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"train-images-idx3-ubyte\.gz .*found none.*mnist\.folder"):
        idx.read_pair(tmp_path, "train")
