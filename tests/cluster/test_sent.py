"""What is sent to real Ray machines on loopback, what comes back, and what is told where it cannot."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import parallel, params, store
from pipeline.cluster import machine
from pipeline.errors import BadInputError
from pipeline.parallel import Report
from pipeline.params import Model
from tests.cluster import running
from tests.cluster.running import Running
from tests.params_file import ROOT

pytestmark = [*running.MARKS, pytest.mark.usefixtures("cluster")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Running]:
    with running.pair() as started:
        yield started


def fails_at_one(task: tuple[int, Path]) -> None:
    number, folder = task
    (folder / f"{number}-{os.getpid()}-{time.monotonic_ns()}").touch()
    if number == 1:
        running.wait_for(lambda: len(list(folder.iterdir())) == 2, lambda: "task 0 has not begun")
        raise BadInputError("one is bad")
    time.sleep(running.FOREVER)


def named_and_slow(folder: Path) -> None:
    (folder / str(os.getpid())).touch()
    time.sleep(running.FOREVER)


def of_array(task: tuple[np.ndarray[Any, Any], int]) -> tuple[int, bool]:
    array, place = task
    return int(array[place]), array.flags.writeable


def visible(_: int, __: Report) -> tuple[int, str | None]:
    return os.getsid(0), os.environ.get("CUDA_VISIBLE_DEVICES")


@pytest.mark.parametrize(("arch", "folds"), [("mlp", 2), ("lenet5", 4)])
def test_folds_are_the_same_bytes_on_a_cluster(arch: str, folds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that take the same steps too, as lenet5's do by twos."""
    from pipeline.learning.cross_validation import train_folds
    from pipeline.learning.placement import place_folds
    from pipeline.learning.recipes import recipe_for
    from pipeline.learning.training_set import TrainingSet

    assert parallel.cores(0) == 2
    monkeypatch.setattr(store, "store", lambda: None)
    rng, count = np.random.default_rng(0), 160
    images, labels = rng.integers(0, 256, (count, 28, 28), np.uint8), np.arange(count, dtype=np.uint8) % 10
    digits = TrainingSet(images, labels, (np.arange(count) // 10 % folds).astype(np.int8), np.arange(count))
    settings = params.load(ROOT / "params.yaml").train
    recipe = replace(recipe_for(arch, settings), folds=folds, run_folds=folds, epochs=2, batch_size=16)
    model = Model.model_validate({"arch": arch, "activation": "relu"})
    place = place_folds("cpu", recipe.precision)
    there, here = (train_folds(digits, model, recipe, seed=0, place=place, workers=workers) for workers in (2, 1))
    assert [fold.weights for fold in there.folds] == [fold.weights for fold in here.folds]
    assert there.folds[0].weights != there.folds[1].weights
    for one, other in zip(there.folds, here.folds, strict=True):
        assert one.probabilities.tobytes() == other.probabilities.tobytes()


def test_what_a_task_raises_reaches_the_caller_at_once_and_ends_the_others(cluster: Running, tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(BadInputError, match=r"^one is bad$"):
        list(parallel.each(fails_at_one, [(number, tmp_path) for number in range(4)], workers=2, title="failing"))
    assert time.monotonic() - start < running.FOREVER
    begun = [path.name.split("-")[:2] for path in tmp_path.iterdir()]
    assert [number for number, _ in begun].count("1") == 1, "what a task raises is no reason to try again"
    others = [Path("/proc") / process for number, process in begun if number != "1"]
    running.wait_for(lambda: not any(other.exists() for other in others), cluster.log)


def test_an_array_that_many_tasks_hold_goes_to_the_cluster_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    put: list[Any] = []
    original = ray.put

    def noted(thing: Any) -> Any:
        put.append(thing)
        return original(thing)

    monkeypatch.setattr(ray, "put", noted)
    array = np.arange(1_000_000, dtype=np.int64)
    tasks = [(array, place) for place in (0, 7, 999_999)]
    found = list(parallel.each(of_array, tasks, workers=2, title="shared"))
    assert found == [(0, False), (7, False), (999_999, False)]
    assert sum(thing is array for thing in put) == 1


def test_another_version_of_a_package_over_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    here = machine.parts() | {"numpy": "0.1"}
    monkeypatch.setattr(machine, "parts", lambda: here)
    with pytest.raises(BadInputError, match=r"parallel.backend: expected on .* numpy 0.1, got \d"):
        list(parallel.each(abs, [1, 2], workers=2, title="unlike"))


def test_a_file_that_is_not_over_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "files", lambda task: {f"/no/photo-{task}.jpg": 5})
    with pytest.raises(BadInputError, match=r"/no/photo-[12].jpg: expected on .* a file of 5 bytes, got no such file"):
        list(parallel.each(abs, [1, 2], workers=2, title="no photo"))


def test_a_folder_that_is_not_over_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setattr(Path, "cwd", lambda: gone)
    gone.rmdir()
    with pytest.raises(
        BadInputError, match=r"parallel.backend: expected the checkout in .*/gone on .*, got: .*No such"
    ):
        list(parallel.each(abs, [1, 2], workers=2, title="elsewhere"))


def test_a_task_that_wants_a_gpu_runs_where_one_is(cluster: Running) -> None:
    assert parallel.gpus() == 1
    found = parallel.each_with_bar(visible, range(2), titles=["a", "b"], steps=1, workers=0, gpu=True)
    assert found == [(cluster.second, "0")] * 2
    assert parallel.each_with_bar(visible, [0], titles=["one"], steps=1, workers=0, gpu=True) == [(cluster.second, "0")]


def test_a_task_that_kills_its_workers_ends_the_run_with_one_line() -> None:
    with pytest.raises(BadInputError, match=r"parallel.backend: expected a worker that lives .* got 4 losses"):
        list(parallel.each(os._exit, [3, 3], workers=2, title="deadly"))


def test_a_killed_run_leaves_nothing_computing(cluster: Running, tmp_path: Path) -> None:
    code = (
        "import pathlib; from pipeline import parallel, params; from tests.cluster import test_sent as it\n"
        f"with parallel.on(params.Parallel(backend='ray', address={cluster.address!r}, workers=0)):\n"
        f"    list(parallel.each(it.named_and_slow, [pathlib.Path({str(tmp_path)!r})] * 2, workers=2, title='slow'))"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as run:
        try:
            running.wait_for(lambda: len(list(tmp_path.iterdir())) == 2, cluster.log)
        finally:
            run.kill()  # else a failure would wait for tasks that sleep for ever
    workers = [Path("/proc") / path.name for path in tmp_path.iterdir()]
    running.wait_for(lambda: not any(worker.exists() for worker in workers), cluster.log)
