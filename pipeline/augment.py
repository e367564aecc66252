"""Stage `augment`: distorted copies of the training digits.

Only rows of the train split have copies, and a copy keeps its parent's label, source, writer, place and split, so that
it can follow its parent into a fold. Test rows have none.

The table holds all first copies, in the order of their parents, then all second ones, and so on: what training shows
in one epoch lies together.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import digits as digit_table
from pipeline import parallel, stage
from pipeline.digits import Images
from pipeline.learning import distortions
from pipeline.learning.augmentation.draws import ids_of
from pipeline.learning.distortions import Part
from pipeline.params import Augment
from pipeline.params import load as load_params
from pipeline.pictures.preview import draw

FEW = 200  # chunks, some 2 s of work: for fewer, starting worker processes takes longer than it saves
PREVIEW_COLUMNS = 18  # digits a line of the preview, originals and copies together
PREVIEW_COPIES = 5  # of each original at most: three families a line


def copies_per_digit(labels: NDArray[np.uint8], settings: Augment, tracked: tuple[int, ...]) -> NDArray[np.int64]:
    """Return (N,) numbers of copies: ``copies_tracked`` for tracked digits, ``copies`` for the others."""
    return np.where(np.isin(labels, tracked), settings.copies_tracked, settings.copies).astype(np.int64)


def augmented(train: pa.Table, parts: list[Part], settings: Augment, workers: int) -> Iterator[pa.Table]:
    """Yield a table of copies for each part, as they are made.

    Parameters
    ----------
    train : pyarrow.Table
        Digit table of originals.
    parts : list of Part
    settings, workers
        ``augment`` and ``parallel.workers`` of params.yaml.

    Yields
    ------
    pyarrow.Table
        Digit table; each row is its parent's but for ``id``, ``image`` and ``parent``.
    """
    ids = ids_of([str(name) for name in digit_table.strings(train, "id")])
    chunks = distortions.Chunks(digit_table.images(train), ids, parts, settings)
    workers = workers if len(parts) > FEW else 1
    made = parallel.each(distortions.distort, chunks, workers=workers, title="distorted copies, thousands")
    for part, images in zip(parts, made, strict=True):
        yield copies_table(train, part, images)


def copies_table(train: pa.Table, part: Part, images: Images) -> pa.Table:
    """Return the digit table of one part: (N, 28, 28) copies, each with the id ``<parent>-<number>``."""
    rows = pa.array(part.rows)
    columns = {name: train.column(name).take(rows) for name in train.column_names if name != "image"}
    columns["parent"] = columns["id"]
    columns["id"] = pc.binary_join_element_wise(columns["parent"], str(part.number), "-")
    pixels = pa.py_buffer(np.ascontiguousarray(images))
    columns["image"] = pa.FixedSizeBinaryArray.from_buffers(
        digit_table.SCHEMA.field("image").type, len(rows), [None, pixels]
    )
    return pa.table([columns[name] for name in digit_table.SCHEMA.names], schema=digit_table.SCHEMA)


def shown(labels: NDArray[np.uint8], copies: NDArray[np.int64]) -> list[list[int]]:
    """Return for each class the places of the first train digits that fit, with their copies, into a line."""
    places: list[list[int]] = []
    for label in range(digit_table.CLASSES):
        rows = np.flatnonzero(labels == label)
        widths = np.cumsum(1 + np.minimum(copies[rows], PREVIEW_COPIES))
        places.append(rows[widths <= PREVIEW_COLUMNS].tolist())
    return places


def main(params: Path, digits: Path, table: Path, preview: Path) -> None:
    """Write distorted copies of the train digits, and a picture of some beside their originals."""
    settings = load_params(params)
    distortions.check(settings.augment)
    train = digit_table.of_split(digit_table.load(digits), "train")
    labels = digit_table.labels(train)
    copies = copies_per_digit(labels, settings.augment, settings.evaluate.tracked_digits)
    parts = distortions.parts_of(copies)
    chosen = shown(labels, copies)
    families = {
        row: [image] for rows in chosen for row, image in zip(rows, digit_table.images(train)[rows], strict=True)
    }
    with parallel.on(settings.parallel):
        tables = augmented(train, parts, settings.augment, settings.parallel.workers)
        digit_table.save_parts(_watched(tables, parts, families), table)
    draw([[np.stack(families[row]) for row in rows] for rows in chosen], preview)


def _watched(tables: Iterator[pa.Table], parts: list[Part], families: dict[int, list[Images]]) -> Iterator[pa.Table]:
    """Pass tables on, and add the first copies of some digits to their families."""
    wanted = np.array(sorted(families), np.int64)
    for part, copies in zip(parts, tables, strict=True):
        if part.number <= PREVIEW_COPIES:
            for place in np.flatnonzero(np.isin(part.rows, wanted)):
                families[int(part.rows[place])].append(digit_table.images(copies)[place])
        yield copies


if __name__ == "__main__":
    stage.run(main)
