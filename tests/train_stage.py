"""Inputs of the train stage: bars at ten places, and inverted copies of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline import digits
from tests import params_file

OUTPUTS = ("models", "out_of_fold", "metrics", "timing", "curves")


def originals(count: int = 120) -> pa.Table:
    """Bars at ten places; every sixth digit is a test row; one writer wrote the first ten."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 10
    images = rng.integers(0, 40, (count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 3 + 2 * label : 6 + 2 * label] += 200
    return digits.from_columns(
        images,
        labels,
        "here",
        writer=["here/a" if row < 10 else None for row in range(count)],
        split=["test" if row % 6 == 5 else "train" for row in range(count)],
    )


def copies(table: pa.Table) -> pa.Table:
    """One inverted copy of each train digit."""
    rows = digits.of_split(table, "train")
    ids = [str(name) for name in digits.strings(rows, "id")]
    inverted = 255 - digits.images(rows)
    names = [f"{name}-1" for name in ids]
    return digits.from_columns(inverted, digits.labels(rows), "here", ids=names, split="train", parent=ids)


def arguments(
    folder: Path, table: pa.Table, augmented: pa.Table, workers: int = 1, arch: str = "mlp", **changes: Any
) -> dict[str, Path]:
    """Write the stage's inputs into a folder and return all its paths; ``changes`` are those of params.yaml's train."""
    folder.mkdir(exist_ok=True)
    settings = {"folds": 2, "epochs": 2, "batch_size": 16, "device": "cpu"} | changes
    params_file.written(folder, model={"arch": arch}, parallel={"workers": workers}, train=settings)
    digits.save(table, folder / "digits.parquet")
    digits.save(augmented, folder / "augmented.parquet")
    inputs = {"params": "params.yaml", "digits": "digits.parquet", "augmented": "augmented.parquet"}
    names = inputs | {name: f"out/{name}" for name in OUTPUTS}
    return {name: folder / path for name, path in names.items()}


def contents(paths: dict[str, Path]) -> dict[str, bytes]:
    """What the stage wrote, but for the times, by name."""
    files = [*sorted(paths["models"].iterdir()), *(paths[name] for name in ("out_of_fold", "metrics", "curves"))]
    return {file.name: file.read_bytes() for file in files}
