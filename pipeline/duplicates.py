"""Exact repeats of an image: one row of each stays, or none where its label is in doubt."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import digits


@dataclass(frozen=True)
class Repeats:
    """Which rows stay, and why the others go."""

    kept: NDArray[np.int64]  # (K,) places in the table, ascending
    duplicates: int  # rows whose image is in an earlier row of the same split
    duplicates_of_test: int  # train rows whose image is in a test row
    conflicting_labels: int  # rows whose image is in the same split under another label


def find(table: pa.Table, split: list[str]) -> Repeats:
    """Find equal images.

    A train row with the pixels of a test row goes: the test set stays whole and unseen. Among the rows of one split
    with the same pixels the first stays, unless they differ in their labels: nobody knows which is right, so all go.

    Parameters
    ----------
    table : pyarrow.Table
        N rows of a digit table, in the order that decides which row is first.
    split : list of N str
        ``train`` or ``test``.
    """
    picture, count = _pictures(digits.images(table))
    labels, test = digits.labels(table), np.array(split, dtype=str) == "test"
    tested = np.zeros(count, dtype=bool)
    tested[picture[test]] = True
    rows = np.flatnonzero(test | ~tested[picture])  # all of them, but train rows of what is tested on
    shown, label = picture[rows], labels[rows]
    least, most = np.full(count, digits.CLASSES), np.full(count, -1)
    np.minimum.at(least, shown, label)
    np.maximum.at(most, shown, label)
    _, first = np.unique(shown, return_index=True)  # of every picture, in the order of their numbers
    kept = np.sort(rows[first[least == most]]).astype(np.int64)
    conflicting = int((least != most)[shown].sum())
    return Repeats(kept, len(rows) - conflicting - len(kept), len(picture) - len(rows), conflicting)


def _pictures(images: digits.Images) -> tuple[NDArray[np.int64], int]:
    """Return (N,) numbers, equal for equal pixels and counted from 0, and how many there are.

    Pixels are known by 128 bits of BLAKE2, which no two pictures share by chance: a million of them take 0.2 GB, not 1.
    """
    known: dict[bytes, int] = {}
    digests = (hashlib.blake2b(image, digest_size=16).digest() for image in images)
    numbers = np.array([known.setdefault(digest, len(known)) for digest in digests], dtype=np.int64)
    return numbers, len(known)
