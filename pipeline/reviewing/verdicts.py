"""Verdicts become lines of `raw/corrections.csv`: on the disk at once, whole at any moment, from several windows."""

import csv
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from pipeline import store
from pipeline.atomic import DRAFT
from pipeline.errors import BadInputError
from pipeline.reader.corrections import COLUMNS, DROP, Place, load, parse

PATIENCE = 10.0  # seconds that a window waits for another one's write, which takes milliseconds
LABELS = (*"0123456789", DROP)
BOM = "\ufeff"  # what Excel puts first; it stays where it was


class ChangedMeanwhileError(Exception):
    """Another window, or a person with an editor, gave this place another verdict; ``found`` is what stands there."""

    def __init__(self, found: str | None) -> None:
        super().__init__(f"another verdict was given meanwhile: {found or 'none'}")
        self.found = found


@dataclass(frozen=True)
class Verdicts:
    """The verdicts in one corrections file.

    Attributes
    ----------
    path : Path
        The file; it need not exist.
    locks : Path
        Where the lock file goes: not beside the corrections, whose folder is an input of stage `sheets`.
    """

    path: Path
    locks: Path = field(default_factory=lambda: (store.folder() or platformdirs.user_cache_path("mnist-cn")) / "locks")

    def all(self) -> dict[Place, str]:
        """Return the label (or ``drop``) of each place that has one. Raises BadInputError where a line is wrong."""
        return {one.place: DROP if one.label is None else str(one.label) for one in load(self.path)}

    def check(self) -> None:
        """Raise BadInputError where a line is wrong, or no verdict could be written for want of a lock."""
        self.all()
        with self._lock():
            pass

    def put(self, place: Place, label: str | None, expected: str | None) -> None:
        """Give a place a verdict, in place of the one that it has; None takes it back.

        The file is replaced by a whole new one that is on the disk, under a lock that other windows respect. A killed
        process leaves the old file or the new one.

        Parameters
        ----------
        place : Place
        label : "0" to "9", "drop" or None
        expected : str or None
            The verdict that the window has seen there.

        Raises
        ------
        ChangedMeanwhileError
            If there is another one than expected by now; nothing is written.
        BadInputError
            If the file holds wrong lines, which are a person's to correct, or cannot be locked.
        """
        if label is not None and label not in LABELS:
            raise ValueError(f"expected a label of {LABELS} or None, got {label!r}")
        with self._lock():
            found = self.all().get(place)
            if found != expected:
                raise ChangedMeanwhileError(found)
            if found != label:
                before = self.path.read_bytes().decode() if self.path.exists() else ""
                _replace(self.path.resolve(), edited(before, place, label, self.path))

    @contextmanager
    def _lock(self) -> Iterator[None]:
        try:
            self.locks.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInputError(
                f"{self.locks}: expected a folder for a lock, got: {error.strerror}; set {store.PLACE} to a folder "
                "that can be written"
            ) from error
        name = hashlib.blake2b(str(self.path.resolve()).encode(), digest_size=8).hexdigest()
        lock = FileLock(self.locks / f"{name}.lock", timeout=PATIENCE)
        try:
            lock.acquire()
        except Timeout as error:
            raise BadInputError(
                f"{self.path}: expected to write after at most {PATIENCE:g} s, another program holds "
                f"{lock.lock_file}; end it"
            ) from error
        try:
            yield
        finally:
            lock.release()


def edited(text: str, place: Place, label: str | None, path: Path) -> str:
    """Return a corrections file's text with one line changed, added at the end, or taken out; the others stay as is.

    Parameters
    ----------
    text : str
        May be empty: the header is then added.
    place : Place
    label : "0" to "9", "drop" or None
    path : Path
        For messages.
    """
    mark, text = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
    records = list(_records(text)) or [(COLUMNS, _line(COLUMNS, "\n"))]
    ending = "\r\n" if records[0][1].endswith("\r\n") else "\n"
    wanted = [] if label is None else [_line([place[0], str(place[1]), str(place[2]), label], ending)]
    kept: list[str] = []
    for number, (fields, raw) in enumerate(records, start=1):
        if number > 1 and any(field.strip() for field in fields) and parse(path, number, fields).place == place:
            kept, wanted = kept + wanted, []
        else:
            kept.append(raw if raw.endswith(("\n", "\r")) else raw + ending)
    return mark + "".join(kept + wanted)


def _records(text: str) -> Iterator[tuple[list[str], str]]:
    """Yield the fields of each record and the text that they stand in; a quoted field may go over lines."""
    lines = list(io.StringIO(text, newline=""))
    reader, start = csv.reader(lines), 0
    for fields in reader:
        yield fields, "".join(lines[start : reader.line_num])
        start = reader.line_num


def _line(fields: list[str], ending: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=ending).writerow(fields)
    return text.getvalue()


def _replace(path: Path, text: str) -> None:
    """Write a file that takes the other's place once it is on the disk."""
    draft = path.with_name(f"{DRAFT}{path.name}")  # one name, under the lock: what a kill leaves is written over
    try:
        with draft.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        error.filename = str(path)  # which is what the user knows
        raise
    if os.name == "posix":  # Windows has no handles on folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name too
        finally:
            os.close(folder)
