"""Stage `train` when it is stopped: by a kill, by a full disk, or because all of it was done before."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import diskcache
import pytest

from pipeline import stage, train
from pipeline.atomic import DRAFT
from pipeline.learning import kept as kept_folds
from tests.kept import kept_in
from tests.params_file import ROOT
from tests.train_stage import arguments, contents, copies, originals


def command(paths: dict[str, Path]) -> list[str]:
    options = [f"--{name.replace('_', '-')}={path}" for name, path in paths.items()]
    return [sys.executable, "-m", "pipeline.train", *options]


def inputs(folder: Path, workers: int = 1) -> dict[str, Path]:
    """A training of three folds, each of some seconds."""
    table = originals(600)
    return arguments(folder, table, copies(table), workers=workers, folds=3, epochs=30, plain_epochs=10, batch_size=8)


@pytest.mark.slow
def test_what_was_trained_before_is_not_trained_again_and_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = (arguments(tmp_path / name, originals(), copies(originals())) for name in ("first", "again"))
    with kept_in(tmp_path / "kept"):
        train.main(**first)
        monkeypatch.setattr(kept_folds, "train_together", lambda *_: pytest.fail("trained again"))
        train.main(**again)
    assert contents(again) == contents(first)
    before, timing = (json.loads(paths["timing"].read_text()) for paths in (first, again))
    assert (before["folds_trained_now"], timing["folds_trained_now"]) == (2, 0)
    assert "digits_per_second" in before
    assert "digits_per_second" not in timing
    assert timing["fold"] == before["fold"]


def kept(folder: Path) -> int:
    """How many entries lie in a store that another process writes."""
    if not (folder / "cache.db").exists():
        return 0
    with diskcache.Cache(str(folder)) as place:
        return len(place)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run gives that one worker ended in peace and kept nothing of."""
    paths = inputs(tmp_path_factory.mktemp("undisturbed"))
    environment = {**os.environ, "MNIST_CN_CACHE": ""}
    subprocess.run(command(paths), cwd=ROOT, env=environment, check=True, capture_output=True)
    return contents(paths)


@pytest.mark.slow  # processes that import torch
@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_repeated_gives_what_an_undisturbed_run_gives(
    workers: int, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    killed = inputs(tmp_path / "killed", workers)
    environment = {**os.environ, "MNIST_CN_CACHE": str(tmp_path / "kept")}
    run = subprocess.Popen(
        command(killed), cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.DEVNULL
    )
    while not kept(tmp_path / "kept"):
        assert run.poll() is None, "ended before it could be killed"
        time.sleep(0.05)
    time.sleep(0.3)  # the next fold is at work
    os.killpg(run.pid, signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed" / "out").exists()
    survived = kept(tmp_path / "kept")
    assert survived < 3, "nothing was left to do: the test shows nothing"

    subprocess.run(command(killed), cwd=ROOT, env=environment, check=True, capture_output=True)
    assert json.loads(killed["timing"].read_text())["folds_trained_now"] == 3 - survived
    assert contents(killed) == undisturbed


def stopped(paths: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the stage as its command does, and see it end with status 1."""
    monkeypatch.setattr(sys, "argv", command(paths)[2:])
    with pytest.raises(SystemExit) as caught:
        stage.run(train.main)
    assert caught.value.code == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
@pytest.mark.parametrize("output", ["out_of_fold", "metrics", "timing", "curves"])
def test_a_disk_that_is_full_at_any_output_is_one_line_and_leaves_no_half(
    output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = arguments(tmp_path, originals(), copies(originals()), epochs=1, run_folds=1)
    paths["metrics"].parent.mkdir()
    paths[output].write_text("before")
    make = tempfile.mkdtemp

    def full(*, prefix: str, dir: Path) -> str:
        place = make(prefix=prefix, dir=dir)
        if prefix == f"{DRAFT}{output}.":
            (Path(place) / output).symlink_to("/dev/full")
        return place

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with kept_in(None):
        stopped(paths, monkeypatch)
    told = f"error: {paths[output]}: No space left on device; make room on that disk and run it again\n"
    assert capsys.readouterr().err == told
    assert paths[output].read_text() == "before"
    assert not [path.name for path in paths[output].parent.iterdir() if path.name.startswith(".")]


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("may not mount a small disk here")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)  # lazy: a data base on it may still be open


def test_a_disk_too_small_for_the_weights_is_one_line_and_stays_empty(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = arguments(tmp_path, originals(), copies(originals()), epochs=1) | {"models": tiny / "models"}
    with kept_in(None):
        stopped(paths, monkeypatch)
    told = f"error: {tiny / 'models'}: No space left on device; make room on that disk and run it again\n"
    assert capsys.readouterr().err == told
    assert list(tiny.iterdir()) == []


@pytest.mark.slow
def test_a_disk_too_small_for_what_is_kept_costs_warnings_only(tiny: Path, tmp_path: Path) -> None:
    paths = arguments(tmp_path, originals(), copies(originals()), epochs=1)
    with kept_in(tiny / "kept"), pytest.warns(UserWarning, match="was not kept"):
        train.main(**paths)
    assert json.loads(paths["timing"].read_text())["folds_trained_now"] == 2
