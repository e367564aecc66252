"""What a training shows: digits and their distorted copies, and which of them each epoch takes."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import digits
from pipeline.digits import Images
from pipeline.errors import BadInputError
from pipeline.learning.folds import Folds

Rows = NDArray[np.int64]
"""(R,) rows of a training set."""


@dataclass(frozen=True)
class TrainingSet:
    """Digits and copies of them, which are in their parent's fold."""

    images: Images  # (N, 28, 28) uint8
    labels: NDArray[np.uint8]  # (N,) 0..9
    folds: Folds  # (N,) the fold that validates the digit, or its parent
    parents: Rows  # (N,) of a copy, the row of the digit that it is a copy of; of a digit, its own

    @classmethod
    def of(cls, originals: pa.Table, copies: pa.Table, folds: Folds) -> "TrainingSet":
        """Put a table of train digits, with (M,) folds, and one of their copies together; there may be no copies.

        Raises
        ------
        BadInputError
            If a copy's parent is not among the originals.
        """
        parents = pc.index_in(
            copies.column("parent").combine_chunks(), value_set=originals.column("id").combine_chunks()
        )
        if parents.null_count:
            orphan = copies.column("parent")[pc.index(parents.is_null(), True).as_py()].as_py()
            raise BadInputError(
                f"augmented digits: expected parents among the {len(folds)} train digits, got parent {orphan}; "
                "run `dvc repro augment`"
            )
        rows = np.concatenate([np.arange(len(originals)), parents.to_numpy(zero_copy_only=False)]).astype(np.int64)
        return cls(
            images=np.concatenate([digits.images(originals), digits.images(copies)]),
            labels=np.concatenate([digits.labels(originals), digits.labels(copies)]),
            folds=folds[rows],
            parents=rows,
        )

    @cached_property
    def original(self) -> NDArray[np.bool_]:
        """(N,) False for copies, which are never validated."""
        return np.asarray(self.parents == np.arange(len(self.parents)))

    @cached_property
    def _copies(self) -> NDArray[np.int64]:
        """(N,) how many copies each digit has; 0 for a copy."""
        return np.asarray(np.bincount(self.parents, minlength=len(self.parents)) - self.original)

    @cached_property
    def rounds(self) -> int:
        """The fewest copies that a digit with copies has: so many epochs show new copies; 0 where none has any."""
        some = self._copies[self._copies > 0]
        return int(some.min()) if len(some) else 0

    @cached_property
    def _round(self) -> NDArray[np.int64]:
        """(N,) the round that shows a row, or -1: each digit's copies are dealt to the rounds in turn."""
        rounds = np.full(len(self.parents), -1, np.int64)
        copies = np.flatnonzero(~self.original)
        ordered = copies[np.argsort(self.parents[copies], kind="stable")]
        counts = self._copies[self.original]
        starts = np.repeat(np.cumsum(counts) - counts, counts)
        rounds[ordered] = (np.arange(len(ordered)) - starts) % max(self.rounds, 1)
        return rounds

    def shown(self, fold: int, epoch: int) -> Rows:
        """Return what a fold's network is shown in distorted epoch ``epoch``, counted from 0.

        Each digit of the other folds comes once, as a copy, and as another one in each of :attr:`rounds` epochs; with
        twice as many copies it comes twice. A digit without copies comes as it is.
        """
        if not self.rounds:
            return self.plain(fold)
        wanted = (self._round == epoch % self.rounds) | (self.original & (self._copies == 0))
        return np.flatnonzero(wanted & (self.folds != fold))

    def plain(self, fold: int) -> Rows:
        """Return the digits of the other folds, without copies."""
        return np.flatnonzero(self.original & (self.folds != fold))

    def held(self, fold: int) -> Rows:
        """Return the digits that validate a fold's network, without copies."""
        return np.flatnonzero(self.original & (self.folds == fold))

    def digest(self) -> str:
        """Return a hash of everything in it."""
        total = hashlib.blake2b(digest_size=16)
        for array in (self.images, self.labels, self.folds, self.parents):
            content: NDArray[Any] = np.ascontiguousarray(array)
            total.update(f"{content.shape} {content.dtype}\0".encode())
            total.update(content.data)
        return total.hexdigest()
