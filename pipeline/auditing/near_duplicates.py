"""The same ink twice: digits of different writers that are nearer to each other than two people's digits ever are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.auditing.neighbours import NOBODY, blurred
from pipeline.digits import CLASSES, SIDE, Images

REACH = 2  # half pixels either way that a second photo of the same ink may lie off
AT_ONCE = 1024  # digits a step
FEWEST = 30  # digits with a label: below, nothing can be said about what is usual
QUARTILE = 0.6745  # standard deviations from a normal distribution's median to its quartile
# Of the digits of two photos whose nearest is on the other one: so many must have it at their own row and column, and
# such a share. One sheet on two simulated photos has 55 and more of 100, 57% to 82%; two writers' sheets that ask for
# the same digits at the same places 9 of 50 at most.
SAME_PLACES, SAME_SHARE = 10, 1 / 3

Distances = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """Two digits that are the same ink: places in the table, the first before the second, and their distance."""

    first: int
    second: int
    distance: float


@dataclass(frozen=True)
class SheetTwice:
    """Two photos that show one sheet of paper, though they pass for different writers'."""

    first: str
    second: str
    same: int  # digits whose nearest is at the same place of the other photo
    near: int  # digits whose nearest is on the other photo at all

    def __str__(self) -> str:
        """Say it to a person."""
        return (
            f"{self.first} and {self.second}, perhaps one sheet: of {self.near} digits that look most like one on the "
            f"other photo, {self.same} look like the one at the same place; if so, remove a photo"
        )


def distances(images: Images, neighbour: NDArray[np.intp]) -> Distances:
    """Return each image's distance to its neighbour, both smoothed, the least over shifts of half pixels up to one.

    The distance of images scaled to length 1: 0 where one is the other, darker or paler, up to 2; infinite where
    there is no neighbour.

    Parameters
    ----------
    images : (N, 28, 28) uint8
    neighbour : (N,) places, NOBODY where there is none

    Returns
    -------
    (N,) float64
    """
    found = np.full(len(images), np.inf)
    for start in range(0, len(images), AT_ONCE):
        chosen = start + np.flatnonzero(neighbour[start : start + AT_ONCE] != NOBODY)
        likeness = _likeness(blurred(images[chosen]), blurred(images[neighbour[chosen]]))
        found[chosen] = np.sqrt(np.maximum(0, 2 - 2 * likeness))
    return found


def _likeness(images: NDArray[np.float32], others: NDArray[np.float32]) -> Distances:
    """Return the greatest cosine of each image with its other, which is shifted by half pixels."""
    padded = np.pad(others, ((0, 0), (1, 1), (1, 1)))
    side = 2 * SIDE + 3
    fine = np.empty((len(others), side, side), dtype=np.float32)  # pixels at even places, means between them
    fine[:, ::2, ::2] = padded
    fine[:, 1::2, ::2] = (padded[:, 1:] + padded[:, :-1]) / 2
    fine[:, :, 1::2] = (fine[:, :, 2::2] + fine[:, :, :-1:2]) / 2
    own = np.einsum("nij,nij->n", images, images, dtype=np.float64)
    best = np.full(len(images), -1.0)
    for down, right in np.ndindex(2 * REACH + 1, 2 * REACH + 1):
        moved = fine[:, down : down + 2 * SIDE - 1 : 2, right : right + 2 * SIDE - 1 : 2]
        product = np.einsum("nij,nij->n", images, moved, dtype=np.float64)
        length = np.sqrt(own * np.einsum("nij,nij->n", moved, moved, dtype=np.float64))
        best = np.maximum(best, np.divide(product, length, out=np.full(len(best), -1.0), where=length > 0))
    return best


def usual(found: Distances, labels: NDArray[np.uint8]) -> tuple[Distances, Distances]:
    """Return for each digit 0-9 the median and the spread of log distances between different people's digits.

    The spread is that of a normal distribution with the same median and upper quartile: pairs of the same ink, which
    lie below, hardly change it while they are fewer than a third. Where a digit has fewer than 30 distances that say
    anything, both are NaN.

    Returns
    -------
    two (10,) float64
    """
    middle, spread = np.full(CLASSES, np.nan), np.full(CLASSES, np.nan)
    for label in range(CLASSES):
        own = found[(labels == label) & np.isfinite(found) & (found > 0)]
        if len(own) >= FEWEST:
            middle[label], quartile = np.quantile(np.log(own), [0.5, 0.75])
            spread[label] = (quartile - middle[label]) / QUARTILE
    return middle, spread


def unusual(found: Distances, labels: NDArray[np.uint8]) -> Distances:
    """Return (N,): how many spreads a digit lies farther (above 0) from its neighbour than is usual for its label.

    -inf for a distance of 0; 0 where nothing can be said.
    """
    middle, spread = usual(found, labels)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (np.log(found) - middle[labels]) / spread[labels]
    return np.where(np.isfinite(found) & np.isfinite(middle[labels]) & (spread[labels] > 0), far, 0.0)


def pairs(found: Distances, neighbour: NDArray[np.intp], labels: NDArray[np.uint8], spreads: float) -> list[Pair]:
    """Return the pairs of the same ink, the nearest first: nearer than usual by more than ``spreads``.

    5 spreads are what 1 in 3,500,000 distances that are normally distributed reaches by chance.
    """
    near = np.flatnonzero(unusual(found, labels) < -spreads)
    distance: dict[tuple[int, int], float] = {}
    for place in near.tolist():
        other = int(neighbour[place])
        key = (min(place, other), max(place, other))
        distance[key] = min(float(found[place]), distance.get(key, np.inf))
    return [Pair(*key, distance[key]) for key in sorted(distance, key=lambda key: (distance[key], key))]


def sheets_twice(
    neighbour: NDArray[np.intp], photos: Sequence[str | None], places: Sequence[tuple[int | None, int | None]]
) -> list[SheetTwice]:
    """Return the pairs of photos that show one sheet, in the order of their names.

    A second photo of one ink is often no nearer than another person's digit may be, and then no pair by itself; but
    only on the same sheet do the nearest digits stand at the same places, time and again.

    Parameters
    ----------
    neighbour : (N,) places of the nearest digits by other hands, NOBODY where there is none
    photos : N str or None
    places : N rows and columns on these photos
    """
    near: Counter[tuple[str, str]] = Counter()
    same: Counter[tuple[str, str]] = Counter()
    for place, other in enumerate(neighbour.tolist()):
        own, its = photos[place], photos[other] if other != NOBODY else None
        if own is not None and its is not None and own != its:
            pair = (min(own, its), max(own, its))
            near[pair] += 1
            same[pair] += places[place] == places[other]
    return [
        SheetTwice(*pair, same[pair], near[pair])
        for pair in sorted(near)
        if same[pair] >= SAME_PLACES and same[pair] >= SAME_SHARE * near[pair]
    ]
