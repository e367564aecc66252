"""Exact repeats of an image: one row of each stays, or none where its label is in doubt."""

from collections import defaultdict
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
    groups: dict[bytes, dict[str, list[int]]] = defaultdict(lambda: {"test": [], "train": []})
    for place, image in enumerate(digits.images(table)):
        groups[image.tobytes()][split[place]].append(place)
    labels = digits.labels(table)
    kept = []
    duplicates = duplicates_of_test = conflicting = 0
    for group in groups.values():
        rows = group["test"] or group["train"]
        duplicates_of_test += len(group["train"]) if group["test"] else 0
        if len({int(labels[place]) for place in rows}) > 1:
            conflicting += len(rows)
        else:
            kept.append(rows[0])
            duplicates += len(rows) - 1
    return Repeats(np.array(sorted(kept), dtype=np.int64), duplicates, duplicates_of_test, conflicting)
