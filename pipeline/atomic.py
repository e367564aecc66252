"""Outputs that are whole or absent: write beside the target, then rename."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import BadInputError

DRAFT = ".draft."  # what names of drafts begin with; .gitignore and .dvcignore know it
MOST = 50  # characters of the target's name in its draft's: with 4 bytes each within the 255 that file systems take


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a path to write to, which takes the target's place when the block ends without an error.

    The yielded path lies in a temporary folder beside the target and has its name (libraries choose formats by suffix).
    Write a file or make a folder there. A killed run leaves a file as it was, and a folder too, unless it was killed
    between two renames: no system call that Python knows puts one folder in another's place, so that for a moment the
    old one lies beside the target and the target is absent. What a kill leaves is called ``.draft.<name>.<letters>``
    (of a long name its beginning), which Git and DVC ignore.

    Parameters
    ----------
    target : Path
        File or folder to create or replace; missing parent folders are made.

    Raises
    ------
    BadInputError
        If a file is to take a folder's place: all that the folder holds would be lost. If ``target`` is ``.`` or ends
        in ``..``: what has no name of its own cannot be put in another's place.
    OSError
        With the target as its file name, if the disk is full or closed to us.
    """
    if target.name in ("", ".."):
        raise BadInputError(f"{target}: expected the name of a file or folder to write, got none; name one in it")
    target.parent.mkdir(parents=True, exist_ok=True)
    workplace = _workplace(target)
    draft, old = workplace / target.name, workplace / f"old-{target.name[:MOST]}"
    try:
        yield draft
        if target.is_dir() and draft.is_file():
            raise BadInputError(f"{target}: expected a file to write, got a folder; name a file in it")
        if target.is_dir():
            target.rename(old)
        draft.replace(target)
    except OSError as error:
        if error.filename is None or str(workplace) in str(error.filename):  # which is gone when this is read
            error.filename = str(target)
        raise
    finally:
        if old.is_dir() and not target.exists():
            old.rename(target)
        shutil.rmtree(workplace)


def _workplace(target: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=f"{DRAFT}{target.name[:MOST]}.", dir=target.parent))
    except OSError as error:
        error.filename = str(target)
        raise


def write_text(target: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends."""
    with replacing(target) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def write_json(target: Path, content: Mapping[str, object]) -> None:
    """Write a mapping as indented JSON, keys in the order given, so that Git shows changes line by line."""
    write_text(target, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
