"""What was worked out before: readings of photos and trained folds, kept by what they came from."""

import hashlib
import os
import sqlite3
import warnings
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import diskcache
import platformdirs

PLACE = "MNIST_CN_CACHE"  # environment: another folder; empty: keep nothing
SIZE = "MNIST_CN_CACHE_GB"  # environment: another bound
BOUND_GB = 10.0  # about 40,000 photos of 100 digits with their contact sheets; the least recently used go first
FULL = 0.95  # of the bound: a few entries go at a time, so that a full store is never quite so


# A key that is no text in UTF-8 is a ValueError, and so is a bound that is no number, or (OverflowError) without end.
FAULTS = (OSError, ValueError, OverflowError, sqlite3.Error, diskcache.Timeout)


class _BytesOnly(diskcache.Disk):  # type: ignore[misc]  # diskcache has no type information
    """Refuses pickles, which the library reads by default: a cache must not be able to run code."""

    def fetch(self, mode: int, filename: str, value: Any, read: bool) -> Any:
        if mode == diskcache.core.MODE_PICKLE:
            raise ValueError("expected bytes, got a pickle")
        return super().fetch(mode, filename, value, read)


class Store:
    """Bytes by key in one folder, safe for several runs at once, bounded; a cache that fails is as good as none."""

    def __init__(self, folder: Path, bound_gb: float) -> None:
        """Open or create the folder."""
        self._bound = int(bound_gb * 1e9)
        self._kept = diskcache.Cache(
            str(folder), size_limit=self._bound, eviction_policy="least-recently-used", disk=_BytesOnly, timeout=30
        )

    def get(self, key: str) -> bytes | None:
        """Return what is kept under a key, or None."""
        try:
            found = self._kept.get(key)
        except FAULTS:
            return None
        return found if isinstance(found, bytes) else None

    def __contains__(self, key: str) -> bool:
        """Tell whether something is kept under a key."""
        try:
            return key in self._kept
        except FAULTS:
            return False

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes under a key."""
        try:
            self._kept.set(key, content)
        except FAULTS as error:
            warnings.warn(f"{self._kept.directory}: this was not kept: {error}", stacklevel=2)

    def known_digest(self, path: Path) -> str | None:
        """Return the hash of a file that was hashed before and whose size, times and inode are still the same."""
        known = self.get(_state(path))
        return None if known is None else known.decode()

    def digest(self, path: Path) -> str:
        """Return the BLAKE2b hash of a file, and remember it. Raises OSError if it cannot be read."""
        before = _state(path)
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        self.put(before, found.encode())  # a file that has changed meanwhile has another state now
        return found

    def clear(self) -> int:
        """Forget everything; return how many entries that were."""
        return int(self._kept.clear())

    @property
    def bytes(self) -> int:
        """What it takes on disk."""
        return int(self._kept.volume())

    @property
    def bound(self) -> int:
        """What it may take on disk."""
        return self._bound

    @property
    def full(self) -> bool:
        """Whether it lets something go for what comes next."""
        try:
            return self.bytes > FULL * self._bound
        except FAULTS:
            return False


def _state(path: Path) -> str:
    """Return what changes whenever a file does. Raises OSError if there is no such file."""
    stat = path.stat()
    return f"file {path.resolve()} {stat.st_ino} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"


def folder() -> Path | None:
    """Return where it all is kept: ``MNIST_CN_CACHE``, or the user's cache folder; None where that is empty."""
    stated = os.environ.get(PLACE)
    if stated is None:
        return Path(platformdirs.user_cache_dir("mnist-cn")) / "kept"
    return Path(stated) if stated else None


def _bound_gb() -> float:
    """Return what the store may take. Raises ValueError if MNIST_CN_CACHE_GB is no number above 0."""
    stated = os.environ.get(SIZE, str(BOUND_GB))
    if not float(stated) > 0:
        raise ValueError(f"{SIZE}: expected a number above 0, got {stated}")
    return float(stated)


@cache
def store() -> Store | None:
    """Return this process's store, or None (with a warning) where it cannot be used."""
    place = folder()
    if place is None:
        return None
    try:
        return Store(place, _bound_gb())
    except FAULTS as error:
        warnings.warn(f"{place}: nothing is reused: {error}; see {PLACE} and {SIZE}", stacklevel=2)
        return None


def code_digest(root: Path, paths: Iterable[Path], libraries: Sequence[str]) -> str:
    """Return a hash of files below ``root`` and of the versions of libraries: what a result was made by."""
    total = hashlib.blake2b(digest_size=16)
    for path in sorted(paths):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for library in libraries:
        total.update(f"{library} {version(library)}\0".encode())
    return total.hexdigest()
