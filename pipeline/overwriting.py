"""Nothing is overwritten that a command did not make: no photo, no folder that holds anything else."""

from collections.abc import Callable, Iterable
from pathlib import Path

from pipeline.errors import BadInputError


def protect_photos(outs: Iterable[Path], photos: Iterable[Path], option: str = "--out") -> None:
    """Refuse to write over a photo that is read.

    Parameters
    ----------
    outs : iterable of Path
        Files to write, perhaps not there yet.
    photos : iterable of Path
    option : str
        Where the user said ``outs``.

    Raises
    ------
    BadInputError
        If one of ``outs`` is one of the photos.
    """
    kept = {_identity(photo) for photo in photos if photo.exists()}
    for out in outs:
        if out.exists() and _identity(out) in kept:
            raise BadInputError(f"{out}: expected a place to write, got the photo itself; name another {option}")


def protect_folder(
    folder: Path, ours: Callable[[Path], bool], made: Iterable[str] = (), *, photos: Path | None = None
) -> None:
    """Refuse to replace a folder that holds anything else than what a command puts there.

    Parameters
    ----------
    folder : Path
        Perhaps not there yet.
    ours : callable
        Tells from a file's path within the folder whether the command writes such a file.
    made : iterable of str
        Files that the command always writes: a folder with files, but without one of these, is not ours.
    photos : Path, optional
        The folder of photos that are read: it must not lie in ``folder``, nor ``folder`` in it.

    Raises
    ------
    BadInputError
        If ``folder`` is a file, holds a file that is not ours, or is, holds or lies in the folder of photos. If the
        command runs in it: whoever called it would be left in a folder that is no more.
    """
    if photos is not None and _meet(folder.resolve(), photos.resolve()):
        raise BadInputError(f"{folder}: expected a folder apart from the photos in `{photos}`; name another --out")
    if Path.cwd().is_relative_to(folder.resolve()):
        raise BadInputError(
            f"{folder}: expected a folder to make or to make again, got one that the command runs in; "
            "name another --out, such as a folder in it"
        )
    if not folder.is_dir():
        if folder.exists():
            raise BadInputError(f"{folder}: expected a folder to write, got a file; name another --out")
        return
    found = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if not path.is_dir()]
    whole = {Path(name) for name in made}.issubset(found)
    foreign = next((path for path in found if not whole or not ours(path)), None)
    if foreign is not None:
        raise BadInputError(
            f"{folder}: expected a new folder, or one that this command made, found `{foreign}` in it; "
            "name another --out"
        )


def _meet(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _identity(path: Path) -> tuple[int, int]:
    """Return what two names of one file have in common."""
    stat = path.stat()
    return stat.st_dev, stat.st_ino
