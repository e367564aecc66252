"""Which fold each digit validates: stratified by label, whole writers in one fold.

scikit-learn's StratifiedGroupKFold is not used: it can return an empty fold where writers are few (its issue 34828),
its time for 60,000 digits, each a group of its own, is about 40 s, and its folds depend on the order of the rows.
"""

import hashlib
import heapq
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import digits
from pipeline.errors import BadInputError

Folds = NDArray[np.int8]
"""(N,) int8 in 0..folds-1: the fold that validates the digit; all the others train on it."""


def assign_folds(originals: pa.Table, folds: int, seed: int) -> Folds:
    """Give each digit the fold that validates it.

    A group is all digits of one writer; where the writer is unknown, of one photo; where that is too, one digit.
    Groups of several digits go, largest first, to the fold that has least of what they bring; single digits then level
    each label's counts. The result depends on ids and seed, not on the order of the rows.

    Parameters
    ----------
    originals : pyarrow.Table
        Digit table without augmented copies.
    folds : int
        At least 2.
    seed : int
        Breaks ties between equal groups.

    Raises
    ------
    BadInputError
        If there are fewer groups than folds, or if some fold would train without one of the ten digits.
    """
    labels = digits.labels(originals)
    members = _members(originals)
    if len(members) < folds:
        raise BadInputError(
            f"train.folds: {folds} folds need at least {folds} writers, got {len(members)} "
            f"({len(labels)} train digits); lower train.folds or add digits by other writers"
        )
    order = sorted(members, key=lambda name: _shuffle_key(name, seed))
    fold_of = np.full(len(labels), -1, np.int8)
    counts = np.zeros((folds, digits.CLASSES), np.int64)
    shared = sorted((name for name in order if len(members[name]) > 1), key=lambda name: -len(members[name]))
    _deal_groups([members[name] for name in shared], labels, fold_of, counts)
    _deal_singles([members[name][0] for name in order if len(members[name]) == 1], labels, fold_of, counts)
    _check(counts)
    return fold_of


def _members(originals: pa.Table) -> dict[str, list[int]]:
    """Return the row numbers of each group."""
    members: dict[str, list[int]] = {}
    columns = (digits.strings(originals, name) for name in ("writer", "photo", "id"))
    for row, (writer, photo, digit) in enumerate(zip(*columns, strict=True)):
        name = f"writer {writer}" if writer is not None else f"photo {photo}" if photo is not None else f"digit {digit}"
        members.setdefault(name, []).append(row)
    return members


def _shuffle_key(name: str, seed: int) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8, salt=seed.to_bytes(8, "little")).digest()


def _deal_groups(
    groups: Sequence[list[int]], labels: NDArray[np.uint8], fold_of: Folds, counts: NDArray[np.int64]
) -> None:
    """Fill ``fold_of`` and ``counts`` with groups, each going where its labels, and digits at all, are rarest."""
    totals = np.maximum(np.bincount(labels, minlength=digits.CLASSES), 1)
    for rows in groups:
        brings = np.bincount(labels[rows], minlength=digits.CLASSES)
        crowding: NDArray[Any] = counts @ (brings / totals) + counts.sum(axis=1) * len(rows) / len(labels)
        fold = int(np.argmin(crowding))
        fold_of[rows] = fold
        counts[fold] += brings


def _deal_singles(rows: Sequence[int], labels: NDArray[np.uint8], fold_of: Folds, counts: NDArray[np.int64]) -> None:
    """Fill ``fold_of`` and ``counts`` with digits, each going where its label is rarest, then where digits are."""
    for label in range(digits.CLASSES):
        heap = [(int(counts[fold, label]), int(counts[fold].sum()), fold) for fold in range(len(counts))]
        heapq.heapify(heap)
        for row in (row for row in rows if labels[row] == label):
            count, total, fold = heap[0]
            heapq.heapreplace(heap, (count + 1, total + 1, fold))
            fold_of[row] = fold
            counts[fold, label] += 1


def _check(counts: NDArray[np.int64]) -> None:
    folds = len(counts)
    trained = counts.sum(axis=0) - counts
    for fold, label in zip(*np.nonzero(trained == 0), strict=True):
        raise BadInputError(
            f"train.folds: fold {fold} of {folds} would train on no digit {label}: all {counts[fold, label]} of them "
            f"are in its validation part; add {label}s by another writer"
        )
