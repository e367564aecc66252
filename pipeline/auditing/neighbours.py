"""Each digit's nearest digit by somebody else, out of all of them or, of very many, of those roughly like it."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.auditing import inverted_file
from pipeline.digits import SIDE, Images

BLUR = 1.0  # pixels: digits that differ by a fraction of a pixel in place or pen stay near
POOL = 2  # pixels a side become one: a quarter of the products; of full MNIST's digits 97.5% are next to their label's
AT_ONCE = 256  # digits a step: with 70,000 others 72 MB of products
NOBODY = -1
EVERY = 100_000  # digits: a minute of one core, from which the time grows with their square
NEVER = -1.0  # below every cosine of images, which are nowhere negative

Vectors = NDArray[np.float32]


def blurred(images: Images) -> NDArray[np.float32]:
    """Return (N, 28, 28) float32 in 0..255: the images, smoothed."""
    smooth = np.empty(images.shape, dtype=np.float32)
    for place, image in enumerate(images):
        cv2.GaussianBlur(image.astype(np.float32), (0, 0), BLUR, dst=smooth[place])
    return smooth


def embedded(images: Images) -> Vectors:
    """Return (N, 196) float32 of length 1 (0 for an empty image): the images, smoothed, at half their size."""
    half = SIDE // POOL
    pooled = np.empty((len(images), half * half), dtype=np.float32)
    for start in range(0, len(images), AT_ONCE):  # smoothed, all of them would take four times the digit table
        some = blurred(images[start : start + AT_ONCE]).reshape(-1, half, POOL, half, POOL)
        pooled[start : start + AT_ONCE] = some.mean(axis=(2, 4)).reshape(-1, half * half)
    length = np.linalg.norm(pooled, axis=1, keepdims=True)
    return np.asarray(np.divide(pooled, length, out=np.zeros_like(pooled), where=length > 0))


def hands(writers: Sequence[str | None]) -> NDArray[np.int64]:
    """Return a number a digit, equal for the digits of one writer; who is unknown is somebody else every time."""
    known = {name: number for number, name in enumerate(sorted({name for name in writers if name is not None}))}
    return np.array(
        [known[name] if name is not None else len(known) + place for place, name in enumerate(writers)], dtype=np.int64
    )


def nearest(vectors: Vectors, hand: NDArray[np.int64], every: int = EVERY) -> NDArray[np.intp]:
    """Return the place of each digit's nearest digit by another hand, NOBODY where there is no other hand.

    Nearest is the greatest cosine. Up to ``every`` digits each is compared with every other: N * N * 196 products,
    22 processor seconds for full MNIST. Of more, each is compared with those that look roughly like it, as
    :mod:`pipeline.auditing.inverted_file` has them.

    Parameters
    ----------
    vectors : (N, 196) float32 of length 1, or 0
    hand : (N,) int64, equal for the digits of one hand
    """
    found = np.full(len(vectors), NOBODY, dtype=np.intp)
    cosine = np.full(len(vectors), NEVER, dtype=np.float32)

    def compare(asked: NDArray[np.intp], others: NDArray[np.intp]) -> None:
        compared, whose = vectors[others], hand[others]
        for start in range(0, len(asked), AT_ONCE):
            some = asked[start : start + AT_ONCE]
            best, its_cosine = _best(vectors[some] @ compared.T, whose == hand[some, None])
            nearer = its_cosine > cosine[some]
            found[some[nearer]], cosine[some[nearer]] = others[best[nearer]], its_cosine[nearer]

    everything = left = np.arange(len(vectors))
    if len(vectors) > every:
        for asked, others in inverted_file.comparisons(vectors):
            compare(asked, others)
        left = np.flatnonzero(found == NOBODY)  # only digits of the same hand look like these
    if len(left):
        compare(left, everything)
    return found


def _best(likeness: Vectors, same_hand: NDArray[np.bool_]) -> tuple[NDArray[np.intp], Vectors]:
    """Return (asked,) the nearest of the others that are by another hand, and its cosine; NEVER where none is."""
    likeness[same_hand] = NEVER
    best = likeness.argmax(axis=1)
    return best, likeness[np.arange(len(best)), best]
