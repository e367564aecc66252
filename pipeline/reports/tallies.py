"""How many digits the digit table holds: by source, split and digit, with their writers."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline import digits as digit_table
from pipeline.scores import MNIST


@dataclass(frozen=True)
class Tally:
    """Digits of one source in one split."""

    source: str
    split: str
    by_digit: tuple[int, ...]  # ten counts
    writers: int  # known ones
    without_writer: int  # digits

    @property
    def n(self) -> int:
        """All of them."""
        return sum(self.by_digit)


def counted(table: pa.Table) -> list[Tally]:
    """Count a digit table: ``mnist`` first, then the collections by name; train before test."""
    names = ("source", "split", "writer")
    sources, splits, writers = (digit_table.strings(table, name) for name in names)
    labels: Counter[tuple[str, str, int]] = Counter()
    nobody: Counter[tuple[str, str]] = Counter()
    known: dict[tuple[str, str], set[str]] = {}
    for source, split, writer, label in zip(sources, splits, writers, digit_table.labels(table), strict=True):
        place = (str(source), str(split))
        labels[*place, int(label)] += 1
        if writer is None:
            nobody[place] += 1
        else:
            known.setdefault(place, set()).add(writer)
    places = sorted({(source, split) for source, split, _ in labels}, key=_order)
    return [
        Tally(*place, tuple(labels[*place, digit] for digit in range(10)), len(known.get(place, ())), nobody[place])
        for place in places
    ]


def _order(place: tuple[str, str]) -> tuple[bool, str, int]:
    source, split = place
    return source != MNIST, source, digit_table.SPLITS.index(split)


def images_of(table: pa.Table, ids: list[str]) -> dict[str, digit_table.Images]:
    """Return the (28, 28) uint8 images of those ids that the table has."""
    wanted = set(ids)
    places = {name: place for place, name in enumerate(digit_table.strings(table, "id")) if name in wanted}
    images = digit_table.images(table)
    return {name: np.asarray(images[place]) for name, place in places.items() if name is not None}
