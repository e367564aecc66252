"""Distorted copies of digits, many at once.

A copy depends on the settings, its parent's id and pixels, and its number, and on nothing else: not on the other
digits, their order, the canvas, the chunk or the worker.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import Images
from pipeline.params import Augment

CHUNK = 1024  # digits a task, and tiles a canvas: 0.8 MB, which joblib hands over without a file (1 MB and more)


@dataclass(frozen=True)
class Chunk:
    """Some digits of which one copy each is to be made."""

    images: Images
    ids: NDArray[np.uint64]
    number: int  # of the copy, from 1
    settings: Augment


@dataclass(frozen=True)
class Part:
    """Where the digits of a chunk stand in their table."""

    rows: NDArray[np.int64]
    number: int  # of the copy, from 1


@dataclass(frozen=True)
class Chunks(Sequence[Chunk]):
    """The chunks of some parts of a table, each made when it is asked for, so that they are never all in memory."""

    images: Images
    ids: NDArray[np.uint64]
    parts: list[Part]
    settings: Augment

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, place: Any) -> Any:  # one place, not a slice
        part = self.parts[place]
        return Chunk(self.images[part.rows], self.ids[part.rows], part.number, self.settings)


def parts_of(copies: NDArray[np.int64]) -> list[Part]:
    """Cut the copies of N digits, (N,) numbers of them, into parts: by the copy's number, then as the digits come."""
    return [
        Part(rows[start : start + CHUNK], number)
        for number in range(1, int(copies.max(initial=0)) + 1)
        for rows in [np.flatnonzero(copies >= number)]
        for start in range(0, len(rows), CHUNK)
    ]


def check(settings: Augment) -> None:
    """Build and try what ``augment.transforms`` asks for, if it names anything that is not ours.

    Raises
    ------
    BadInputError
        If albumentations has no such transform, an argument is wrong, or it makes no digit of a digit.
    """
    if foreigners := [item for item in settings.transforms if isinstance(item, dict)]:
        from pipeline.learning.augmentation import foreign

        for item in foreigners:
            foreign.check(item)


def distort(chunk: Chunk) -> Images:
    """Return (N, 28, 28) uint8: one copy of each digit, in their order, all on one canvas."""
    from pipeline.learning.augmentation.draws import keys_of
    from pipeline.learning.augmentation.tiles import KEYS, canvas_of, tiles_of

    if not len(chunk.ids):
        return np.empty_like(chunk.images)
    keys = keys_of(chunk.ids, chunk.number, chunk.settings.seed)
    with _one_opencv_thread():
        return tiles_of(compose(chunk.settings)(**{"image": canvas_of(chunk.images), KEYS: keys})["image"])


def compose(settings: Augment) -> Any:
    """Return the albumentations ``Compose`` of ``augment.transforms``, for a canvas of tiles."""
    from pipeline.learning.augmentation import foreign, library
    from pipeline.learning.augmentation.each_tile import EachTile
    from pipeline.learning.augmentation.noise import Noise
    from pipeline.learning.augmentation.paper import Paper
    from pipeline.learning.augmentation.strokes import Strokes
    from pipeline.learning.augmentation.warp import Warp

    ours = {"warp": Warp, "strokes": Strokes, "paper": Paper, "noise": Noise}
    steps = [
        EachTile(foreign.build(item), stream) if isinstance(item, dict) else ours[item](settings, stream)
        for stream, item in enumerate(settings.transforms)
    ]
    return library.albumentations().Compose(steps)


@contextmanager
def _one_opencv_thread() -> Iterator[None]:
    """Keep OpenCV from sharing out small images among threads, which took twice the processor time."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
