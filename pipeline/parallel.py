"""Everything that runs side by side goes through here: joblib processes with a progress bar."""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Report(Protocol):
    """What a long task calls to move its progress bar."""

    def __call__(self, advance: int = 1, note: str = "") -> None:
        """Move the bar by ``advance`` steps and show ``note`` beside it."""


def cores(workers: int) -> int:
    """Return the number of processes that ``parallel.workers`` means: itself, or for 0 the cores we may use."""
    if workers > 0:
        return workers
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(function: Callable[[Task], Result], tasks: Sequence[Task], *, workers: int, title: str) -> Iterator[Result]:
    """Yield ``function(task)`` for each task, in the order of the tasks whatever the number of workers.

    Results come as they are ready, so that memory stays bounded by what the caller keeps.
    """
    if len(tasks) < 2:  # nothing to do side by side, and nothing to wait for with a bar
        yield from map(function, tasks)
        return
    from joblib import Parallel, delayed

    with _progress() as bars:
        bar = bars.add_task(title, total=len(tasks), note="")
        parallel = Parallel(n_jobs=min(cores(workers), len(tasks)), return_as="generator")
        work = _Tethered(function, os.getpid())
        for result in parallel(delayed(work)(task) for task in tasks):
            bars.advance(bar)
            yield result


def each_with_bar(
    function: Callable[[Task, Report], Result],
    tasks: Sequence[Task],
    *,
    titles: Sequence[str],
    steps: int,
    workers: int,
) -> list[Result]:
    """Return ``function(task, report)`` for each task, each with a live bar of ``steps`` steps of its own."""
    from joblib import Parallel, delayed

    jobs = min(cores(workers), len(tasks))
    with _progress() as bars, _mailbox(in_process=jobs == 1) as mail:
        ids = [bars.add_task(title, total=steps, note="waiting", start=False) for title in titles]
        postman = threading.Thread(target=_deliver, args=(mail, bars, ids), daemon=True)
        postman.start()
        try:
            parallel = Parallel(n_jobs=jobs)
            work = _Tethered(function, os.getpid())
            results = parallel(delayed(work)(task, _Report(mail, i)) for i, task in enumerate(tasks))
        finally:
            mail.put(None)
            postman.join()
    return list(results)


@dataclass(frozen=True)
class _Tethered:
    """A function whose worker process ends with the process that started it: a killed run leaves nothing computing."""

    function: Callable[..., Any]
    origin: int  # process id

    def __call__(self, *task: Any) -> Any:
        if os.getpid() != self.origin:
            _end_with(self.origin)
        return self.function(*task)


@cache
def _end_with(origin: int) -> None:
    """Watch, once a process, for the origin's death, which gives this process another parent."""

    def watch() -> None:
        while os.getppid() == origin:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@dataclass(frozen=True)
class _Report:
    mail: Any  # a queue or its proxy
    index: int

    def __call__(self, advance: int = 1, note: str = "") -> None:
        self.mail.put((self.index, advance, note))


def _deliver(mail: Any, bars: Any, ids: list[Any]) -> None:
    while (message := mail.get()) is not None:
        index, advance, note = message
        bars.start_task(ids[index])
        bars.update(ids[index], advance=advance, note=note)


@contextmanager
def _mailbox(*, in_process: bool) -> Iterator[Any]:
    if in_process:
        import queue

        yield queue.Queue()
        return
    with multiprocessing.get_context("spawn").Manager() as manager:
        yield manager.Queue()


def _progress() -> Any:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[note]}"),
    )
    return Progress(*columns)
