import itertools
import shlex
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.hydra import apply_overrides  # type: ignore[import-untyped]  # DVC has no type information
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import BadInputError
from pipeline.learning.grid import Row, row_of, rows_of
from pipeline.params import Params, load
from tests import params_file
from tests.params_file import ROOT

REPOSITORY = load(ROOT / "params.yaml")
VALUES: dict[str, list[Any]] = {
    "model.activation": ["relu", "tanh", "sigmoid"],
    "train.learning_rate": [0.1, 0.003, 1e-05],
    "train.batch_size": [2, 16, 640],
    "train.epochs": ["auto", 7],
    "train.seed": [0, 1, 2**32 - 1],
}
FIXED = {"model.arch": "lenet5", "train.recipe": "report"}


def swept(grid: dict[str, Any], fixed: dict[str, Any]) -> Params:
    frozen = {key: tuple(values) for key, values in grid.items()}
    return Params.model_validate({**REPOSITORY.model_dump(), "sweep": {"grid": frozen, "fixed": fixed}})


def rows(grid: dict[str, Any], fixed: dict[str, Any]) -> list[Row]:
    return rows_of(swept(grid, fixed), Path("params.yaml"))


def test_the_repositorys_sweep_is_the_reports_81_rows() -> None:
    found = rows_of(REPOSITORY, ROOT / "params.yaml")
    assert [row.number for row in found] == list(range(1, 82))
    tried = {
        (r.params.model.activation, r.recipe.learning_rate, r.recipe.optimizer, r.recipe.batch_size) for r in found
    }
    assert tried == set(
        itertools.product(("relu", "tanh", "sigmoid"), (0.01, 0.001, 0.0001), ("adam", "sgd", "rmsprop"), (16, 32, 64))
    )
    for row in found:
        assert row.params.model.arch == "lenet5"
        assert (row.recipe.epochs, row.recipe.plain_epochs, row.recipe.run_folds) == (3, 3, 1)
        assert row.recipe.schedule == "constant"


@given(st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(1, 3), min_size=1))
def test_every_combination_comes_once(sizes: dict[str, int]) -> None:
    grid = {key: VALUES[key][:size] for key, size in sizes.items()}
    found = rows(grid, FIXED)
    expected = set(itertools.product(*grid.values()))
    assert {tuple(row.values.values()) for row in found} == expected
    assert len(found) == len(expected)
    for row in found:
        sections = {"model": row.params.model, "train": row.params.train}
        for key, value in {**FIXED, **row.values}.items():
            section, name = key.split(".")
            assert getattr(sections[section], name) == value


@pytest.mark.slow
def test_the_command_makes_dvc_write_the_rows_parameters(tmp_path: Path) -> None:
    grid = {"train.learning_rate": [0.5, 1e-05], "model.activation": ["tanh"], "train.epochs": ["auto", 2]}
    path = params_file.written(tmp_path)
    for row in rows(grid, FIXED):
        words = shlex.split(row.command)
        assert words[:3] == ["dvc", "exp", "run"]
        assert set(words[3::2]) == {"-S"}
        apply_overrides(path, words[4::2])
        found = load(path)
        assert (found.model, found.train) == (row.params.model, row.params.train)
        params_file.written(tmp_path)


@pytest.mark.parametrize(
    ("grid", "fixed", "told"),
    [
        ({"train.seed": [1]}, {"train.seed": 2}, "expected train.seed in grid or in fixed, got it in both"),
        ({"train.device": ["cpu", "cuda"]}, {}, "expected one for all rows"),
        ({"train.epochs": [1, 2, 1]}, {}, r"`sweep.grid.train.epochs`: expected each value once, got \[1, 2, 1\]"),
        (
            {"train.seed": [0, 1], "train.batch_size": [16, 1]},
            {},
            r"row 2 of the sweep \(train.seed=0, train.batch_size=1\): .*`train.batch_size`: expected .* got 1",
        ),
        (
            {"model.activation": ["relu", "tanh"]},
            {"model.arch": "mlp"},
            r"row 2 .*`model.activation`: expected 'relu' with model.arch mlp",
        ),
        ({"train.optimizer": ["adma"]}, {}, r"row 1 .*did you mean `adam`\?"),
        ({"model.arch": ["lenet5", "mlp"]}, {"train.recipe": "report"}, r"row 2 .*for mlp, which has no report"),
    ],
)
def test_rows_that_cannot_be_are_refused(grid: dict[str, Any], fixed: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInputError, match=told):
        rows(grid, fixed)


@pytest.mark.parametrize(
    ("sweep", "told"),
    [
        ({"grid": {"train.learnig_rate": [1]}}, "did you mean `train.learning_rate`?"),
        ({"grid": {"augment.copies": [1]}}, "expected a parameter of model or train"),
        ({"fixed": {"train.epoch": 1}}, "did you mean `train.epochs`?"),
        ({"grid": {"train.epochs": []}}, "`sweep.grid.train.epochs`: expected "),
        ({"grid": {"train.epochs": 3}}, "`sweep.grid.train.epochs`: expected a list, got 3"),
        ({"grid": {}}, "`sweep.grid`: expected "),
    ],
)
def test_a_bad_sweep_section_is_told(sweep: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError) as caught:
        load(params_file.written(tmp_path, sweep=sweep))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("number", [0, -1, 5])
def test_a_row_that_is_not_there_is_told(number: int) -> None:
    found = rows({"train.seed": [0, 1, 2, 3]}, {})
    assert row_of(found, 4).values == {"train.seed": 3}
    with pytest.raises(BadInputError, match=rf"expected 1 to 4, .* got {number}"):
        row_of(found, number)
