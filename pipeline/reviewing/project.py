"""Where the review finds what it shows, and the queue of it, kept until a file changes."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.params import Sheets
from pipeline.reader import corrections
from pipeline.reviewing import changes
from pipeline.reviewing.photos import Photos, state_of
from pipeline.reviewing.queue import Item, queue, read_lines, read_splits
from pipeline.reviewing.verdicts import Verdicts

OPINION = ("prediction", "probability", "verdict", "explanation")
SUSPECTS = ("rank", "source", "split", "photo", "row", "col", "label", *OPINION)
REJECTS = ("photo", "row", "col", "label", "reason", "detail", "advice", "ink")


@dataclass(frozen=True)
class Files:
    """Paths from the project's folder."""

    raw: Path = Path("raw")
    suspects: Path = Path("metrics/audit/suspects.csv")
    rejects: Path = Path("metrics/sheets/rejects.csv")
    sheets_metrics: Path = Path("metrics/sheets.json")
    digits: Path = Path("data/digits.parquet")

    def below(self, project: Path) -> "Files":
        """Return the same paths from here."""
        return Files(**{name: project / path for name, path in vars(self).items()})


class Project:
    """What is reviewed."""

    def __init__(self, folder: Path, limits: Sheets, verdicts: Verdicts | None = None) -> None:
        """Know the paths below a project's folder; nothing is opened yet."""
        self.folder, self.files = folder, Files().below(folder)
        self.verdicts = verdicts or Verdicts(self.files.raw / "corrections.csv")
        self.photos = Photos(self.files.raw, limits)
        self._lock = threading.Lock()
        self._state: object = None
        self._lists: tuple[list[dict[str, str]], list[dict[str, str]], Mapping[tuple[str, int | None], str]]
        self._decided: object = None
        self._items: dict[str, Item] | None = None  # every picture asks for one: 100,000 take 0.6 s to make

    def items(self) -> dict[str, Item]:
        """Return what is to be looked at, and has been, by key.

        Raises
        ------
        BadInputError
            If a list lacks a column or the corrections hold a wrong line.
        """
        with self._lock:
            state = [state_of(path) for path in (self.files.suspects, self.files.rejects, self.files.digits)]
            if state != self._state:  # `dvc repro` ran: photos may be others too
                self.photos.forget()
                rejects = read_lines(self.files.rejects, REJECTS)
                self._lists = read_lines(self.files.suspects, SUSPECTS), rejects, read_splits(self.files.digits)
                self._state, self._items = state, None
            decided = state_of(self.verdicts.path)
            if self._items is None or decided != self._decided:
                suspects, rejects, splits = self._lists
                found = queue(suspects, rejects, sorted(self.verdicts.all()), splits)
                self._items, self._decided = {item.key: item for item in found}, decided
            return self._items

    def notes(self) -> list[str]:
        """Return what is not shown, and why, a sentence each."""
        notes = []
        if not self.files.rejects.exists():
            notes.append("The sheet reader has not run yet: run `dvc repro`, then look here again.")
        if not self.files.suspects.exists():
            notes.append("There is no label audit yet, so only rejects are shown: run `dvc repro` to have suspects.")
        else:
            without = sum(not line["photo"] for line in self._lists[0])
            if without:
                where = self.files.suspects.parent.relative_to(self.folder).as_posix()
                notes.append(f"Not shown, as they are of no photo here: {without:,} suspects; see {where}/.")
        return notes

    def changes(self) -> dict[str, Any]:
        """Return what the verdicts changed so far; see :func:`pipeline.reviewing.changes.digits_changed`."""
        metrics = self.files.sheets_metrics
        now = changes.read_json(metrics.read_text(encoding="utf-8") if metrics.exists() else None)
        before = changes.read_json(changes.committed(self.folder, metrics.relative_to(self.folder)))
        return changes.digits_changed(corrections.load(self.verdicts.path), now, before)
