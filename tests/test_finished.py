from pathlib import Path
from typing import Any

import pytest

from pipeline import finished
from pipeline.errors import BadInputError
from tests import run_files


def test_a_run_is_read_from_its_files(tmp_path: Path) -> None:
    run = finished.load(run_files.left(tmp_path))
    assert (run.train.architecture, run.train.recipe.name, run.train.recipe.epochs) == ("lenet5", "report+changes", 3)
    assert run.timing.digits_seen == 10_000
    assert run.trained_on == {"mnist", "ptddigits"}
    assert run.simulated == set()
    assert set(run.scores) == {"mnist", "ptddigits"}
    assert len(run.curves) == 5


def test_a_run_of_collections_alone_and_one_of_mnist_alone_are_each_of_one_training(tmp_path: Path) -> None:
    errors = {"n": 700, "errors": 9}
    for sources in ({"mnist": errors}, {"ptddigits": errors, "handwriting": errors}):
        run = finished.load(run_files.left(tmp_path, out_of_fold={"sources": sources}))
        assert set(run.unseen.sources) == set(sources)


def test_a_source_without_train_digits_was_not_trained_on(tmp_path: Path) -> None:
    digits = {"mnist": {"train": 5, "test": 1}, "ptddigits": {"train": 0, "test": 498}}
    for asked in (["mnist"], ["mnist", "ptddigits"]):
        run = finished.load(run_files.left(tmp_path, merge={"digits": digits}, params_merge={"train_sources": asked}))
        assert run.trained_on == {"mnist"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"train": {"recipe": None}},
            "train.json: `recipe`: expected what this version's .*, got none",
        ),
        ({"train": {"recipe": {"name": "ours"}}}, "train.json: `recipe.epochs`: .*got none"),
        ({"timing": {"processor_seconds": None}}, "timing.json: `processor_seconds`: .*got none"),
        ({"timing": {"digits_seen": "many"}}, "timing.json: `digits_seen`: .*got 'many'"),
        ({"timing": {"fold": {"0": {}, "1": {}}}}, "timing.json: `fold.0.processor_seconds`: .*got none"),
        ({"evaluate": {"mnist": {"n": 3}}}, "evaluate.json: `mnist.errors`: .*got none"),
        ({"train": {"out_of_fold": None}}, "train.json: `out_of_fold`: .*got none"),
        ({"out_of_fold": {"sources": {"mnist": {"n": 700}}}}, "out_of_fold.json: `sources.mnist.errors`: .*got none"),
        (
            {"train": {"out_of_fold": {"n": 700, "errors": 10}}},
            "out_of_fold.json: expected 10 errors in 700 train digits as in .*train.json, got 9 in 700: two runs are",
        ),
        ({"train": {"out_of_fold": {"n": 1700, "errors": 9}}}, "expected 9 errors in 1,700 .*, got 9 in 700: two runs"),
        ({"train": {"architecture": "mlp"}}, "train.json: expected lenet5 as in .*params.yaml, got mlp: two runs"),
        ({"train": {"seed": 7}}, "train.json: expected seed 0 as in .*params.yaml, got 7: two runs"),
        ({"params_train": {"recipe": "ours"}}, "expected name ours.changes as in .*, got report.changes: two runs"),
        ({"train": {"fold": {"0": {}}}}, "timing.json: expected folds 0 as in .*, got 0, 1: two runs are mixed"),
        ({"params_merge": {"train_sources": ["mnist"]}}, "merge.json: expected train digits of mnist, got mnist, ptd"),
    ],
)
def test_what_is_missing_or_of_another_run_is_told_in_one_line(
    changes: dict[str, dict[str, Any]], told: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInputError, match=told) as caught:
        finished.load(run_files.left(tmp_path, **changes))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("train.json", None, "train.json: expected a metrics file .JSON., got: No such file"),
        ("timing.json", "{", "timing.json: expected a metrics file .JSON., got: "),
        ("curves.csv", None, "curves.csv: expected the curves .CSV., got: No such file"),
        ("curves.csv", "fold,epoch\n0,1\n", "curves.csv, line 2, column `train_loss`: expected a number, got None"),
        (
            "curves.csv",
            "fold,epoch,train_loss,validation_loss,validation_accuracy\n0,1,x,1,1\n",
            "line 2, column `train_loss`: expected a number, got 'x'",
        ),
        (
            "curves.csv",
            "fold,epoch,train_loss,validation_loss,validation_accuracy\n1,1,1,1,1\n",
            "curves.csv: expected folds 0, 1 as in .*, got 1",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told(name: str, text: str | None, told: str, tmp_path: Path) -> None:
    files = run_files.left(tmp_path)
    (tmp_path / name).unlink()
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(BadInputError, match=told):
        finished.load(files)
