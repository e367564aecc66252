from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.learning.training_set import TrainingSet


def made(folds: list[int], copies: list[int], seed: int = 0) -> TrainingSet:
    """Digits in these folds with so many copies each, all rows in a random order."""
    parents = np.concatenate([np.arange(len(folds)), np.repeat(np.arange(len(folds)), copies)])
    order = np.random.default_rng(seed).permutation(len(parents))
    at = np.argsort(order)  # where each row has gone
    count = len(parents)
    images = np.zeros((count, 28, 28), np.uint8)
    labels = (parents[order] % 10).astype(np.uint8)
    return TrainingSet(images, labels, np.array(folds, np.int8)[parents[order]], at[parents[order]])


FOLDS = st.lists(st.integers(0, 2), min_size=1, max_size=30)


@st.composite
def sets(draw: st.DrawFn) -> TrainingSet:
    """Any set: some digits without copies, some with few, some with many."""
    folds = draw(FOLDS)
    copies = draw(st.lists(st.integers(0, 5), min_size=len(folds), max_size=len(folds)))
    return made(folds, copies, draw(st.integers(0, 99)))


@given(FOLDS, st.integers(1, 4), st.integers(0, 2), st.integers(0, 99))
def test_each_epoch_shows_every_digit_of_the_other_folds_once_where_all_have_as_many_copies(
    folds: list[int], copies: int, fold: int, seed: int
) -> None:
    digits = made(folds, [copies] * len(folds), seed)
    assert digits.rounds == copies
    for epoch in range(2 * copies):
        shown = digits.shown(fold, epoch)
        assert not digits.original[shown].any()
        assert sorted(digits.parents[shown]) == sorted(digits.plain(fold))


@given(FOLDS, st.integers(1, 3), st.data(), st.integers(0, 2))
def test_a_digit_with_twice_as_many_copies_is_shown_twice(
    folds: list[int], copies: int, data: st.DataObject, fold: int
) -> None:
    doubled = data.draw(st.lists(st.booleans(), min_size=len(folds) - 1, max_size=len(folds) - 1))
    times = [1, *[1 + more for more in doubled]]  # one at least has no more: it decides the rounds
    digits = made(folds, [copies * more for more in times])
    originals = np.flatnonzero(digits.original)
    counts = np.bincount(digits.parents, minlength=len(digits.parents)) - 1
    for epoch in range(copies):
        seen = np.bincount(digits.parents[digits.shown(fold, epoch)], minlength=len(digits.parents))
        for row in originals:
            assert seen[row] == (0 if digits.folds[row] == fold else counts[row] // copies)


@given(sets(), st.integers(0, 2))
def test_a_round_of_epochs_shows_every_copy_once_and_every_digit_in_each_epoch(digits: TrainingSet, fold: int) -> None:
    epochs = [digits.shown(fold, epoch) for epoch in range(max(digits.rounds, 1))]
    for shown in epochs:
        assert set(digits.parents[shown]) == set(digits.plain(fold))
    together = np.concatenate(epochs)
    copies = together[~digits.original[together]]
    assert sorted(copies) == np.flatnonzero(~digits.original & (digits.folds != fold)).tolist()


@given(sets(), st.integers(0, 2), st.integers(0, 9))
def test_a_digit_without_copies_is_shown_as_it_is(digits: TrainingSet, fold: int, epoch: int) -> None:
    bare = np.bincount(digits.parents, minlength=len(digits.parents)) == 1
    shown = digits.shown(fold, epoch)
    expected = bare & digits.original & (digits.folds != fold)
    assert sorted(shown[digits.original[shown]]) == np.flatnonzero(expected).tolist()


@given(sets(), st.integers(0, 2), st.integers(0, 9))
def test_rounds_cycle(digits: TrainingSet, fold: int, epoch: int) -> None:
    np.testing.assert_array_equal(digits.shown(fold, epoch), digits.shown(fold, epoch + digits.rounds))


@given(sets(), st.integers(0, 2), st.integers(0, 9))
def test_nothing_of_the_held_fold_and_no_copy_of_it_is_shown(digits: TrainingSet, fold: int, epoch: int) -> None:
    held = digits.held(fold)
    assert digits.original[held].all()
    assert (digits.folds[held] == fold).all()
    assert len(held) + len(digits.plain(fold)) == digits.original.sum()
    for rows in (digits.shown(fold, epoch), digits.plain(fold)):
        assert not np.isin(digits.parents[rows], held).any()


@given(sets(), st.integers(0, 2))
def test_plain_epochs_show_each_original_of_the_other_folds_once(digits: TrainingSet, fold: int) -> None:
    plain = digits.plain(fold)
    assert plain.tolist() == np.flatnonzero(digits.original & (digits.folds != fold)).tolist()


def test_without_any_copy_all_epochs_are_plain() -> None:
    digits = made([0, 0, 1, 1], [0] * 4)
    assert digits.rounds == 0
    np.testing.assert_array_equal(digits.shown(0, 5), digits.plain(0))


def test_a_changed_pixel_label_fold_or_parent_is_another_digest() -> None:
    digits = made([0, 0, 1, 1], [1] * 4)
    images, labels, folds, parents = digits.images.copy(), digits.labels.copy(), digits.folds.copy(), digits.parents
    images[-1, -1, -1] += 1
    labels[2] += 1
    folds[3] += 1
    changed = [
        digits,
        replace(digits, images=images),
        replace(digits, labels=labels),
        replace(digits, folds=folds),
        replace(digits, parents=parents[::-1]),
    ]
    assert len({one.digest() for one in changed}) == len(changed)
    assert made([0, 0, 1, 1], [1] * 4).digest() == digits.digest()
