import gzip
from pathlib import Path

import numpy as np
import pytest

from pipeline import qmnist
from pipeline.errors import BadInputError
from tests.idx_files import write_writers

LABELS = np.array([5, 0, 4], np.uint8)


def test_writers_come_in_the_order_of_the_digits(tmp_path: Path) -> None:
    write_writers(tmp_path / "q.gz", LABELS, [2154, 0, 2154])
    assert qmnist.read_writers(tmp_path / "q.gz", LABELS) == ["mnist/2154", "mnist/0", "mnist/2154"]


def test_rows_after_the_last_digit_are_not_looked_at(tmp_path: Path) -> None:
    write_writers(tmp_path / "q.gz", [5, 0, 4, 9], [1, 2, 3, 4])
    assert len(qmnist.read_writers(tmp_path / "q.gz", LABELS)) == 3


def test_another_label_is_refused_with_its_line(tmp_path: Path) -> None:
    write_writers(tmp_path / "q.gz", [5, 0, 7], [1, 2, 3])
    with pytest.raises(BadInputError, match="line 3: expected the label of the IDX file, 4, got 7"):
        qmnist.read_writers(tmp_path / "q.gz", LABELS)


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    write_writers(tmp_path / "q.gz", [5, 0], [1, 2])
    with pytest.raises(BadInputError, match="each of 3 digits, got 2"):
        qmnist.read_writers(tmp_path / "q.gz", LABELS)


def packed(content: bytes) -> bytes:
    """Compress without the time of day, which would give a test another name in each process."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize("content", [b"", b"5\t4\t1\n", packed(b"5 4 1\n" * 3), packed(b"\xff" * 9), packed(b"5")[:-3]])
def test_anything_else_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "q.gz").write_bytes(content)
    with pytest.raises(BadInputError, match=r"expected .*, got:? .*; put QMNIST's own file") as caught:
        qmnist.read_writers(tmp_path / "q.gz", LABELS)
    assert "\n" not in str(caught.value)
