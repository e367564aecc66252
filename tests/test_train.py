import json
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import torch

from pipeline import digits, train
from pipeline.errors import BadInputError
from pipeline.learning import cross_validation
from pipeline.learning.ensemble import load_ensemble
from pipeline.learning.folds import assign_folds
from pipeline.learning.predict import predict
from pipeline.learning.recipes import recipe_for
from pipeline.learning.training_set import TrainingSet
from pipeline.params import load
from pipeline.reader.normalizations import VERSIONS
from tests.kept import kept_in
from tests.params_file import ROOT
from tests.train_stage import arguments, contents, copies, originals

FOLD = {
    "digits_trained": 1,
    "digits_seen": 10,
    "probabilities": [0],
    "epochs": [1],
    "seconds": 1.0,
    "processor_seconds": 1.0,
}  # as far as metrics look at it


@pytest.fixture(scope="module", autouse=True)
def nothing_kept() -> Iterator[None]:
    """Train whatever is asked for."""
    with kept_in(None):
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, nothing_kept: None) -> dict[str, Path]:  # noqa: ARG001 -- before it
    paths = arguments(tmp_path_factory.mktemp("train"), originals(), copies(originals()))
    train.main(**paths)
    return paths


def test_out_of_fold_has_every_train_original_once_in_table_order(run: dict[str, Path]) -> None:
    table, rows = pq.read_table(run["out_of_fold"]), digits.of_split(originals(), "train")
    assert table.column_names == ["id", "fold", "label", "prediction", *[f"p{digit}" for digit in range(10)]]
    assert table.column("id").to_pylist() == digits.strings(rows, "id")
    assert table.column("label").to_pylist() == digits.labels(rows).tolist()
    probabilities = np.stack([table.column(f"p{digit}").to_numpy() for digit in range(10)], axis=1)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), table.column("prediction").to_numpy())


def test_each_original_is_read_by_the_network_that_never_saw_it(run: dict[str, Path]) -> None:
    table, rows = pq.read_table(run["out_of_fold"]), digits.of_split(originals(), "train")
    folds = table.column("fold").to_numpy()
    np.testing.assert_array_equal(folds, assign_folds(rows, 2, 0))
    for fold, network in enumerate(load_ensemble(run["models"]).networks):
        expected = predict(network, digits.images(rows)[folds == fold])
        np.testing.assert_allclose(table.column("p3").to_numpy()[folds == fold], expected[:, 3], atol=1e-6)


def test_the_model_says_how_its_photos_were_read(run: dict[str, Path]) -> None:
    how = load_ensemble(run["models"]).card.reader
    assert how is not None
    assert how.sheets == load(run["params"]).sheets
    assert how.normalisation == VERSIONS[how.sheets.normalize] == "mnist-1"


def test_metrics_agree_with_the_out_of_fold_table(run: dict[str, Path]) -> None:
    metrics, table = json.loads(run["metrics"].read_text()), pq.read_table(run["out_of_fold"])
    right = table.column("label").to_numpy() == table.column("prediction").to_numpy()
    folds = table.column("fold").to_numpy()
    assert metrics["architecture"] == "mlp"
    assert metrics["parameters"] == 235_146
    assert metrics["out_of_fold"] == {
        "n": 100,
        "errors": int((~right).sum()),
        "accuracy": pytest.approx(right.mean(), abs=1e-6),
    }
    by_fold = [right[folds == fold].mean() for fold in range(2)]
    for fold, accuracy in enumerate(by_fold):
        entry = metrics["fold"][str(fold)]
        assert entry["validation_accuracy"] == pytest.approx(accuracy, abs=1e-6)
        assert entry["digits_validated"] == (folds == fold).sum()
        assert entry["digits_trained"] == (folds != fold).sum()
    assert metrics["validation_accuracy"]["mean"] == pytest.approx(np.mean(by_fold), abs=1e-6)
    assert metrics["validation_accuracy"]["std"] == pytest.approx(abs(by_fold[0] - by_fold[1]) / 2**0.5, abs=1e-6)


def test_timing_counts_the_digits_seen(run: dict[str, Path]) -> None:
    timing = json.loads(run["timing"].read_text())
    trained = json.loads(run["metrics"].read_text())["fold"].values()
    seen = sum(2 * 16 * (fold["digits_trained"] // 16) for fold in trained)
    assert seen / timing["digits_per_second"] == pytest.approx(timing["seconds"], rel=0.01, abs=0.01)  # both rounded
    assert timing["seconds"] >= sum(fold["seconds"] for fold in timing["fold"].values()) - 0.02
    assert timing["digits_seen"] == seen
    assert (timing["device"], timing["workers"], timing["folds_trained_now"]) == ("cpu", 1, 2)
    assert timing["precision"] in ("float32", "bfloat16")


def test_folds_differ_by_their_sample_standard_deviation_and_one_has_none() -> None:
    folds = [SimpleNamespace(**FOLD, fold=number, validation_accuracy=share) for number, share in enumerate((0.9, 0.8))]
    table, settings = pa.table({"label": [1], "prediction": [1]}), load(ROOT / "params.yaml")
    for trained, std in ((folds, round(0.1 / 2**0.5, 6)), (folds[:1], None)):
        training: Any = SimpleNamespace(folds=trained, parameters=1, recipe=recipe_for("mlp", settings.train))
        found = train.accuracies(training, table, settings.model, settings.train)
        assert found["validation_accuracy"]["std"] == std


def test_folds_that_were_trained_before_have_no_speed() -> None:
    for reused in (0, 1):
        training: Any = SimpleNamespace(
            folds=[SimpleNamespace(**FOLD, fold=0)],
            recipe=load(ROOT / "params.yaml").train,
            reused=reused,
            seconds=2.0,
            device="cpu",
            workers=1,
        )
        assert train.durations(training).get("digits_per_second") == (None if reused else 5.0)


def test_curves_have_a_row_per_fold_and_epoch(run: dict[str, Path]) -> None:
    header, *rows = [line.split(",") for line in run["curves"].read_text().splitlines()]
    assert header == ["fold", "epoch", "train_loss", "validation_loss", "validation_accuracy"]
    assert [row[:2] for row in rows] == [["0", "1"], ["0", "2"], ["1", "1"], ["1", "2"]]
    finals = [json.loads(run["metrics"].read_text())["fold"][fold]["validation_accuracy"] for fold in "01"]
    assert [float(rows[1][4]), float(rows[3][4])] == finals


@pytest.mark.slow  # starts worker processes, each of which imports torch
def test_the_same_run_with_more_workers_gives_the_same_bytes(run: dict[str, Path], tmp_path: Path) -> None:
    again = arguments(tmp_path, originals(), copies(originals()), workers=2)
    train.main(**again)
    assert json.loads(again["timing"].read_text())["folds_trained_now"] == 2
    assert list(contents(again)) == [
        "fold-0.safetensors",
        "fold-1.safetensors",
        "model.json",
        "out_of_fold",
        "metrics",
        "curves",
    ]
    assert contents(again) == contents(run)


def test_a_copy_is_in_its_parents_fold() -> None:
    rows, augmented = digits.of_split(originals(), "train"), copies(originals())
    folds = assign_folds(rows, 2, 0)
    shuffled = augmented.take(pa.array(np.random.default_rng(0).permutation(len(augmented))))
    together = TrainingSet.of(rows, shuffled, folds)
    fold_of = dict(zip(digits.strings(rows, "id"), folds.tolist(), strict=True))
    assert together.original.tolist() == [True] * 100 + [False] * 100
    assert together.folds[100:].tolist() == [fold_of[parent] for parent in digits.strings(shuffled, "parent")]


def test_no_copies_at_all_is_fine() -> None:
    rows = digits.of_split(originals(), "train")
    together = TrainingSet.of(rows, copies(originals()).slice(0, 0), assign_folds(rows, 2, 0))
    assert len(together.images) == 100


def test_a_copy_of_no_train_digit_is_one_line(tmp_path: Path) -> None:
    stranger = copies(originals(144)).slice(100)
    with pytest.raises(
        BadInputError, match=r"expected parents among the 100 train digits, got parent [0-9a-f]{16}; run"
    ):
        train.main(**arguments(tmp_path, originals(), stranger, plain_epochs=0))
    assert not (tmp_path / "out").exists()


def test_pixels_of_copies_are_in_memory_once_while_networks_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = arguments(tmp_path, originals(), copies(originals()))
    loaded: dict[Path, weakref.ref[pa.Table]] = {}
    load_table, train_folds = digits.load, cross_validation.train_folds

    def loading(path: Path) -> pa.Table:
        table = load_table(path)
        loaded[path] = weakref.ref(table)
        return table

    def training(*given: Any, **named: Any) -> Any:
        assert loaded[paths["augmented"]]() is None
        return train_folds(*given, **named)

    monkeypatch.setattr(digits, "load", loading)
    monkeypatch.setattr(cross_validation, "train_folds", training)
    train.main(**paths)
    assert paths["augmented"] in loaded


def test_copies_are_not_read_where_no_epoch_shows_them(tmp_path: Path) -> None:
    paths = arguments(tmp_path, originals(), copies(originals()), plain_epochs=2)
    paths["augmented"].unlink()
    train.main(**paths)
    assert paths["metrics"].exists()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"optimizer": "sgd", "learning_rate": 9.0, "weight_decay": 9.0, "epochs": 20}, "train.learning_rate: with 9"),
        ({"folds": 99}, "99 folds need at least 99 writers, got 92"),
    ],
)
def test_a_run_that_fails_leaves_what_was_there(changes: dict[str, Any], complaint: str, tmp_path: Path) -> None:
    paths = arguments(tmp_path, originals(), copies(originals()), **changes)
    (paths["models"]).mkdir(parents=True)
    (paths["models"] / "model.json").write_text("before")
    with pytest.raises(BadInputError, match=complaint):
        train.main(**paths)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["models"]
    assert [path.read_text() for path in paths["models"].iterdir()] == ["before"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"folds": 1}, r"`train\.folds`: expected .*, got 1"),
        ({"run_folds": 3}, r"train\.run_folds: expected at most train\.folds, 2, got 3; lower it"),
        ({"recipe": "report"}, r"train\.recipe: expected `ours` for mlp, which has no report"),
        ({"precision": "bfloat16"}, r"train\.precision: expected float32"),
    ],
)
def test_bad_parameters_stop_before_the_digits_are_read(
    changes: dict[str, Any], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    paths = arguments(tmp_path, originals(), copies(originals()), **changes)
    paths["digits"].unlink()
    with pytest.raises(BadInputError, match=complaint):
        train.main(**paths)


def test_run_folds_trains_the_first_folds_alone_as_they_are_among_all(run: dict[str, Path], tmp_path: Path) -> None:
    quick = arguments(tmp_path, originals(), copies(originals()), run_folds=1)
    train.main(**quick)
    assert sorted(path.name for path in quick["models"].iterdir()) == ["fold-0.safetensors", "model.json"]
    assert contents(quick)["fold-0.safetensors"] == contents(run)["fold-0.safetensors"]
    table, full = pq.read_table(quick["out_of_fold"]), pq.read_table(run["out_of_fold"])
    assert table.equals(full.filter(pc.equal(full.column("fold"), 0)))
    metrics = json.loads(quick["metrics"].read_text())
    assert list(metrics["fold"]) == ["0"]
    assert metrics["validation_accuracy"]["std"] is None
    assert metrics["out_of_fold"]["n"] == len(table)
    assert len(quick["curves"].read_text().splitlines()) == 1 + 2


@pytest.mark.slow
def test_metrics_tell_the_recipe_that_was_used_and_the_last_epochs_accuracy(tmp_path: Path) -> None:
    """At this rate the best epoch is not the last one."""
    wanted: dict[str, Any] = {
        "schedule": "plateau",
        "learning_rate": 0.3,
        "epochs": 8,
        "optimizer": "adam",
        "precision": "float32",
    }
    paths = arguments(tmp_path, originals(), copies(originals()), **wanted)
    train.main(**paths)
    metrics = json.loads(paths["metrics"].read_text())
    assert metrics["recipe"]["name"] == "ours+changes"
    assert metrics["recipe"] | wanted == metrics["recipe"]
    rows = [line.split(",") for line in paths["curves"].read_text().splitlines()[1:]]
    for fold, told in metrics["fold"].items():
        its = [row for row in rows if row[0] == fold]
        assert told["epochs"] == len(its)
        assert told["validation_accuracy"] == float(its[-1][4])
    losses = {fold: [float(row[3]) for row in rows if row[0] == fold] for fold in metrics["fold"]}
    assert any(min(its) < its[-1] for its in losses.values())
