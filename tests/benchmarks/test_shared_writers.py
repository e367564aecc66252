"""What it is worth to train on the writers that are tested: the table in RESULTS.md.

The same Chinese digits, their crops stretched, are split by writer as `merge` does, and digit by digit at random.
"""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from pipeline import digits, merge, mnist, sheets, train
from pipeline.learning.reading import read_digits
from tests import params_file

SOURCE = "ptddigits"
ARCH = "simple_cnn"
SEEDS = range(3)
Places = NDArray[np.intp]


@pytest.mark.benchmark
def test_writers_on_both_sides(real_photos: Path, tmp_path: Path) -> None:
    table = _merged(tmp_path, real_photos)
    ours = np.flatnonzero([source == SOURCE for source in digits.strings(table, "source")])
    tested = np.flatnonzero([split == "test" for split in digits.strings(table, "split")])
    by_writer = np.intersect1d(ours, tested)
    print(f"\n{ARCH} by its report's recipe, errors in {len(by_writer)} of {len(ours)} Chinese digits, by seed\n")
    print("| split | seed | trained on MNIST | and on the other Chinese digits |")
    print("|---|--:|--:|--:|")
    for seed in SEEDS:
        at_random = np.random.default_rng(1000 + seed).permutation(ours)[: len(by_writer)]
        plain = _trained(tmp_path / f"{seed}-mnist", table, ours, seed)
        for name, chosen in (("by writer", by_writer), ("at random", at_random)):
            both = _trained(tmp_path / f"{seed}-{name}", table, chosen, seed)
            print(f"| {name} | {seed} | {_errors(table, chosen, plain)} | {_errors(table, chosen, both)} |", flush=True)


def _merged(folder: Path, real_photos: Path) -> pa.Table:
    """Return all of MNIST and the Chinese digits in one digit table."""
    shutil.copytree(real_photos / SOURCE, folder / "raw" / SOURCE)
    params = params_file.written(
        folder,
        sheets={"normalize": "stretch"},
        mnist={"source": "folder", "folder": str(real_photos.parent / "mnist")},
        merge={"test_fraction": 0.5},
    )
    photographed, downloaded, merged = (folder / f"{name}.parquet" for name in ("sheets", "mnist", "digits"))
    sheets.main(params, folder / "raw", photographed, folder / "sheets.json", folder / "pictures")
    mnist.main(params, downloaded)
    merge.main(params, photographed, downloaded, merged, folder / "merge.json")
    return digits.load(merged)


def _trained(folder: Path, table: pa.Table, test: Places, seed: int) -> Path:
    """Train a network on MNIST's train digits and the Chinese ones but those of `test`; return its folder."""
    ours = np.array([source == SOURCE for source in digits.strings(table, "source")])
    split = np.where(ours, "train", np.array(digits.strings(table, "split")))
    split[test] = "test"
    folder.mkdir()
    digits.save(merge.with_split(table, split.tolist()), folder / "digits.parquet")
    params = params_file.written(
        folder, model={"arch": ARCH}, train={"recipe": "report", "seed": seed, "device": "cpu"}
    )
    names = ("models", "out_of_fold", "metrics", "timing", "curves")
    files = {name: folder / name for name in names}
    train.main(params, digits=folder / "digits.parquet", augmented=folder / "not read", **files)
    return files["models"]


def _errors(table: pa.Table, rows: Places, models: Path) -> int:
    said = read_digits(digits.images(table)[rows], models, "cpu", title="test").argmax(axis=1)
    return int((said != digits.labels(table)[rows]).sum())
