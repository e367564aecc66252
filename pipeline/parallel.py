"""Everything that runs side by side goes through here: joblib with progress bars, on this machine or a Ray cluster."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pipeline import bars, params
from pipeline.errors import BadInputError

if TYPE_CHECKING:
    from pipeline.cluster.join import Cluster

# Tasks a worker that are begun at most before the caller has taken all before them: 25 MB of distorted digits.
AHEAD = 32

_cluster: ContextVar["Cluster | None"] = ContextVar("cluster", default=None)

Task = TypeVar("Task")
Result = TypeVar("Result")


class Report(Protocol):
    """What a long task calls to move its progress bar."""

    def __call__(self, advance: int = 1, note: str = "") -> None:
        """Move the bar by ``advance`` steps and show ``note`` beside it."""


@contextmanager
def on(settings: params.Parallel) -> Iterator[None]:
    """Run what this block runs side by side where ``parallel.backend`` says. The results are the same bytes.

    Every machine of a cluster needs the checkout at the same path, with its environment, and the photos where photos
    are read; a task finds out whether it is so. A task whose worker or machine is lost is run again. Machines with
    other processors may differ in the last bits of what PyTorch computes, as always.

    Raises
    ------
    BadInputError
        If the cluster cannot be joined.
    """
    if settings.backend == "local":
        yield
        return
    from pipeline.cluster.join import joined

    with joined(settings.address) as cluster:
        before = _cluster.set(cluster)
        try:
            yield
        finally:
            _cluster.reset(before)


def cores(workers: int) -> int:
    """Return how many tasks ``parallel.workers`` runs at once: itself, or for 0 the cores here or in the cluster."""
    if workers > 0:
        return workers
    if (cluster := _cluster.get()) is not None:
        return cluster.cpus()
    from joblib import cpu_count

    return int(cpu_count())  # those that this process may use, a container's share of them too


def gpus() -> int | None:
    """Return the GPUs that the cluster lends to tasks with ``gpu``, or None where tasks run on this machine."""
    cluster = _cluster.get()
    return None if cluster is None else cluster.gpus()


def each(
    function: Callable[[Task], Result], tasks: Sequence[Task], *, workers: int, title: str, gpu: bool = False
) -> Iterator[Result]:
    """Yield ``function(task)`` for each task, in the order of the tasks whatever the number of workers.

    Results come as they are ready; at most :data:`AHEAD` a worker wait for a caller that is slower than the workers, so
    that memory stays bounded. ``gpu``: on a cluster, each task has a GPU for itself, if the cluster lends any.
    """
    place = _Place.of(len(tasks), workers, gpu)
    if len(tasks) < 2 and place.cluster is None:  # nothing to do side by side, and nothing to wait for with a bar
        yield from map(function, tasks)
        return
    with bars.progress() as shown:
        bar = shown.add_task(title, total=len(tasks), note="")
        for result in _each(function, ((task,) for task in tasks), place):
            shown.advance(bar)
            yield result


def each_with_bar(
    function: Callable[[Task, Report], Result],
    tasks: Sequence[Task],
    *,
    titles: Sequence[str],
    steps: int,
    workers: int,
    gpu: bool = False,
) -> list[Result]:
    """Return ``function(task, report)`` for each task, each with a live bar of ``steps`` steps of its own.

    ``gpu`` is that of :func:`each`. The bar of a task that is run again starts again.
    """
    place = _Place.of(len(tasks), workers, gpu)
    with ExitStack() as stack:
        local = bars.mailbox(in_process=place.jobs == 1)
        mail = stack.enter_context(local) if place.cluster is None else place.cluster.mailbox()
        stack.enter_context(bars.bars_of(titles, steps, mail))
        calls = [(task, bars.MailedReport(mail, i)) for i, task in enumerate(tasks)]
        return list(_each(bars.Announced(function), calls, place))


@dataclass(frozen=True)
class _Place:
    """Where tasks run, and how many at once."""

    jobs: int
    cluster: "Cluster | None"
    gpu: bool  # a GPU of the cluster for each

    @classmethod
    def of(cls, tasks: int, workers: int, gpu: bool) -> "_Place":
        """Choose the cluster, where there is one, unless tasks run one after another and need none of its GPUs."""
        lent = (gpus() or 0) if gpu else 0
        jobs = 1 if tasks < 2 else min(tasks, lent if lent and workers == 0 else cores(workers))
        return cls(jobs, _cluster.get() if jobs > 1 or lent else None, lent > 0)


def _each(function: Callable[..., Any], calls: Iterable[tuple[Any, ...]], place: _Place) -> Iterator[Any]:
    """Yield ``function(*call)`` for each call, in their order; calls are made when they are needed."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    if place.cluster is None:
        work = _Tethered(function, os.getpid())
        try:
            with Parallel(n_jobs=place.jobs, return_as="generator") as pool:
                for some in _batches(calls, AHEAD * place.jobs):
                    yield from pool(delayed(work)(*call) for call in some)
        except TerminatedWorkerError as error:
            raise BadInputError(
                f"parallel.workers: one of {place.jobs} worker processes was killed from outside, mostly because "
                "memory ran out; lower it and run again"
            ) from error
        return
    from pipeline.cluster.sent import Sent

    sent = Sent(function, gpu=place.gpu)
    try:  # each thread waits for one task of the cluster
        with Parallel(n_jobs=place.jobs, backend="threading", return_as="generator") as threads:
            for some in _batches(calls, AHEAD * place.jobs):
                yield from threads(delayed(sent)(*call) for call in some)
    finally:
        sent.cancel()


def _batches(calls: Iterable[tuple[Any, ...]], size: int) -> Iterator[Iterable[tuple[Any, ...]]]:
    """Yield the calls in parts of this size; joblib alone begins the next task when one ends, taken or not."""
    waiting = iter(calls)
    for first in waiting:
        yield chain((first,), islice(waiting, size - 1))


@dataclass(frozen=True)
class _Tethered:
    """A function whose worker process ends with the process that started it: a killed run leaves nothing computing.

    On POSIX, that is: Windows keeps telling the dead parent's number.
    """

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
