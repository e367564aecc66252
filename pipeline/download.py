"""MNIST's four files from the first public mirror that gives the right ones.

A file takes its name only when its SHA-256 matches; until then it is ``<name>.part``, which the next attempt, at any
mirror and in any later run, continues (HTTP range requests, RFC 9110 section 14).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import BadInputError
from pipeline.parallel import Report

if TYPE_CHECKING:
    from requests import Response


@dataclass(frozen=True)
class Pinned:
    """A file that is known by its content."""

    name: str
    size: int  # bytes
    sha256: str


FILES = (
    Pinned("train-images-idx3-ubyte.gz", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    Pinned("train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    Pinned("t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    Pinned("t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
)
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)
STEPS = 100  # of a file's progress bar: percent

_TIMEOUT = (10, 30)  # seconds to connect, and between two pieces of an answer
_PIECE = 1 << 16  # bytes


def fetch(file: Pinned, folder: Path, mirrors: tuple[str, ...], report: Report) -> Path:
    """Return the path of a file in ``folder`` that matches, downloading what is missing of it.

    Parameters
    ----------
    file : Pinned
    folder : Path
        Made where missing.
    mirrors : tuple of str
        Addresses that end in ``/``, tried in turn.
    report : Report
        Called with how many of :data:`STEPS` are done.

    Raises
    ------
    BadInputError
        If the folder holds another file of that name, or no mirror gives a file that matches.
    """
    target, part = folder / file.name, folder / f"{file.name}.part"
    if target.exists():
        _refuse_another(target, file)
        report(STEPS, "already there")
        return target
    folder.mkdir(parents=True, exist_ok=True)
    bar = _Bar(file.size, report)
    failures = []
    for mirror in mirrors:
        # Twice: what .part began with may be wrong, and only a fresh start tells whether this mirror is at fault.
        for _ in range(2):
            resumed = part.exists()
            problem = _attempt(mirror + file.name, part, file, bar)
            if problem is None:
                part.replace(target)
                return target
            if not (resumed and not part.exists()):
                break
        failures.append(f"{mirror}: {problem}")
    raise BadInputError(
        f"{target}: expected to download it, but {'; '.join(failures)}; "
        f"check the connection and run again (what came is kept), or put the file there yourself"
    )


def fetch_task(task: tuple[Pinned, Path, tuple[str, ...]], report: Report) -> Path:
    """Call :func:`fetch` for one task of :func:`pipeline.parallel.each_with_bar`."""
    return fetch(*task, report)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex characters."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _refuse_another(target: Path, file: Pinned) -> None:
    if (found := sha256(target)) != file.sha256:
        raise BadInputError(
            f"{target}: expected MNIST's file with SHA-256 {file.sha256}, got {found}; delete it to have it downloaded "
            "anew, or set `mnist.source: folder` to use it as it is"
        )


class _Bar:
    """Turns the bytes that are there into steps of the progress bar, which never goes back."""

    def __init__(self, size: int, report: Report) -> None:
        self.size, self.report, self.shown = size, report, 0

    def reach(self, count: int) -> None:
        steps = min(count * STEPS // self.size, STEPS)
        if steps > self.shown:
            self.report(steps - self.shown)
            self.shown = steps


def _attempt(address: str, part: Path, file: Pinned, bar: _Bar) -> str | None:
    """Complete ``part`` from one address. Return None when it matches, else what went wrong.

    A part that is too short stays, to be continued; one that does not match is deleted.
    """
    import requests
    import urllib3

    try:
        if not part.exists() or part.stat().st_size < file.size:
            _receive(address, part, file, bar)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        return f"{type(error).__name__} after {_size(part)} of {file.size} bytes"
    except _RefusedError as error:
        return str(error)
    if _size(part) < file.size:
        return f"it ended after {_size(part)} of {file.size} bytes"
    if sha256(part) != file.sha256:
        part.unlink()
        return "it sent another file (SHA-256 differs)"
    return None


class _RefusedError(Exception):
    """A mirror answered, but not with the bytes that were asked for."""


def _receive(address: str, part: Path, file: Pinned, bar: _Bar) -> None:
    """Append to ``part`` what is missing, or write all of it where the mirror knows no ranges."""
    import requests

    have = _size(part)
    # A mirror that packs a .gz once more would give other bytes, hence `identity` here and the raw stream below.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(address, headers=headers, stream=True, timeout=_TIMEOUT) as response:
        mode = _mode(response, have, part)
        length = response.headers.get("Content-Length", "")
        offered = int(length) + (have if mode == "ab" else 0) if length.isdecimal() else file.size
        if offered != file.size:  # a page that says "not here", most likely
            raise _RefusedError(f"it has {offered} bytes under that name, not {file.size}")
        with part.open(mode) as stream:
            for piece in response.raw.stream(_PIECE, decode_content=False):
                stream.write(piece)
                bar.reach(stream.tell())
                if stream.tell() > file.size:  # never a whole disk full of something else
                    break


def _mode(response: "Response", have: int, part: Path) -> str:
    if response.status_code == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        return "ab"
    if response.status_code == 200:
        return "wb"
    if response.status_code in (206, 416):
        part.unlink(missing_ok=True)
    raise _RefusedError(f"HTTP {response.status_code} {response.reason}")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
