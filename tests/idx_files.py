"""IDX files and QMNIST label files for tests."""

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def encoded(values: NDArray[np.uint8]) -> bytes:
    """IDX of unsigned bytes, any number of dimensions."""
    return struct.pack(f">I{values.ndim}I", 0x800 + values.ndim, *values.shape) + values.tobytes()


def random_digits(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Noise images, and labels that go round the ten classes."""
    draw = np.random.default_rng(seed)
    return draw.integers(0, 256, (count, 28, 28), dtype=np.uint8), (np.arange(count) % 10).astype(np.uint8)


def write_mnist(folder: Path, train: int = 30, test: int = 20) -> None:
    """Four gzipped files, named as the original ones are."""
    for stem, count, seed in (("train", train, 1), ("t10k", test, 2)):
        images, labels = random_digits(count, seed)
        (folder / f"{stem}-images-idx3-ubyte.gz").write_bytes(gzip.compress(encoded(images)))
        (folder / f"{stem}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(encoded(labels)))


def write_writers(path: Path, labels: Any, writers: Any) -> None:
    """A QMNIST label file."""
    lines = [f"{label}\t4\t{writer}\t0\t0\t0\t0\t0\n" for label, writer in zip(labels, writers, strict=True)]
    path.write_bytes(gzip.compress("".join(lines).encode()))
