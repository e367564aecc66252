"""Real Ray machines on loopback: the same bytes as without them, also when one is killed in the middle."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import parallel, params, store
from pipeline.cluster import machine
from pipeline.errors import BadInputError
from pipeline.parallel import Report
from pipeline.params import Model, Parallel, Sheets
from pipeline.reader.collection import Photo
from pipeline.reader.finding import find
from pipeline.reading import Reader
from tests.cluster import running
from tests.cluster.running import Running
from tests.params_file import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="the extra `ray` is not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="machines are killed by their session, found in /proc"),
]
FOREVER = 600.0  # seconds, as tests go
NONE_LOST = "no task ran on the second machine"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Running]:
    with running.cluster() as started, parallel.on(Parallel(backend="ray", address=started.address, workers=0)):
        yield started


@pytest.fixture
def second(cluster: Running) -> int:
    return cluster.second()


@dataclass(frozen=True)
class Traced:
    """A function that notes each of its beginnings.

    On one machine it waits for that machine's end, elsewhere until it has begun there.
    """

    function: Callable[..., Any]
    notes: Path
    doomed: int  # session id

    def __call__(self, task: Any, *report: Report) -> Any:
        session = os.getsid(0)
        (self.notes / f"{session}-{time.monotonic_ns()}").touch()
        if session == self.doomed:
            time.sleep(FOREVER)
        running.wait_for(lambda: self.doomed in self.beginnings(), lambda: NONE_LOST)
        return self.function(task, *report)

    def beginnings(self) -> list[int]:
        """Return the machine of each beginning."""
        return sorted(int(path.name.partition("-")[0]) for path in self.notes.iterdir())


@pytest.fixture
def killing(cluster: Running, second: int, tmp_path: Path) -> Iterator[Callable[[Callable[..., Any]], Traced]]:
    """Return a function that traces another; the second machine is killed once a task runs there."""
    traced = Traced(abs, tmp_path / "notes", second)
    traced.notes.mkdir()

    def kill() -> None:
        running.wait_for(lambda: second in traced.beginnings(), lambda: NONE_LOST)
        cluster.kill(second)

    killer = threading.Thread(target=kill)
    killer.start()
    yield lambda function: replace(traced, function=function)
    killer.join()


def chaos(start: float, report: Report) -> bytes:
    """Follow the logistic map in float32, which doubles every difference of a last bit with each step."""
    place = np.linspace(start, start + 0.05, 1000, dtype=np.float32)
    for step in range(4):
        for _ in range(50):
            place = np.float32(3.9) * place * (1 - place)
        report(note=f"step {step}")
    return place.tobytes()


def unheard(advance: int = 1, note: str = "") -> None:
    """Report to nobody."""


def fails_at_one(task: tuple[int, Path]) -> None:
    number, folder = task
    (folder / f"{number}-{os.getpid()}-{time.monotonic_ns()}").touch()
    if number == 1:
        running.wait_for(lambda: len(list(folder.iterdir())) == 2, lambda: "task 0 has not begun")
        raise BadInputError("one is bad")
    time.sleep(FOREVER)


def named_and_slow(folder: Path) -> None:
    (folder / str(os.getpid())).touch()
    time.sleep(FOREVER)


def of_array(task: tuple[np.ndarray[Any, Any], int]) -> tuple[int, bool]:
    array, place = task
    return int(array[place]), array.flags.writeable


def visible(_: int, __: Report) -> tuple[int, str | None]:
    return os.getsid(0), os.environ.get("CUDA_VISIBLE_DEVICES")


def test_photos_are_read_to_the_same_bytes_when_a_machine_dies(
    limits: Sheets, monkeypatch: pytest.MonkeyPatch, killing: Callable[[Callable[..., Any]], Traced]
) -> None:
    photos = [photo for photo in find(ROOT / "raw") if isinstance(photo, Photo)][:6]
    reader = killing(Reader(limits))
    found = list(parallel.each(reader, photos, workers=0, title="read"))
    assert reader.beginnings().count(reader.doomed) == 1
    assert len(reader.beginnings()) == len(photos) + 1
    monkeypatch.setattr(store, "store", lambda: None)
    for photo, read in zip(photos, found, strict=True):
        expected = Reader(limits)(photo)
        assert read.reading.digits
        assert not read.reused
        assert read.picture == expected.picture
        for digit, other in zip(read.reading.digits, expected.reading.digits, strict=True):
            assert digit.image.tobytes() == other.image.tobytes()
            assert (digit.label, digit.row, digit.col) == (other.label, other.row, other.col)


def test_tasks_with_bars_give_the_same_bytes_when_a_machine_dies(
    killing: Callable[[Callable[..., Any]], Traced], capsys: pytest.CaptureFixture[str]
) -> None:
    starts = [0.1, 0.2, 0.3, 0.4]
    traced = killing(chaos)
    titles = [f"start {start}" for start in starts]
    found = parallel.each_with_bar(traced, starts, titles=titles, steps=4, workers=0)
    assert traced.beginnings().count(traced.doomed) == 1
    assert len(traced.beginnings()) == 5
    assert found == [chaos(start, unheard) for start in starts]
    assert len(set(found)) == 4
    assert capsys.readouterr().out.count("4/4") == 4


@pytest.mark.parametrize(("arch", "folds"), [("mlp", 2), ("lenet5", 4)])
def test_folds_are_the_same_bytes_on_a_cluster(
    arch: str, folds: int, second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that take the same steps too, as lenet5's do by twos."""
    from pipeline.learning.cross_validation import train_folds
    from pipeline.learning.placement import place_folds
    from pipeline.learning.recipes import recipe_for
    from pipeline.learning.training_set import TrainingSet

    assert second
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


def test_what_a_task_raises_reaches_the_caller_at_once_and_ends_the_others(
    cluster: Running, second: int, tmp_path: Path
) -> None:
    assert second
    start = time.monotonic()
    with pytest.raises(BadInputError, match=r"^one is bad$"):
        list(parallel.each(fails_at_one, [(number, tmp_path) for number in range(4)], workers=2, title="failing"))
    assert time.monotonic() - start < FOREVER
    begun = [path.name.split("-")[:2] for path in tmp_path.iterdir()]
    assert [number for number, _ in begun].count("1") == 1, "what a task raises is no reason to try again"
    others = [Path("/proc") / process for number, process in begun if number != "1"]
    running.wait_for(lambda: not any(other.exists() for other in others), cluster.log)


def test_an_array_that_many_tasks_hold_goes_to_the_cluster_once(
    cluster: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster
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


def test_another_version_of_a_package_over_there_is_told(cluster: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cluster
    here = machine.parts() | {"numpy": "0.1"}
    monkeypatch.setattr(machine, "parts", lambda: here)
    with pytest.raises(BadInputError, match=r"parallel.backend: expected on .* numpy 0.1, got \d"):
        list(parallel.each(abs, [1, 2], workers=2, title="unlike"))


def test_a_file_that_is_not_over_there_is_told(cluster: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cluster
    monkeypatch.setattr(machine, "files", lambda task: {f"/no/photo-{task}.jpg": 5})
    with pytest.raises(BadInputError, match=r"/no/photo-[12].jpg: expected on .* a file of 5 bytes, got no such file"):
        list(parallel.each(abs, [1, 2], workers=2, title="no photo"))


def test_a_folder_that_is_not_over_there_is_told(
    cluster: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert cluster
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setattr(Path, "cwd", lambda: gone)
    gone.rmdir()
    with pytest.raises(
        BadInputError, match=r"parallel.backend: expected the checkout in .*/gone on .*, got: .*No such"
    ):
        list(parallel.each(abs, [1, 2], workers=2, title="elsewhere"))


def test_a_task_that_wants_a_gpu_runs_where_one_is(second: int) -> None:
    assert parallel.gpus() == 1
    found = parallel.each_with_bar(visible, range(2), titles=["a", "b"], steps=1, workers=0, gpu=True)
    assert found == [(second, "0")] * 2
    assert parallel.each_with_bar(visible, [0], titles=["one"], steps=1, workers=0, gpu=True) == [(second, "0")]


def test_a_task_that_kills_its_workers_ends_the_run_with_one_line(second: int) -> None:
    assert second
    with pytest.raises(BadInputError, match=r"parallel.backend: expected a worker that lives .* got 4 losses"):
        list(parallel.each(os._exit, [3, 3], workers=2, title="deadly"))


def test_a_killed_run_leaves_nothing_computing(cluster: Running, tmp_path: Path) -> None:
    code = (
        "import pathlib; from pipeline import parallel, params; from tests.cluster import test_lost_machine as it\n"
        f"with parallel.on(params.Parallel(backend='ray', address={cluster.address!r}, workers=0)):\n"
        f"    list(parallel.each(it.named_and_slow, [pathlib.Path({str(tmp_path)!r})] * 2, workers=2, title='slow'))"
    )
    cluster.second()
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as run:
        try:
            running.wait_for(lambda: len(list(tmp_path.iterdir())) == 2, cluster.log)
        finally:
            run.kill()  # else a failure would wait for tasks that sleep for ever
    workers = [Path("/proc") / path.name for path in tmp_path.iterdir()]
    running.wait_for(lambda: not any(worker.exists() for worker in workers), cluster.log)
