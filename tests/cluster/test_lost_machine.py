"""Real Ray machines on loopback: the same bytes as without them, also when one is killed in the middle."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import parallel, store
from pipeline.parallel import Report
from pipeline.params import Sheets
from pipeline.reader.collection import Photo
from pipeline.reader.finding import find
from pipeline.reading import Reader
from tests.cluster import running
from tests.params_file import ROOT

pytestmark = running.MARKS
NONE_LOST = "no task ran on the second machine"


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
            time.sleep(running.FOREVER)
        running.wait_for(lambda: self.doomed in self.beginnings(), lambda: NONE_LOST)
        return self.function(task, *report)

    def beginnings(self) -> list[int]:
        """Return the machine of each beginning."""
        return sorted(int(path.name.partition("-")[0]) for path in self.notes.iterdir())


@pytest.fixture
def killing(tmp_path: Path) -> Iterator[Callable[[Callable[..., Any]], Traced]]:
    """Return a function that traces another, on a cluster whose second machine is killed once a task runs there."""
    with running.pair() as cluster:
        traced = Traced(abs, tmp_path / "notes", cluster.second)
        traced.notes.mkdir()

        def kill() -> None:
            running.wait_for(lambda: cluster.second in traced.beginnings(), lambda: NONE_LOST)
            cluster.kill(cluster.second)

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
