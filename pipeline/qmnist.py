"""QMNIST's label files: who wrote each MNIST digit.

Yadav and Bottou, "Cold Case: The Lost MNIST Digits", NeurIPS 2019: row i of ``qmnist-train-labels.tsv.gz`` describes
MNIST training image i; the first 10,000 rows of ``qmnist-test-labels.tsv.gz`` describe MNIST's test images.
Tab-separated: class, NIST series, writer, index in the writer's field, class code, global index, duplicate, unused.
"""

import gzip
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import BadInputError

_COLUMNS = 8
_CLASS, _WRITER = 0, 2


def read_writers(path: Path, labels: NDArray[np.uint8]) -> list[str]:
    """Return the writer of each MNIST digit, as ``mnist/<NIST writer number>``.

    Parameters
    ----------
    path : Path
        ``qmnist-<train|test>-labels.tsv.gz``; rows after the first N are not looked at.
    labels : (N,) uint8
        MNIST's own labels, which the file's classes must equal.

    Raises
    ------
    BadInputError
        If the file is damaged, too short, or describes other digits.
    """
    lines = _lines(path)
    if len(lines) < len(labels):
        raise BadInputError(f"{path}: expected a row for each of {len(labels)} digits, got {len(lines)}; {_ADVICE}")
    writers = []
    for number, (line, label) in enumerate(zip(lines, labels.tolist(), strict=False), start=1):
        fields = line.split("\t")
        if len(fields) != _COLUMNS or not fields[_CLASS].isdecimal() or not fields[_WRITER].isdecimal():
            raise BadInputError(f"{path}, line {number}: expected {_COLUMNS} numbers, got {line[:80]!r}; {_ADVICE}")
        if int(fields[_CLASS]) != label:
            raise BadInputError(
                f"{path}, line {number}: expected the label of the IDX file, {label}, got {fields[_CLASS]}; {_ADVICE}"
            )
        writers.append(f"mnist/{int(fields[_WRITER])}")
    return writers


_ADVICE = "put QMNIST's own file beside the original MNIST files, or take it away (writers are then unknown)"


def _lines(path: Path) -> list[str]:
    try:
        return gzip.decompress(path.read_bytes()).decode("ascii").splitlines()
    except (EOFError, gzip.BadGzipFile, zlib.error, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: expected gzipped text, got: {error}; {_ADVICE}") from error
    except OSError as error:
        raise BadInputError(f"{path}: expected a readable file, got: {error.strerror}; {_ADVICE}") from error
