import csv
import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from pipeline import cli, digits, store, sweep, train
from pipeline.errors import BadInputError
from pipeline.factors import Outcome
from pipeline.learning import trial
from pipeline.learning.folds import assign_folds
from pipeline.learning.grid import rows_of
from pipeline.learning.kept import KeptTask, train_and_keep
from pipeline.learning.trained import TrainedFold
from pipeline.learning.trial import DIVERGED, Score
from pipeline.parallel import Report
from pipeline.params import load
from tests import train_stage
from tests.params_file import ROOT

GRID: dict[str, Any] = {"train.learning_rate": [0.001, 0.01], "train.batch_size": [8, 16]}
FIXED = {"model.arch": "mlp", "train.epochs": 2, "train.plain_epochs": 2, "train.folds": 2, "train.run_folds": 1}

# `mnist-cn` with the words after it, killed together with its workers as soon as the first row is written.
KILLED = """
import os, signal
from pipeline import cli, sweep

write = sweep.write_text

def write_and_die(path, text):
    write(path, text)
    os.killpg(0, signal.SIGKILL)

sweep.write_text = write_and_die
cli.main()
"""


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    use_cache(monkeypatch, tmp_path / "kept")
    yield
    store.store.cache_clear()


def use_cache(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv(store.PLACE, str(folder))
    store.store.cache_clear()


def project(
    folder: Path, grid: dict[str, Any], fixed: dict[str, Any] | None = None, workers: int = 1
) -> dict[str, Any]:
    """Write digits and parameters into a folder; what `sweep.sweep` takes."""
    yaml = YAML()
    settings = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    settings["sweep"] = {
        "grid": grid,
        "fixed": {key: value for key, value in FIXED.items() if key not in grid} | (fixed or {}),
    }
    settings["parallel"]["workers"] = workers
    settings["train"]["device"] = "cpu"
    folder.mkdir(exist_ok=True)
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(settings, file)
    if not (folder / "digits.parquet").exists():
        digits.save(train_stage.originals(), folder / "digits.parquet")
    files = {"params": "params.yaml", "digits": "digits.parquet", "augmented": "augmented.parquet"}
    return {name: folder / path for name, path in {**files, "table": "out/sweep.csv", "pictures": "out/sweep"}.items()}


def lines_of(paths: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(paths["table"].read_text().splitlines()))


def counted(monkeypatch: pytest.MonkeyPatch) -> list[KeptTask]:
    """Note every network that is trained from now on."""
    noted: list[KeptTask] = []

    def noting(together: Sequence[KeptTask], report: Report) -> list[TrainedFold]:
        noted.extend(together)
        return train_and_keep(together, report)

    monkeypatch.setattr(trial, "train_and_keep", noting)
    return noted


@pytest.mark.slow
def test_each_row_is_what_the_train_stage_makes_of_its_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = project(tmp_path / "a", GRID)
    sweep.sweep(**paths)
    lines = lines_of(paths)
    assert [(line["train.learning_rate"], line["train.batch_size"]) for line in lines] == [
        ("0.001", "8"),
        ("0.001", "16"),
        ("0.01", "8"),
        ("0.01", "16"),
    ]
    capsys.readouterr()
    sweep.sweep(row=3, **paths)
    stated = dict(word.split("=") for word in shlex.split(capsys.readouterr().out)[4::2])
    assert stated.keys() == {*GRID, *FIXED}
    use_cache(monkeypatch, tmp_path / "other")  # trained again
    changes = {
        key.removeprefix("train."): YAML(typ="safe").load(value) for key, value in stated.items() if "train" in key
    }
    stage = train_stage.arguments(
        tmp_path / "b", train_stage.originals(), train_stage.copies(train_stage.originals()), **changes
    )
    train.main(**stage)
    fold = json.loads(stage["metrics"].read_text())["fold"]["0"]
    assert float(lines[2]["validation_accuracy"]) == fold["validation_accuracy"]
    assert int(lines[2]["digits_validated"]) == fold["digits_validated"]
    last = stage["curves"].read_text().splitlines()[-1].split(",")
    assert lines[2]["validation_loss"] == last[3]


@pytest.mark.slow
def test_no_test_digit_takes_part(tmp_path: Path) -> None:
    paths = project(tmp_path, {"train.seed": [0, 1]})
    sweep.sweep(**paths)
    rows = len(digits.of_split(train_stage.originals(), "train"))
    assert rows < len(train_stage.originals())
    assert [int(line["digits_trained"]) + int(line["digits_validated"]) for line in lines_of(paths)] == [rows, rows]


@pytest.mark.slow
def test_nothing_is_trained_twice_and_a_stopped_sweep_ends_as_if_never_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = project(tmp_path / "a", GRID)
    noted = counted(monkeypatch)
    sweep.sweep(**paths)
    assert len(noted) == 4
    whole = {path.name: path.read_bytes() for path in [paths["table"], *paths["pictures"].iterdir()]}
    assert set(whole) == {"sweep.csv", "bars.png", "factors.png"}
    use_cache(monkeypatch, tmp_path / "other")
    stopped = project(tmp_path / "b", GRID | {"train.batch_size": [16]})
    sweep.sweep(**stopped)
    assert len(noted) == 6
    capsys.readouterr()
    stopped = project(tmp_path / "b", GRID)
    sweep.sweep(**stopped)
    assert len(noted) == 8
    assert "4 rows, 4 networks: 2 trained before, 2 to train" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in [stopped["table"], *stopped["pictures"].iterdir()]} == whole


@pytest.mark.slow
def test_folds_that_the_train_stage_trains_in_the_same_steps_are_its_own_in_a_sweep_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trained one by one, their last bits would be others."""
    paths = project(tmp_path / "a", {"train.run_folds": [1, 2]}, {"model.arch": "lenet5"})
    trained = counted(monkeypatch)
    sweep.sweep(**paths)
    alone, both = lines_of(paths)
    assert [kept.task.beside for kept in trained] == [(), (1,), (0,)]
    use_cache(monkeypatch, tmp_path / "other")
    originals = train_stage.originals()
    for run_folds, line in ((1, alone), (2, both)):
        changes = {"epochs": 2, "plain_epochs": 2, "batch_size": 64, "run_folds": run_folds}
        stage = train_stage.arguments(
            tmp_path / f"b{run_folds}", originals, train_stage.copies(originals), arch="lenet5", **changes
        )
        train.main(**stage)
        last = [row.split(",") for row in stage["curves"].read_text().splitlines() if row.split(",")[1] == "2"]
        loss = np.mean([float(row[3]) for row in last])
        assert float(line["validation_loss"]) == pytest.approx(loss, abs=2e-6)  # both are rounded


@pytest.mark.slow
def test_where_one_of_the_folds_of_the_same_steps_is_damaged_a_sweep_trains_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = project(tmp_path, {"train.batch_size": [8, 16]}, {"model.arch": "lenet5", "train.run_folds": 2})
    trained = counted(monkeypatch)
    sweep.sweep(**paths)
    before, place = lines_of(paths), store.store()
    assert place is not None
    place.put(trained[1].key, b"damaged")
    sweep.sweep(**paths)
    assert [kept.key for kept in trained[4:]] == [kept.key for kept in trained[:2]]
    assert [line["validation_loss"] for line in lines_of(paths)] == [line["validation_loss"] for line in before]


@pytest.mark.slow
def test_a_stop_in_the_middle_leaves_a_table_of_what_is_done_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = project(tmp_path, GRID)
    left = [2]

    def two_only(together: Sequence[KeptTask], report: Report) -> list[TrainedFold]:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return train_and_keep(together, report)

    monkeypatch.setattr(trial, "train_and_keep", two_only)
    with pytest.raises(KeyboardInterrupt):
        sweep.sweep(**paths)
    assert "the same command goes on" in capsys.readouterr().out
    begun = paths["table"].read_text()
    assert [line["row"] for line in lines_of(paths)] == ["1", "2"]
    monkeypatch.setattr(trial, "train_and_keep", train_and_keep)
    sweep.sweep(**paths)
    assert paths["table"].read_text().startswith(begun)
    assert len(lines_of(paths)) == 4


@pytest.mark.slow
@pytest.mark.parametrize(("arch", "folds"), [("mlp", 1), ("lenet5", 2)])
def test_a_row_that_diverges_is_recorded_and_stops_nothing(
    arch: str, folds: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wild = {"train.optimizer": "sgd", "train.weight_decay": 9.0, "train.epochs": 20, "train.plain_epochs": 20}
    chosen = {"model.arch": arch, "train.run_folds": folds}
    paths = project(tmp_path, {"train.learning_rate": [9.0, 0.0001]}, wild | chosen)
    noted = counted(monkeypatch)
    sweep.sweep(**paths)
    lines = lines_of(paths)
    assert [line["status"] for line in lines] == ["diverged", "trained"]
    assert (lines[0]["validation_accuracy"], lines[0]["epochs"]) == ("", "")
    before = paths["table"].read_bytes()
    sweep.sweep(**paths)
    assert len(noted) == 2 * folds
    assert paths["table"].read_bytes() == before


@pytest.mark.slow
def test_where_every_row_diverged_none_is_called_the_best(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wild = {"train.optimizer": "sgd", "train.weight_decay": 9.0, "train.epochs": 20, "train.plain_epochs": 20}
    sweep.sweep(**project(tmp_path, {"train.learning_rate": [9.0]}, wild))
    printed = capsys.readouterr().out
    assert "no row was trained to its end" in " ".join(printed.split())
    assert "the best, again" not in printed


FOLD = Score(0.5, 2.0, 10, 4, 3, 1.5)


def test_a_row_has_the_mean_of_its_folds_and_what_all_of_them_cost(tmp_path: Path) -> None:
    params = project(tmp_path, {"train.seed": [3]})["params"]
    (row,) = rows_of(load(params), params)
    found = sweep.outcome_of(row, [FOLD, Score(1.0, 1.0, 20, 5, 4, 2.0)])
    assert found == Outcome(1, {"train.seed": 3}, 0.75, 1.5, 2, 15.0, 9, 3.5, 3.5)
    one_diverged = sweep.outcome_of(row, [FOLD, DIVERGED])
    assert (one_diverged.accuracy, one_diverged.loss) == (None, None)


@pytest.mark.slow
def test_several_folds_are_one_row_and_shared_ones_are_trained_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = project(tmp_path, {"train.run_folds": [1, 2]})
    noted = counted(monkeypatch)
    sweep.sweep(**paths)
    assert [kept.task.fold for kept in noted] == [0, 1]
    one, both = lines_of(paths)
    assert (one["folds"], both["folds"]) == ("1", "2")
    assert int(both["digits_validated"]) == len(digits.of_split(train_stage.originals(), "train"))


@pytest.mark.slow
def test_copies_are_read_where_a_recipe_shows_them(tmp_path: Path) -> None:
    grid: dict[str, Any] = {"train.plain_epochs": [2, 0]}
    paths = project(tmp_path, grid)
    with pytest.raises(BadInputError, match=r"augmented\.parquet"):
        sweep.sweep(**paths)
    digits.save(train_stage.copies(train_stage.originals()), paths["augmented"])
    sweep.sweep(**paths)
    plain, shown = lines_of(paths)
    assert plain["validation_loss"] != shown["validation_loss"]


def test_rows_share_their_pixels_and_where_they_can_their_folds(tmp_path: Path) -> None:
    paths = project(tmp_path, {"train.seed": [0, 1], "train.epochs": [2, 3]}, {"train.plain_epochs": 2})
    digits.save(train_stage.copies(train_stage.originals()), paths["augmented"])
    rows = rows_of(load(paths["params"]), paths["params"])
    tasks, _ = sweep.tasks_of(rows, paths["digits"], paths["augmented"])
    sets = [groups[0][0].task.digits for groups in tasks]
    plain, shown, *others = sets
    assert [len(one.images) for one in sets] == [100, 200, 100, 200]
    for one, other in zip((plain, shown), others, strict=True):
        assert one.images is other.images
        assert one.folds.tolist() != other.folds.tolist()
    originals = digits.of_split(train_stage.originals(), "train")
    for seed, one in enumerate(sets[1::2]):
        assert one.folds.tolist() == np.tile(assign_folds(originals, 2, seed), 2).tolist()


@pytest.mark.parametrize(
    ("grid", "told"),
    [
        ({"train.batch_size": [16, 1]}, "row 2 of the sweep"),
        ({"train.bach_size": [16]}, "did you mean `train.batch_size`"),
    ],
)
def test_bad_values_stop_the_sweep_before_the_digits_are_read(grid: dict[str, Any], told: str, tmp_path: Path) -> None:
    paths = project(tmp_path, grid)
    paths["digits"].unlink()
    with pytest.raises(BadInputError, match=told):
        sweep.sweep(**paths)
    assert not (tmp_path / "out").exists()


def test_a_rows_command_is_printed_without_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = project(tmp_path, GRID)
    paths["digits"].unlink()
    monkeypatch.setattr(sys, "argv", ["mnist-cn", "sweep", "--row", "2", "--params", str(paths["params"])])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert not caught.value.code
    found = capsys.readouterr().out.split(" -S ")
    assert found[0] == "dvc exp run"
    assert found[-2:] == ["train.learning_rate=0.001", "train.batch_size=16\n"]


@pytest.mark.slow  # starts worker processes, each of which imports torch
def test_the_number_of_workers_changes_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for workers in (1, 2):
        use_cache(monkeypatch, tmp_path / f"kept-{workers}")
        paths = project(tmp_path / str(workers), GRID, workers=workers)
        sweep.sweep(**paths)
        found.append([path.read_bytes() for path in (paths["table"], *sorted(paths["pictures"].iterdir()))])
    assert found[0] == found[1]


@pytest.mark.slow  # starts worker processes, each of which imports torch
def test_a_killed_sweep_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {"train.seed": list(range(6))}
    paths = project(tmp_path / "killed", grid, workers=2)
    words = ["sweep", *(part for name, path in paths.items() for part in (f"--{name}", str(path)))]
    dying = [sys.executable, "-c", KILLED, *words]
    killed = subprocess.run(dying, cwd=ROOT, check=False, capture_output=True, start_new_session=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(lines_of(paths)) == 1
    again = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *words], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert int(again.partition(" trained before")[0].split()[-1]) >= 1
    use_cache(monkeypatch, tmp_path / "other")
    whole = project(tmp_path / "whole", grid)
    sweep.sweep(**whole)
    assert paths["table"].read_bytes() == whole["table"].read_bytes()
