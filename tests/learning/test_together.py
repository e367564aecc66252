from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.learning.architectures import ARCHITECTURES
from pipeline.learning.recipes import OURS, Recipe, recipe_named
from pipeline.learning.together import groups, tasks_of
from pipeline.params import Model
from tests.learning.bars import DIGITS

LENET5 = Model(arch="lenet5", activation="relu")


def recipe(folds: int, **changes: str) -> Recipe:
    return replace(OURS, folds=folds, run_folds=folds, precision="float32", **changes)  # type: ignore[arg-type]  # any


@pytest.mark.parametrize("arch", list(ARCHITECTURES))
@pytest.mark.parametrize("device", ["cpu", "cuda"])
@given(folds=st.integers(1, 20))
def test_every_fold_is_trained_once_in_order_and_none_alone_that_gains_by_another(
    arch: str, device: str, folds: int
) -> None:
    model = Model.model_validate({"arch": arch, "activation": "relu"})
    found = groups([800] * folds, model, recipe(folds), device)
    assert [fold for group in found for fold in group] == list(range(folds))
    sizes = {len(group) for group in found}
    if not ARCHITECTURES[arch].together:
        assert sizes == {1}
    elif device == "cuda":
        assert sizes == {folds}
    elif folds > 1:
        assert sizes <= {2, 3}


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_folds_whose_rates_follow_their_own_losses_train_one_by_one(device: str) -> None:
    assert groups([800] * 4, LENET5, recipe(4, schedule="plateau"), device) == [[0], [1], [2], [3]]


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize(("sizes", "alone"), [([792, 800, 800], False), ([791, 800, 800], True), ([800, 800, 4], True)])
def test_folds_that_would_leave_out_a_hundredth_of_their_digits_train_one_by_one(
    sizes: list[int], alone: bool, device: str
) -> None:
    assert groups(sizes, LENET5, recipe(3), device) == ([[0], [1], [2]] if alone else [[0, 1, 2]])


def test_a_fold_with_many_digits_of_one_writer_is_not_what_all_others_are_cut_down_to() -> None:
    """Fold 0 validates two thirds of all digits and trains on a third; the others train on nearly all."""
    folds = np.where(np.arange(160) < 107, 0, np.arange(160) % 4 + 1)
    digits = replace(DIGITS, folds=np.tile(folds, 2).astype(np.int8))
    assert [len(group) for group in tasks_of(digits, LENET5, recipe(5), 0, "cpu")] == [1] * 5


def test_a_task_names_the_others_of_its_steps() -> None:
    digits = replace(DIGITS, folds=np.tile(np.arange(160) % 5, 2).astype(np.int8))
    tasks = tasks_of(digits, LENET5, recipe(5), 7, "cpu")
    assert [[(task.fold, task.beside) for task in group] for group in tasks] == [
        [(0, (1, 2)), (1, (0, 2)), (2, (0, 1))],
        [(3, (4,)), (4, (3,))],
    ]
    assert {task.seed for group in tasks for task in group} == {7}


def test_a_report_that_trained_one_network_trains_it_by_itself() -> None:
    assert groups([800], LENET5, recipe_named("lenet5", "report"), "cpu") == [[0]]
