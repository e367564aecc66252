"""The pipeline as users run it: a miniature `dvc repro` on a copy of the checkout."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.simulate.photos import write

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "MNIST_CN_CACHE": "",  # runs that are compared read for themselves
}
SMALL = {
    "  folds: auto": "  folds: 2",
    "  epochs: auto": "  epochs: 3",
    "  plain_epochs: auto": "  plain_epochs: 1",
    "arch: digitnet": "arch: mlp",
    "  copies: 12 #": "  copies: 1 #",
    "  copies_tracked: 12 #": "  copies_tracked: 2 #",
}
ONE_EPOCH = ("  epochs: 3", "  epochs: 1")
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
    project = _project(tmp_path_factory.mktemp("finished") / "project", photos)
    _run("dvc", "repro", cwd=project)
    _run("git", "add", "--all", cwd=project)
    _run("git", "commit", "--quiet", "--message", "first run", cwd=project)
    return project


def test_a_second_repro_runs_nothing(finished: Path) -> None:
    start = time.monotonic()
    again = _run("dvc", "repro", cwd=finished)
    print(f"a repro with nothing to do took {time.monotonic() - start:.1f} s")
    assert "Running stage" not in again
    assert "up to date" in again


def test_the_same_photos_and_parameters_give_the_same_bytes(finished: Path, photos: Path, tmp_path: Path) -> None:
    other = _project(tmp_path / "a folder with spaces", photos)
    _set(other, {"workers: 0": "workers: 1"})
    _run("dvc", "repro", cwd=other)
    assert _hashes(other) == _hashes(finished)


def test_a_killed_run_ends_as_if_never_killed(finished: Path, photos: Path, tmp_path: Path) -> None:
    other = _project(tmp_path / "killed", photos)
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
    _run("dvc", "repro", cwd=other)
    assert _hashes(other) == _hashes(finished)


def test_a_new_photo_runs_sheets_and_what_follows_but_not_mnist(finished: Path, photos: Path) -> None:
    before = json.loads((finished / "metrics/sheets.json").read_text())["digits"]
    added = finished / "raw" / "tests" / "new.jpg"
    shutil.copy(photos / "writer-02.jpg", added)
    try:
        ran = _run("dvc", "repro", cwd=finished)
        ran_stages = [line.split("'")[1] for line in ran.splitlines() if line.startswith("Running stage")]
        assert ran_stages[:5] == ["sheets", "merge", "augment", "train", "evaluate"]
        assert set(ran_stages[5:]) == {"robustness", "domain_gap", "audit", "report", "export"}
        assert json.loads((finished / "metrics/sheets.json").read_text())["digits"] == before + 100
    finally:
        added.unlink()
        _run("dvc", "repro", cwd=finished)
    assert json.loads((finished / "metrics/sheets.json").read_text())["digits"] == before


def test_an_experiment_in_a_workspace_of_its_own_reads_no_photo_again(photos: Path, tmp_path: Path) -> None:
    project = _project(tmp_path / "project", photos)
    kept = {"MNIST_CN_CACHE": str(tmp_path / "kept")}
    first = _run("dvc", "repro", "sheets", cwd=project, **kept)
    assert "2 photos: 2 new, 0 reused" in first
    _run("git", "add", "--all", cwd=project)
    _run("git", "commit", "--quiet", "--message", "read", cwd=project)
    again = _run(
        "dvc", "exp", "run", "--temp", "--force", "--set-param", "augment.seed=1", "sheets", cwd=project, **kept
    )
    assert "2 photos: 0 new, 2 reused" in again


def test_an_experiment_changes_the_network_and_its_metrics_can_be_compared(finished: Path) -> None:
    _run("dvc", "exp", "run", "--name", "lenet", "--set-param", "model.arch=lenet5", cwd=finished)
    trained = json.loads((finished / "metrics/train.json").read_text())
    assert (trained["architecture"], trained["parameters"]) == ("lenet5", 61706)
    assert "evaluate.json" in _run("dvc", "metrics", "diff", "HEAD", "lenet", cwd=finished)
    plots = _run("dvc", "plots", "diff", "HEAD", "lenet", "--out", "plots", cwd=finished)
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
    project = _project(tmp_path / "bad", photos)
    _set(project, changes)
    run = subprocess.run(["dvc", "repro"], cwd=project, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    errors = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert run.returncode != 0
    assert len(errors) == 1
    assert named in errors[0]
    assert "Traceback" not in run.stderr
    assert not list(project.glob("data/*.parquet"))


def _project(folder: Path, photos: Path) -> Path:
    """Copy the checkout, with three simulated photos for two and a network that trains in seconds."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("raw/", "metrics/", "dvc.lock", "tests/")):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    collection = folder / "raw" / "tests"
    collection.mkdir(parents=True)
    for number in range(2):
        shutil.copy(photos / f"writer-{number:02}.jpg", collection)
    _set(folder, SMALL)
    _set(folder, dict([ONE_EPOCH]))
    _run("git", "init", "--quiet", cwd=folder)
    _run("git", "config", "user.name", "test", cwd=folder)
    _run("git", "config", "user.email", "test@example.org", cwd=folder)
    _run("git", "add", "--all", cwd=folder)
    _run("git", "commit", "--quiet", "--message", "project", cwd=folder)
    return folder


def _set(project: Path, changes: dict[str, str]) -> None:
    path = project / "params.yaml"
    text = path.read_text()
    for old, new in changes.items():
        assert old in text, f"params.yaml has no `{old}` to change"
        text = text.replace(old, new, 1)
    path.write_text(text)


def _run(*command: str, cwd: Path, **environment: str) -> str:
    run = subprocess.run(
        command, cwd=cwd, env={**ENVIRONMENT, **environment}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, f"{' '.join(command)} exited with {run.returncode}:\n{run.stdout}\n{run.stderr}"
    return run.stdout + run.stderr


def _hashes(project: Path) -> dict[str, str]:
    return {name: hashlib.sha256((project / name).read_bytes()).hexdigest() for name in BYTES}
