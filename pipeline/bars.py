"""Progress bars, and how a task that runs in another process or on another machine moves its own."""

import multiprocessing
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@contextmanager
def bars_of(titles: Sequence[str], steps: int, mail: Any) -> Iterator[None]:
    """Show a bar of ``steps`` steps for each title, moved by the reports that arrive in the queue ``mail``."""
    with progress() as shown:
        ids = [shown.add_task(title, total=steps, note="waiting", start=False) for title in titles]
        postman = threading.Thread(target=_deliver, args=(mail, shown, ids), daemon=True)
        postman.start()
        try:
            yield
        finally:
            mail.put(None)
            postman.join()


@contextmanager
def mailbox(*, in_process: bool) -> Iterator[Any]:
    """Yield a queue for reports from this process, or from processes of this machine."""
    if in_process:
        yield queue.Queue()
        return
    with multiprocessing.get_context("spawn").Manager() as manager:
        yield manager.Queue()


@dataclass(frozen=True)
class MailedReport:
    """What a task calls to move its bar: see :class:`pipeline.parallel.Report`."""

    mail: Any  # a queue or its proxy
    index: int

    def __call__(self, advance: int = 1, note: str = "") -> None:
        """Move the bar."""
        self.mail.put((self.index, advance, note))

    def begin(self) -> None:
        """Set the bar to its start: the task begins, perhaps again because its first machine was lost."""
        self.mail.put((self.index, None, ""))


@dataclass(frozen=True)
class Announced:
    """A function that reports when it begins."""

    function: Callable[..., Any]

    def __call__(self, task: Any, report: MailedReport) -> Any:
        """Return what the function does."""
        report.begin()
        return self.function(task, report)


def _deliver(mail: Any, shown: Any, ids: list[Any]) -> None:
    while (message := mail.get()) is not None:
        index, advance, note = message
        if advance is None:
            shown.reset(ids[index], note=note)
        else:
            shown.update(ids[index], advance=advance, note=note)


def progress() -> Any:
    """Return a display for progress bars; each of its tasks needs a ``note``."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[note]}"),
    )
    return Progress(*columns)
