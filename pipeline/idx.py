"""IDX files, the format of MNIST, read with every promise of their headers checked.

Format: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", section "File formats": big-endian 32-bit
integers (a magic number whose last byte is the number of dimensions, then the length of each), then one byte a value.
"""

import gzip
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import CLASSES, SIDE, Images
from pipeline.errors import BadInputError

IMAGES_MAGIC = 0x00000803  # unsigned bytes, 3 dimensions
LABELS_MAGIC = 0x00000801  # unsigned bytes, 1 dimension
STEMS = {"train": "train", "test": "t10k"}  # split: how MNIST's own file names begin
_GZIP_MAGIC = b"\x1f\x8b"
_STEP = 1 << 20  # bytes a read: a header that lies about its length must not make us reserve memory


def find(folder: Path, stem: str, kind: str) -> Path:
    """Return the path of ``<stem>-<kind>`` or ``<stem>.<kind>``, raw or ``.gz``: all four spellings are common.

    Raises
    ------
    BadInputError
        If none is there.
    """
    spellings = [f"{stem}{joint}{kind}{packed}" for joint in "-." for packed in (".gz", "")]
    for name in spellings:
        if (folder / name).is_file():
            return folder / name
    raise BadInputError(
        f"{folder}: expected {spellings[0]} (or {', '.join(spellings[1:])}), found none of them; "
        "set `mnist.folder` to where the four IDX files are, or `mnist.source` to bundled or download"
    )


def read_images(path: Path) -> Images:
    """Read images.

    Returns
    -------
    (N, 28, 28) uint8
        0 = paper, 255 = ink; N >= 1.

    Raises
    ------
    BadInputError
        If the file cannot be read, is damaged, or holds anything but 28x28 bytes an image.
    """
    dimensions, content = _read(path, IMAGES_MAGIC, "images")
    if dimensions[1:] != (SIDE, SIDE):
        raise BadInputError(f"{path}: expected images of {SIDE}x{SIDE}, got {dimensions[1]}x{dimensions[2]}; {_ADVICE}")
    return content.reshape(dimensions)


def read_labels(path: Path) -> NDArray[np.uint8]:
    """Read labels: (N,) uint8 in 0..9, N >= 1. Raises BadInputError as :func:`read_images` does."""
    _, content = _read(path, LABELS_MAGIC, "labels")
    if content.max() >= CLASSES:
        place = int(np.argmax(content >= CLASSES))
        raise BadInputError(f"{path}: expected labels 0 to 9, got {content[place]} at index {place}; {_ADVICE}")
    return content


def read_pair(folder: Path, stem: str) -> tuple[Images, NDArray[np.uint8]]:
    """Read ``<stem>-images-idx3-ubyte`` and ``<stem>-labels-idx1-ubyte``, in any spelling of :func:`find`.

    Returns
    -------
    (N, 28, 28) uint8, (N,) uint8

    Raises
    ------
    BadInputError
        If a file is missing or damaged, or their counts differ.
    """
    images_path = find(folder, f"{stem}-images", "idx3-ubyte")
    labels_path = find(folder, f"{stem}-labels", "idx1-ubyte")
    images, labels = read_images(images_path), read_labels(labels_path)
    if len(images) != len(labels):
        raise BadInputError(
            f"{labels_path}: expected a label for each of the {len(images)} images in {images_path.name}, "
            f"got {len(labels)}; take both files from the same set"
        )
    return images, labels


_ADVICE = "give the original MNIST files, or another set in their format"


def _read(path: Path, magic: int, what: str) -> tuple[tuple[int, ...], NDArray[np.uint8]]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP_MAGIC
        with gzip.open(path) if packed else path.open("rb") as stream:
            return _decode(stream, path, magic, what)  # type: ignore[arg-type]  # GzipFile reads like any binary file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInputError(f"{path}: expected a whole gzip file, got: {error}; copy or download it again") from error
    except OSError as error:
        raise BadInputError(f"{path}: expected a readable IDX file, got: {error.strerror}; {_ADVICE}") from error


def _decode(stream: BinaryIO, path: Path, magic: int, what: str) -> tuple[tuple[int, ...], NDArray[np.uint8]]:
    rank = magic & 0xFF
    header = stream.read(4 * (1 + rank))
    found = int.from_bytes(header[:4], "big")
    if len(header) >= 4 and found != magic:
        hint = "; images and labels look swapped" if found in (IMAGES_MAGIC, LABELS_MAGIC) else f"; {_ADVICE}"
        raise BadInputError(f"{path}: expected IDX {what} (magic number {magic}), got magic number {found}{hint}")
    if len(header) < 4 * (1 + rank):
        raise BadInputError(f"{path}: expected a header of {4 * (1 + rank)} bytes, got {len(header)}; {_ADVICE}")
    dimensions = struct.unpack(f">{rank}I", header[4:])
    if dimensions[0] == 0:
        raise BadInputError(f"{path}: expected at least one of the {what}, the header says 0; {_ADVICE}")
    expected = int(np.prod(dimensions, dtype=object))
    content = bytearray()
    while len(content) <= expected and (step := stream.read(min(_STEP, expected + 1 - len(content)))):
        content += step
    if len(content) != expected:
        came = f"only {len(content)}" if len(content) < expected else "more"
        raise BadInputError(
            f"{path}: expected {expected} bytes after the header ({dimensions[0]} {what}), got {came}; "
            "the file is damaged: copy or download it again"
        )
    return dimensions, np.frombuffer(bytes(content), np.uint8)
