import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from pipeline.gap import separation
from pipeline.gap.separation import FOLDS, Auc, Side
from tests.laws import up_to


def side(count: int, seed: int, shift: float = 0.0, writers: int = 10, labels: int = 10) -> Side:
    """Features are the label's own place, a writer's own habit, noise, and what is peculiar to the side."""
    generator = np.random.default_rng(seed)
    label, writer = generator.integers(0, labels, count), generator.integers(0, writers, count)
    habit = 0.5 * generator.normal(size=(writers, 3))
    features = generator.normal(size=(count, 3)) + 10 * label[:, None] + habit[writer] + (shift, 0, 0)
    return Side(features, label, [f"{seed}/{name}" for name in writer])


def separated(ours: Side, theirs: Side, seed: int) -> Auc:
    """The separation of sides that have writers enough."""
    found = separation.separation(ours, theirs, seed)
    assert found is not None
    return found


def test_the_same_hands_are_not_told_apart_and_others_are() -> None:
    same = separated(side(300, 1), side(900, 2), 0)
    assert same.low < 0.5 < same.high
    assert same.high - same.low < 0.35
    apart = separated(side(300, 1, shift=3), side(900, 2), 0)
    assert apart.low > 0.9
    assert apart.low <= apart.value <= apart.high


def test_where_one_feature_tells_the_classifier_is_as_good_as_that_feature() -> None:
    ours, theirs = (side(2000, seed, shift, writers=400) for seed, shift in ((3, 1.0), (4, 0.0)))
    alone = [made.features[:, 0] - 10 * made.labels for made in (ours, theirs)]
    expected = roc_auc_score([1] * 2000 + [0] * 2000, np.concatenate(alone))
    assert 0.6 < expected < 0.9
    assert separated(ours, theirs, 0).value == pytest.approx(expected, abs=0.015)


def test_the_mix_of_labels_is_no_clue() -> None:
    ours, theirs = side(400, 1), side(900, 2)
    ones = np.flatnonzero((ours.labels == 1) | (np.arange(400) % 8 == 0))
    mixed = Side(ours.features[ones], ours.labels[ones], [ours.groups[int(i)] for i in ones])
    found = separated(mixed, theirs, 0)
    assert abs(found.value - 0.5) < 0.15
    counts = np.bincount(mixed.labels, minlength=10) / len(mixed.labels)
    assert counts[1] > 0.4  # although a glance at the label would tell


@pytest.mark.slow
def test_a_writer_who_is_known_by_his_hand_alone_does_not_help() -> None:
    """Each writer's features are his own, on both sides: nothing but the held back writers' could tell."""
    generator = np.random.default_rng(0)
    sides = []
    for name in "ab":
        writer = np.repeat(np.arange(40), 20)
        places = generator.normal(size=(40, 60)) * 10
        features = places[writer] + generator.normal(size=(800, 60))
        sides.append(Side(features, np.arange(800) % 10, [f"{name}/{n}" for n in writer]))
    assert 0.2 < separated(sides[0], sides[1], 0).value < 0.8
    single = [Side(s.features, s.labels, [f"{i}/{n}" for n in range(800)]) for i, s in enumerate(sides)]
    assert separated(single[0], single[1], 0).value > 0.9


@settings(max_examples=up_to(15), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=25),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=25),
)
def test_auc_is_scikit_learns_pair_for_pair_within_strata(
    ours: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> None:
    scores = [np.array([score for score, _ in part], float) for part in (ours, theirs)]
    strata = [np.array([stratum for _, stratum in part], np.int64) for part in (ours, theirs)]
    groups = [np.arange(len(part)) for part in (ours, theirs)]
    found = separation._auc(scores, strata, groups, 0)
    right = pairs = 0.0
    for stratum in set(strata[0]) & set(strata[1]):
        a, b = (score[of == stratum] for score, of in zip(scores, strata, strict=True))
        which = [1] * len(a) + [0] * len(b)
        right += roc_auc_score(which, np.concatenate([a, b])) * len(a) * len(b)
        pairs += len(a) * len(b)
    assert found.value == pytest.approx(right / pairs if pairs else 0.5)
    assert found.low <= found.value <= found.high


def test_the_interval_resamples_whole_writers() -> None:
    generator = np.random.default_rng(0)
    writer = np.repeat(np.arange(6), 30)
    scores = [generator.normal(size=6)[writer] + 0.1 * generator.normal(size=180) + shift for shift in (1.0, 0.0)]
    strata = [np.zeros(180, np.int64)] * 2
    by_writer = separation._auc(scores, strata, [writer, writer], 0)
    by_digit = separation._auc(scores, strata, [np.arange(180)] * 2, 0)
    assert by_writer.high - by_writer.low > 3 * (by_digit.high - by_digit.low)
    again = []
    for _ in range(400):
        drawn = [generator.integers(0, 6, 6) for _ in range(2)]
        a, b = (np.concatenate([s[writer == w] for w in of]) for s, of in zip(scores, drawn, strict=True))
        again.append(((a[:, None] > b).mean(), len(a)))
    low, high = np.quantile([value for value, _ in again], [0.025, 0.975])
    assert (by_writer.low, by_writer.high) == pytest.approx((low, high), abs=0.05)


def test_of_fewer_writers_than_folds_nothing_is_said() -> None:
    """Two people differ from all others as people do, wherever they come from."""
    few, enough = (side(300, 1, shift=5, writers=writers) for writers in (FOLDS - 1, FOLDS))
    assert separation.separation(few, side(300, 2), 0) is None
    assert separation.separation(side(300, 2), few, 0) is None
    assert separated(enough, side(300, 2), 0).low > 0.9


def test_sides_without_a_common_label_are_not_compared() -> None:
    ours, theirs = side(50, 1, labels=1), side(50, 2)
    none = np.flatnonzero(theirs.labels != 0)
    lacking = Side(theirs.features[none], theirs.labels[none], [theirs.groups[int(place)] for place in none])
    assert separation.separation(ours, lacking, 0) is None


def test_principal_components_are_the_directions_in_which_pixels_vary_most() -> None:
    generator = np.random.default_rng(0)
    pixels = generator.normal(size=(300, 60)) * np.linspace(9, 0.1, 60)
    found = separation.principal_components(pixels)
    expected = np.linalg.svd(pixels - pixels.mean(axis=0), compute_uv=False)[: separation.COMPONENTS]
    np.testing.assert_allclose(np.sqrt((found**2).sum(axis=0)), expected)
