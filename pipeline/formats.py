"""Digits in the forms that other people's code reads: IDX as MNIST's, Keras's npz, CSV of pixels, folders of PNG."""

import gzip
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.csv

from pipeline.csv_text import csv_text
from pipeline.digits import SIDE, SPLITS, images, labels, strings
from pipeline.idx import IMAGES_MAGIC, LABELS_MAGIC, STEMS

PLACE = ("id", "source", "writer", "photo", "row", "col")

Splits = Mapping[str, pa.Table]
"""``train`` and ``test``: rows of the digit table, perhaps none."""

Write = Callable[[Splits, Path], None]
"""Writes into a folder that is there."""


def write_idx(splits: Splits, folder: Path) -> None:
    """Write ``train-images-idx3-ubyte`` and so on; a split without digits is left out.

    Format: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", section "File formats".
    """
    for name, content in _idx_files(splits).items():
        (folder / name).write_bytes(content)


def write_idx_gz(splits: Splits, folder: Path) -> None:
    """Write what :func:`write_idx` writes, gzipped, with ``.gz`` after each name."""
    for name, content in _idx_files(splits).items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))


def _idx_files(splits: Splits) -> dict[str, bytes]:
    files = {}
    for split, rows in splits.items():
        if rows.num_rows:
            head = struct.pack(">IIII", IMAGES_MAGIC, rows.num_rows, SIDE, SIDE)
            files[f"{STEMS[split]}-images-idx3-ubyte"] = head + images(rows).tobytes()
            head = struct.pack(">II", LABELS_MAGIC, rows.num_rows)
            files[f"{STEMS[split]}-labels-idx1-ubyte"] = head + labels(rows).tobytes()
    return files


def write_npz(splits: Splits, folder: Path) -> None:
    """Write ``mnist.npz`` with ``x_train, y_train, x_test, y_test``, as ``keras.datasets.mnist`` keeps it."""
    arrays = {f"x_{split}": images(rows) for split, rows in splits.items()}
    arrays |= {f"y_{split}": labels(rows) for split, rows in splits.items()}
    np.savez_compressed(folder / "mnist.npz", allow_pickle=False, **arrays)


def write_csv(splits: Splits, folder: Path) -> None:
    """Write ``train.csv`` and ``test.csv``: 785 columns, ``label`` and ``pixel0`` to ``pixel783``, row by row."""
    header = ",".join(["label", *(f"pixel{place}" for place in range(SIDE * SIDE))]) + "\n"
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    for split, rows in splits.items():
        if rows.num_rows:
            pixels = images(rows).reshape(rows.num_rows, SIDE * SIDE).T
            columns = [labels(rows), *(np.ascontiguousarray(column) for column in pixels)]
            table = pa.Table.from_arrays(
                [pa.array(column) for column in columns], [str(n) for n in range(len(columns))]
            )
            with (folder / f"{split}.csv").open("wb") as file:
                file.write(header.encode())
                pyarrow.csv.write_csv(table, file, options)


def write_folders(splits: Splits, folder: Path) -> None:
    """Write ``<split>/<label>/<id>.png``, white on black as MNIST; torchvision's ``ImageFolder`` reads a split."""
    for split, rows in splits.items():
        for name, label, image in zip(strings(rows, "id"), labels(rows), images(rows), strict=True):
            place = folder / split / str(label)
            place.mkdir(parents=True, exist_ok=True)
            _, content = cv2.imencode(".png", image)
            (place / f"{name}.png").write_bytes(content.tobytes())


FORMATS: dict[str, Write] = {
    "idx": write_idx,
    "idx-gz": write_idx_gz,
    "npz": write_npz,
    "csv": write_csv,
    "folders": write_folders,
}


def provenance(splits: Splits) -> str:
    """Return a CSV line for each digit in the order of the files: where it comes from; unknown is empty."""
    lines: list[tuple[object, ...]] = []
    for split in SPLITS:
        rows = splits[split]
        columns = [rows.column(name).to_pylist() for name in PLACE]
        for index, (label, *places) in enumerate(zip(labels(rows).tolist(), *columns, strict=True)):
            lines.append((*places, split, index, label))
    return csv_text((*PLACE, "split", "index", "label"), lines)
