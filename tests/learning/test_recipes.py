from dataclasses import asdict, fields
from typing import Any, get_args

import pytest

from pipeline import params
from pipeline.errors import BadInputError
from pipeline.learning.recipes import OURS, REPORTS, Recipe, recipe_for, recipe_name
from tests.params_file import ROOT

AUTO = params.load(ROOT / "params.yaml").train
# Each key with a value that no recipe has.
OTHERS: dict[str, Any] = {
    "folds": 7,
    "run_folds": 3,
    "epochs": 33,
    "plain_epochs": 4,
    "batch_size": 48,
    "optimizer": "sgd",
    "learning_rate": 0.02,
    "schedule": "constant",
    "weight_decay": 0.3,
    "label_smoothing": 0.15,
    "precision": "float32",
}


def stated(**changes: Any) -> params.Train:
    return params.Train.model_validate({**AUTO.model_dump(), **changes})


def network(arch: str, activation: str = "relu") -> params.Model:
    return params.Model.model_validate({"arch": arch, "activation": activation})


def test_the_repositorys_parameters_leave_everything_to_the_recipe() -> None:
    assert AUTO.recipe == "ours"
    assert recipe_for("digitnet", AUTO) == OURS
    assert set(OTHERS) == {field.name for field in fields(Recipe)}


@pytest.mark.parametrize(
    ("arch", "epochs", "batch", "folds", "schedule"),
    [
        ("lenet5", 10, 16, (1, 10), "constant"),
        ("simple_cnn", 12, 128, (1, 10), "constant"),
        ("changed_alexnet", 20, 64, (1, 10), "constant"),
        ("alexnet", 30, 32, (1, 10), "plateau"),
        ("inception_alexnet", 30, 32, (1, 10), "plateau"),
        ("digit_recognizer", 10, 64, (5, 5), "constant"),
    ],
)
def test_a_reports_recipe_is_what_the_report_states(
    arch: str, epochs: int, batch: int, folds: tuple[int, int], schedule: str
) -> None:
    found = asdict(recipe_for(arch, stated(recipe="report")))
    assert found.pop("precision") in ("auto", "float32")
    assert found == {
        "run_folds": folds[0],
        "folds": folds[1],
        "epochs": epochs,
        "plain_epochs": epochs,  # no report distorts its digits while training
        "batch_size": batch,
        "optimizer": "adam",
        "learning_rate": 0.001,
        "schedule": schedule,
        "weight_decay": 0.0,
        "label_smoothing": 0.0,
    }


@pytest.mark.parametrize("arch", ["digitnet", "mlp"])
def test_a_network_without_a_report_has_no_report_recipe(arch: str) -> None:
    with pytest.raises(
        BadInputError, match=f"^train.recipe: expected `ours` for {arch}, .* got `report`; these have one: lenet5, "
    ):
        recipe_for(arch, stated(recipe="report"))


def test_every_network_has_our_recipe_and_all_but_two_a_reports() -> None:
    names = get_args(params.Architecture)
    assert set(names) - set(REPORTS) == {"digitnet", "mlp"}
    for name in names:
        found = recipe_for(name, AUTO)
        assert (found.folds, found.run_folds) == (5, 5)
        assert found.epochs > found.plain_epochs > 0


@pytest.mark.parametrize("key", OTHERS)
@pytest.mark.parametrize("recipe", ["ours", "report"])
def test_a_stated_parameter_overrides_either_recipe_and_no_other_key(recipe: str, key: str) -> None:
    arch = "inception_alexnet"
    named = asdict(recipe_for(arch, stated(recipe=recipe)))
    if key == "run_folds":
        named["folds"] = 10
    found = asdict(recipe_for(arch, stated(recipe=recipe, **{"folds": named["folds"], key: OTHERS[key]})))
    follow = {"folds": "run_folds", "epochs": "plain_epochs"}.get(key, "")
    assert named[key] != OTHERS[key]
    assert found.pop(key) == OTHERS[key]
    assert {name: value for name, value in found.items() if name != follow} == {
        name: value for name, value in named.items() if name not in (key, follow)
    }


@pytest.mark.parametrize("recipe", ["ours", "report"])
def test_all_stated_at_once_leave_nothing_of_the_recipe(recipe: str) -> None:
    assert asdict(recipe_for("lenet5", stated(recipe=recipe, **OTHERS))) == OTHERS


@pytest.mark.parametrize(
    ("arch", "recipe", "run"),
    [("digitnet", "ours", 8), ("digit_recognizer", "report", 8), ("lenet5", "report", 1)],
)
def test_stated_folds_are_all_trained_where_the_recipe_trains_all(arch: str, recipe: str, run: int) -> None:
    found = recipe_for(arch, stated(recipe=recipe, folds=8))
    assert (found.folds, found.run_folds) == (8, run)


def test_of_other_epochs_the_same_share_is_plain() -> None:
    assert recipe_for("lenet5", stated(recipe="report", epochs=3)).plain_epochs == 3
    for epochs in (1, 10, 29, 30, 60):
        assert recipe_for("digitnet", stated(epochs=epochs)).plain_epochs == epochs * OURS.plain_epochs // OURS.epochs


def test_more_plain_epochs_than_epochs_are_refused() -> None:
    with pytest.raises(BadInputError, match=r"train.plain_epochs: expected at most train.epochs, 4, got 9; lower it"):
        recipe_for("digitnet", stated(epochs=4, plain_epochs=9))


def test_a_recipe_that_was_changed_says_so() -> None:
    assert recipe_name(network("digitnet"), stated()) == "ours"
    assert recipe_name(network("lenet5"), stated(recipe="report", run_folds=1, precision="float32")) == "report"
    assert recipe_name(network("lenet5"), stated(recipe="report", epochs=3)) == "report+changes"
    assert recipe_name(network("digitnet"), stated(label_smoothing=0.0)) == "ours+changes"
    assert recipe_name(network("lenet5"), stated(recipe="report", folds=5)) == "report+changes"
    assert recipe_name(network("lenet5", "tanh"), stated(recipe="report")) == "report+tanh"
    assert recipe_name(network("lenet5", "sigmoid"), stated(epochs=3)) == "ours+sigmoid+changes"
    assert recipe_name(network("digitnet"), stated(folds=10, run_folds=5)) == "ours+changes"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"run_folds": 6}, "at most train.folds, 5, got 6"),
        ({"folds": 3, "run_folds": 4}, "at most train.folds, 3, got 4"),
        ({"recipe": "report", "run_folds": 11}, "at most train.folds, 10, got 11"),
    ],
)
def test_more_folds_to_train_than_there_are_is_one_line(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInputError, match=rf"^train\.run_folds: expected {told}; lower it$"):
        recipe_for("lenet5", stated(**changes))
