import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import parallel
from pipeline.errors import BadInputError
from pipeline.parallel import Report
from tests.params_file import ROOT


def slow_first(task: int) -> int:
    time.sleep(0.05 if task == 0 else 0)
    return task * task


def fails_at_three(task: int) -> int:
    if task == 3:
        raise ZeroDivisionError("task 3")
    return task


def reporting(task: int, report: Report) -> int:
    for step in range(4):
        report(note=f"step {step}")
    if task == 9:
        raise ZeroDivisionError("task 9")
    return -task


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_results_come_in_the_order_of_the_tasks(workers: int, count: int) -> None:
    found = list(parallel.each(slow_first, range(count), workers=workers, title="squares"))
    assert found == [task * task for task in range(count)]


def touched(path: Path) -> Path:
    path.touch()
    return path


def test_results_do_not_heap_up_before_a_slow_caller(tmp_path: Path) -> None:
    tasks = [tmp_path / str(task) for task in range(3 * 2 * parallel.AHEAD)]
    found = parallel.each(touched, tasks, workers=2, title="touching")
    assert next(found) == tasks[0]
    deadline = time.monotonic() + 20
    while len(done := list(tmp_path.iterdir())) < 2 * parallel.AHEAD and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    assert len(list(tmp_path.iterdir())) == len(done) == 2 * parallel.AHEAD
    assert list(found) == tasks[1:]


class Counted(list[int]):
    """Tasks that know how many of them were asked for."""

    asked = 0

    def __iter__(self) -> Iterator[int]:
        for task in super().__iter__():
            self.asked += 1
            yield task


def test_tasks_are_made_when_they_are_needed() -> None:
    """Not all at the start: they may be large."""
    tasks = Counted(range(400))
    next(parallel.each(slow_first, tasks, workers=1, title="squares"))
    assert 1 <= tasks.asked < 10


def ends_itself(task: int) -> None:
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow  # joblib takes seconds to notice
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_worker_that_is_killed_is_one_line() -> None:
    with pytest.raises(BadInputError, match=r"^parallel.workers: one of 2 worker processes was killed.*lower it"):
        list(parallel.each(ends_itself, range(4), workers=2, title="ends"))


@pytest.mark.first_quick
@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_task_raises_reaches_the_caller(workers: int) -> None:
    with pytest.raises(ZeroDivisionError, match="task 3"):
        list(parallel.each(fails_at_three, range(6), workers=workers, title="failing"))


@pytest.mark.parametrize("workers", [1, 2])
def test_tasks_with_bars_keep_their_order_and_their_thread_ends(workers: int) -> None:
    titles = [f"task {task}" for task in range(3)]
    assert parallel.each_with_bar(reporting, range(3), titles=titles, steps=4, workers=workers) == [0, -1, -2]
    assert not [thread for thread in threading.enumerate() if "_deliver" in thread.name]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_task_with_a_bar_reaches_the_caller_and_its_thread_ends(workers: int) -> None:
    with pytest.raises(ZeroDivisionError, match="task 9"):
        parallel.each_with_bar(reporting, [8, 9], titles=["a", "b"], steps=4, workers=workers)
    assert not [thread for thread in threading.enumerate() if "_deliver" in thread.name]


def test_bars_move_by_what_tasks_report(capsys: pytest.CaptureFixture[str]) -> None:
    parallel.each_with_bar(reporting, [1], titles=["fold 1"], steps=4, workers=1)
    shown: Any = capsys.readouterr().out
    assert "fold 1" in shown
    assert "4/4" in shown
    assert "step 3" in shown


def test_no_workers_means_one_a_core_that_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parallel.cores(0) >= 1
    assert parallel.cores(3) == 3
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")  # joblib's own, beside the affinity and a container's quota
    assert parallel.cores(0) == 1


@pytest.mark.slow
def test_without_a_cluster_ray_is_never_imported() -> None:
    code = (
        "import sys; from pipeline import parallel, params\n"
        "with parallel.on(params.Parallel(backend='local', address='auto', workers=0)):\n"
        "    assert list(parallel.each(abs, [-1, -2], workers=2, title='t')) == [1, 2]\n"
        "    assert parallel.gpus() is None\n"
        "print('ray' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split()[-1] == "False"
