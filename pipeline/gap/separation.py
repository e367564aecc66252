"""How well a small classifier tells a collection's digits from MNIST's of the same labels, on writers it never saw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.splits import draw

FOLDS = 5  # each has a group of either side at least
RESAMPLES = 1000  # of whole writers, for the interval
COMPONENTS = 40  # of the pixels: 9 tenths of MNIST's variance

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """The digits of one side.

    Attributes
    ----------
    features : (N, F) float64
    labels : (N,) integers in 0..9
    groups : N str
        Digits of one group, such as a writer's, are never on both sides of a fold.
    """

    features: Numbers
    labels: NDArray[np.integer]
    groups: Sequence[str]


@dataclass(frozen=True)
class Auc:
    """The chance that of two digits with one label, one of each side, the classifier orders them right.

    0.5: it cannot tell them apart; 1: it always can. ``low`` and ``high`` are its 95% interval.
    """

    value: float
    low: float
    high: float


def separation(collection: Side, mnist: Side, seed: int) -> Auc | None:
    """Return how well logistic regression tells the sides apart, cross-validated by groups; None of too few groups.

    Two people can be told apart although both write as MNIST's writers do: fewer than :data:`FOLDS` groups say nothing.

    Only digits of labels that both sides have count, each label as much on both sides, and only pairs of one label and
    one fold are compared: the mix of digits is no clue. The interval resamples whole groups on both sides (percentile
    bootstrap: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993).
    """
    sides = [_of_labels(side, np.intersect1d(collection.labels, mnist.labels)) for side in (collection, mnist)]
    if min(len(set(side.groups)) for side in sides) < FOLDS:
        return None
    numbers = [_numbered(side.groups) for side in sides]
    folds = [_folds(side.groups, seed) for side in sides]
    scores = [np.zeros(len(side.labels)) for side in sides]
    for fold in range(FOLDS):
        for score, fold_of, made in zip(scores, folds, _scored(sides, folds, fold), strict=True):
            score[fold_of == fold] = made
    strata = [side.labels.astype(np.int64) * FOLDS + fold for side, fold in zip(sides, folds, strict=True)]
    return _auc(scores, strata, numbers, seed)


def principal_components(pixels: Numbers) -> Numbers:
    """Return (N, 40) principal components of (N, 784) pixels, the directions in which digits vary most; fewer if N is.

    Their signs mean nothing.
    """
    from sklearn.decomposition import PCA

    return np.asarray(PCA(min(COMPONENTS, *pixels.shape), svd_solver="covariance_eigh").fit_transform(pixels))


def _of_labels(side: Side, labels: NDArray[np.integer]) -> Side:
    kept = np.flatnonzero(np.isin(side.labels, labels))
    return Side(side.features[kept], side.labels[kept], [side.groups[int(place)] for place in kept])


def _numbered(groups: Sequence[str]) -> NDArray[np.intp]:
    return np.unique(np.array(groups), return_inverse=True)[1].astype(np.intp)


def _folds(groups: Sequence[str], seed: int) -> NDArray[np.intp]:
    """Return each digit's fold: groups are dealt out in an order that their names and the seed give."""
    order = {name: turn for turn, name in enumerate(sorted(set(groups), key=lambda name: (draw(name, seed), name)))}
    return np.array([order[name] % FOLDS for name in groups], np.intp)


def _scored(sides: Sequence[Side], folds: Sequence[NDArray[np.intp]], fold: int) -> list[Numbers]:
    """Return what a classifier, fitted to all other folds, says of this fold's digits on both sides."""
    from sklearn.linear_model import LogisticRegression

    seen = [of != fold for of in folds]
    middle, spread = _scale(
        [s.features[k] for s, k in zip(sides, seen, strict=True)],
        [s.labels[k] for s, k in zip(sides, seen, strict=True)],
    )
    known = [(side.features - middle[side.labels]) / spread for side in sides]
    weights = _weights([side.labels[kept] for side, kept in zip(sides, seen, strict=True)])
    which = np.repeat([1, 0], [int(kept.sum()) for kept in seen])
    model = LogisticRegression(max_iter=300)
    model.fit(np.concatenate([k[kept] for k, kept in zip(known, seen, strict=True)]), which, np.concatenate(weights))
    return [
        model.decision_function(k[~kept]) if (~kept).any() else np.empty(0) for k, kept in zip(known, seen, strict=True)
    ]


def _scale(features: Sequence[Numbers], labels: Sequence[NDArray[np.integer]]) -> tuple[Numbers, Numbers]:
    """Return (10, F), the middle between both sides' means of each label, and (F,), the spread about it."""
    middle = np.zeros((10, features[0].shape[1]))
    for label in range(10):
        parts = [f[of == label] for f, of in zip(features, labels, strict=True)]
        means = [part.mean(axis=0) for part in parts if len(part)]
        if means:
            middle[label] = np.mean(means, axis=0)
    spread = np.concatenate([f - middle[of] for f, of in zip(features, labels, strict=True)]).std(axis=0)
    return middle, np.where(spread > 0, spread, 1)


def _weights(labels: Sequence[NDArray[np.integer]]) -> list[Numbers]:
    """Return weights of all digits with which a label counts as much on both sides, and as often as on the first."""
    counts = [np.bincount(of, minlength=10).astype(np.float64) for of in labels]
    both = np.where((counts[0] > 0) & (counts[1] > 0), counts[0], 0)
    return [(both / np.maximum(count, 1))[of] for count, of in zip(counts, labels, strict=True)]


def _auc(
    scores: Sequence[Numbers], strata: Sequence[NDArray[np.int64]], groups: Sequence[NDArray[np.intp]], seed: int
) -> Auc:
    """Return the AUC over pairs of one stratum, with its interval."""
    generator = np.random.default_rng(seed)
    times = [_resampled(group, generator) for group in groups]
    right, pairs = np.zeros(1 + RESAMPLES), np.zeros(1 + RESAMPLES)
    for stratum in np.intersect1d(strata[0], strata[1]):
        kept = [np.flatnonzero(of == stratum) for of in strata]
        ours, theirs = (score[places] for score, places in zip(scores, kept, strict=True))
        a, b = (counts[:, places] for counts, places in zip(times, kept, strict=True))
        wins = (ours[:, None] > theirs) + 0.5 * (ours[:, None] == theirs)
        right += ((a @ wins.astype(np.float32)) * b).sum(axis=1)
        pairs += a.sum(axis=1) * b.sum(axis=1)
    shares = np.divide(right, pairs, out=np.full_like(right, 0.5), where=pairs > 0)
    low, high = np.quantile(shares[1:], [0.025, 0.975])
    return Auc(float(shares[0]), float(min(low, shares[0])), float(max(high, shares[0])))


def _resampled(groups: NDArray[np.intp], generator: np.random.Generator) -> NDArray[np.float32]:
    """Return (1 + RESAMPLES, N): how often each digit counts, first once, then as often as its group was drawn."""
    count = int(groups.max()) + 1
    drawn = generator.multinomial(count, np.full(count, 1 / count), RESAMPLES)
    return np.concatenate([np.ones((1, count)), drawn]).astype(np.float32)[:, groups]
