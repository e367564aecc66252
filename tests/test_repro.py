"""The pipeline as users run it: a miniature `dvc repro` on a copy of the checkout."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from pipeline.simulate.photos import write
from tests.miniature import ENVIRONMENT, change, miniature, run_in

pytestmark = pytest.mark.slow

BYTES = [
    "data/sheets.parquet",
    "data/mnist.parquet",
    "data/digits.parquet",
    "data/augmented.parquet",
    "data/out_of_fold.parquet",
    "data/predictions.parquet",
    "metrics/sheets.json",
    "metrics/merge.json",
    "metrics/train.json",
    "metrics/evaluate.json",
    "metrics/out_of_fold.json",
    "metrics/robustness.json",
    "metrics/domain_gap.json",
    "metrics/audit.json",
    "metrics/audit/suspects.csv",
    "metrics/report.html",
    "metrics/data-card.md",
    "metrics/model-card.md",
    "metrics/croissant.json",
    "metrics/curves.csv",
    "export/digits.onnx",
    "models/fold-0.safetensors",
    "models/fold-1.safetensors",
]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    write(folder, 3, seed=5, severity="gentle")
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Path:
    """A miniature project after its first `dvc repro`; tests that change it leave it finished again."""
    project = miniature(tmp_path_factory.mktemp("finished") / "project", two(photos))
    run_in("dvc", "repro", cwd=project)
    run_in("git", "add", "--all", cwd=project)
    run_in("git", "commit", "--quiet", "--message", "first run", cwd=project)
    return project


def test_a_second_repro_runs_nothing(finished: Path) -> None:
    start = time.monotonic()
    again = run_in("dvc", "repro", cwd=finished)
    print(f"a repro with nothing to do took {time.monotonic() - start:.1f} s")
    assert "Running stage" not in again
    assert "up to date" in again


def test_the_same_photos_and_parameters_give_the_same_bytes(finished: Path, photos: Path, tmp_path: Path) -> None:
    other = miniature(tmp_path / "a folder with spaces", two(photos))
    change(other, {"workers: 0": "workers: 1"})
    run_in("dvc", "repro", cwd=other)
    assert _hashes(other) == _hashes(finished)


def test_a_killed_run_ends_as_if_never_killed(finished: Path, photos: Path, tmp_path: Path) -> None:
    other = miniature(tmp_path / "killed", two(photos))
    run = subprocess.Popen(
        ["dvc", "repro"], cwd=other, env=ENVIRONMENT, start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    for line in run.stdout:
        if "Running stage 'train'" in line:
            time.sleep(3)  # the stage is at work
            os.killpg(run.pid, signal.SIGKILL)
            break
    run.wait()
    assert run.returncode == -signal.SIGKILL
    assert not (other / "metrics/evaluate.json").exists()
    run_in("dvc", "repro", cwd=other)
    assert _hashes(other) == _hashes(finished)


def test_a_new_photo_runs_sheets_and_what_follows_but_not_mnist(finished: Path, photos: Path) -> None:
    before = json.loads((finished / "metrics/sheets.json").read_text())["digits"]
    added = finished / "raw" / "tests" / "new.jpg"
    shutil.copy(photos / "writer-02.jpg", added)
    try:
        ran = run_in("dvc", "repro", cwd=finished)
        ran_stages = [line.split("'")[1] for line in ran.splitlines() if line.startswith("Running stage")]
        assert ran_stages[:5] == ["sheets", "merge", "augment", "train", "evaluate"]
        assert set(ran_stages[5:]) == {"robustness", "domain_gap", "audit", "report", "export"}
        assert json.loads((finished / "metrics/sheets.json").read_text())["digits"] == before + 100
    finally:
        added.unlink()
        run_in("dvc", "repro", cwd=finished)
    assert json.loads((finished / "metrics/sheets.json").read_text())["digits"] == before


def test_an_experiment_in_a_workspace_of_its_own_reads_no_photo_again(photos: Path, tmp_path: Path) -> None:
    project = miniature(tmp_path / "project", two(photos))
    kept = {"MNIST_CN_CACHE": str(tmp_path / "kept")}
    first = run_in("dvc", "repro", "sheets", cwd=project, **kept)
    assert "2 photos: 2 new, 0 reused" in first
    run_in("git", "add", "--all", cwd=project)
    run_in("git", "commit", "--quiet", "--message", "read", cwd=project)
    again = run_in(
        "dvc", "exp", "run", "--temp", "--force", "--set-param", "augment.seed=1", "sheets", cwd=project, **kept
    )
    assert "2 photos: 0 new, 2 reused" in again


def test_an_experiment_changes_the_network_and_its_metrics_can_be_compared(finished: Path) -> None:
    run_in("dvc", "exp", "run", "--name", "lenet", "--set-param", "model.arch=lenet5", cwd=finished)
    trained = json.loads((finished / "metrics/train.json").read_text())
    assert (trained["architecture"], trained["parameters"]) == ("lenet5", 61706)
    assert "evaluate.json" in run_in("dvc", "metrics", "diff", "HEAD", "lenet", cwd=finished)
    plots = run_in("dvc", "plots", "diff", "HEAD", "lenet", "--out", "plots", cwd=finished)
    assert (finished / "plots" / "index.html").exists(), plots


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"folds: 2": "folds: 1"}, "train.folds"),
        ({"learning_rate: ": 'learning_rate: "1e-05" # '}, "write 1e-05 without quotes"),
        ({"arch: mlp": "arch: lenet"}, "did you mean `lenet5`"),
        ({"seed: 0": "sead: 0"}, "did you mean `seed`"),
    ],
)
def test_bad_parameters_stop_the_run_with_one_line_before_any_work(
    photos: Path, tmp_path: Path, changes: dict[str, str], named: str
) -> None:
    project = miniature(tmp_path / "bad", two(photos))
    change(project, changes)
    run = subprocess.run(["dvc", "repro"], cwd=project, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    errors = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert run.returncode != 0
    assert len(errors) == 1
    assert named in errors[0]
    assert "Traceback" not in run.stderr
    assert not list(project.glob("data/*.parquet"))


def two(photos: Path) -> list[Path]:
    return [photos / f"writer-{number:02}.jpg" for number in range(2)]


def _hashes(project: Path) -> dict[str, str]:
    return {name: hashlib.sha256((project / name).read_bytes()).hexdigest() for name in BYTES}
