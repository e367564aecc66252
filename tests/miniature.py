"""A miniature of the project to run commands in: the checkout, a few photos, a network that trains in seconds."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "MNIST_CN_CACHE": "",  # runs that are compared read for themselves
}
SMALL = {
    "  folds: auto": "  folds: 2",
    "  epochs: auto": "  epochs: 1",
    "  plain_epochs: auto": "  plain_epochs: 1",
    "arch: digitnet": "arch: mlp",
    "  copies: 12 #": "  copies: 1 #",
    "  copies_tracked: 12 #": "  copies_tracked: 2 #",
}


def miniature(folder: Path, photos: Sequence[Path] = ()) -> Path:
    """Copy the checkout, with photos as its only collection and a network that trains in seconds; commit it."""
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
    for photo in photos:
        collection.mkdir(parents=True, exist_ok=True)
        shutil.copy(photo, collection)
    change(folder, SMALL)
    run_in("git", "init", "--quiet", cwd=folder)
    run_in("git", "config", "user.name", "test", cwd=folder)
    run_in("git", "config", "user.email", "test@example.org", cwd=folder)
    commit(folder, "project")
    return folder


def commit(project: Path, message: str) -> None:
    """Commit all that Git does not ignore."""
    run_in("git", "add", "--all", cwd=project)
    run_in("git", "commit", "--quiet", "--message", message, cwd=project)


def pulled(project: Path, clone: Path, **environment: str) -> Path:
    """Clone a project and pull what DVC keeps of it, as a colleague does, who then has nothing to run."""
    run_in("git", "clone", "--quiet", str(project), str(clone), cwd=project)
    run_in("dvc", "pull", cwd=clone, **environment)
    assert "Data and pipelines are up to date" in run_in("dvc", "status", cwd=clone, **environment)
    assert "Running stage" not in run_in("dvc", "repro", cwd=clone, **environment)
    return clone


def change(project: Path, changes: dict[str, str]) -> None:
    """Replace text in params.yaml, each once."""
    path = project / "params.yaml"
    text = path.read_text()
    for old, new in changes.items():
        assert old in text, f"params.yaml has no `{old}` to change"
        text = text.replace(old, new, 1)
    path.write_text(text)


def run_in(*command: str, cwd: Path, **environment: str) -> str:
    """Run a command that must succeed, and return what it said."""
    return ends_with(0, *command, cwd=cwd, **environment)


def ends_with(expected: int, *command: str, cwd: Path, **environment: str) -> str:
    """Run a command that must end with the expected status, and return what it said."""
    run = subprocess.run(
        command, cwd=cwd, env={**ENVIRONMENT, **environment}, capture_output=True, text=True, check=False
    )
    assert run.returncode == expected, f"{' '.join(command)} exited with {run.returncode}:\n{run.stdout}\n{run.stderr}"
    return run.stdout + run.stderr
