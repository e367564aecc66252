"""Stage `augment`: distorted copies of the training digits.

Only rows of the train split have copies, and a copy keeps its parent's label, source, writer, place and split, so that
it can follow its parent into a fold. Test rows have none.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import digits as digit_table
from pipeline import parallel, stage
from pipeline.learning import distortions
from pipeline.params import Augment
from pipeline.params import load as load_params
from pipeline.pictures.preview import draw

PREVIEW_COLUMNS = 18  # digits a line of the preview, originals and copies together


def copies_per_digit(labels: NDArray[np.uint8], settings: Augment, tracked: tuple[int, ...]) -> NDArray[np.int64]:
    """Return (N,) numbers of copies: ``copies_tracked`` for tracked digits, ``copies`` for the others."""
    return np.where(np.isin(labels, tracked), settings.copies_tracked, settings.copies).astype(np.int64)


def augmented(originals: pa.Table, settings: Augment, tracked: tuple[int, ...], workers: int) -> pa.Table:
    """Return the copies of all train rows, parent after parent.

    Parameters
    ----------
    originals : pyarrow.Table
        Digit table with its split fixed.
    settings, tracked, workers
        ``augment``, ``evaluate.tracked_digits`` and ``parallel.workers`` of params.yaml.

    Returns
    -------
    pyarrow.Table
        Digit table; each row is its parent's but for ``id``, ``image`` and ``parent``.
    """
    split = np.array(digit_table.strings(originals, "split"), dtype=object)
    train = originals.take(pa.array(np.flatnonzero(split == "train")))
    ids = [str(name) for name in digit_table.strings(train, "id")]
    copies = copies_per_digit(digit_table.labels(train), settings, tracked)
    tasks = list(distortions.chunks(digit_table.images(train), ids, copies, settings)) if copies.any() else []
    made = list(parallel.each(distortions.distort, tasks, workers=workers, title="distorted copies"))
    images = np.concatenate([np.empty((0, digit_table.SIDE, digit_table.SIDE), np.uint8), *made])
    parents = train.take(pa.array(np.repeat(np.arange(len(ids)), copies)))
    copy_ids = [distortions.copy_id(ids[i], number) for i in range(len(ids)) for number in range(1, copies[i] + 1)]
    return digit_table.from_columns(
        images,
        digit_table.labels(parents),
        [str(name) for name in digit_table.strings(parents, "source")],
        ids=copy_ids,
        writer=digit_table.strings(parents, "writer"),
        photo=digit_table.strings(parents, "photo"),
        row=parents.column("row").to_pylist(),
        col=parents.column("col").to_pylist(),
        split=digit_table.strings(parents, "split"),
        parent=digit_table.strings(parents, "id"),
    )


def families(originals: pa.Table, copies: pa.Table) -> list[list[digit_table.Images]]:
    """Return for each class the first train digits, each (1 + copies, 28, 28) with its copies behind it."""
    images, copied = digit_table.images(originals), digit_table.images(copies)
    followers: dict[str | None, list[int]] = {}
    for place, parent in enumerate(digit_table.strings(copies, "parent")):
        followers.setdefault(parent, []).append(place)
    chosen: list[list[digit_table.Images]] = [[] for _ in range(digit_table.CLASSES)]
    rows = zip(
        digit_table.strings(originals, "id"),
        digit_table.strings(originals, "split"),
        digit_table.labels(originals),
        strict=True,
    )
    for place, (name, split, label) in enumerate(rows):
        family = np.concatenate([images[place : place + 1], copied[followers.get(name, [])]])
        shown = sum(len(other) for other in chosen[label])
        if split == "train" and shown + len(family) <= PREVIEW_COLUMNS:
            chosen[label].append(family)
    return chosen


def main(params: Path, digits: Path, table: Path, preview: Path) -> None:
    """Write distorted copies of the train digits, and a picture of some beside their originals."""
    settings = load_params(params)
    originals = digit_table.load(digits)
    copies = augmented(originals, settings.augment, settings.evaluate.tracked_digits, settings.parallel.workers)
    digit_table.save(copies, table)
    draw(families(originals, copies), preview)


if __name__ == "__main__":
    stage.run(main)
