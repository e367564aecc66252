"""Folders that photos are read from: a picture that is written there would be read as one more photo."""

from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import BadInputError

SHEETS_YAML = "sheets.yaml"  # what it says of a folder's photos
REPOSITORY = ("dvc.yaml", "params.yaml")  # either tells that a `raw` beside it is the pipeline's


def raw_above(place: Path) -> Path | None:
    """Return the ``raw/`` of a repository that a place is or lies in, or None where it lies outside of any."""
    return next(filter(_is_raw, _upwards(place)), None)


def read_above(place: Path, named: Iterable[Path]) -> Path | None:
    """Return the nearest folder that a place is or lies in and that is read, or None.

    Read are folders with a sheets.yaml, a repository's ``raw/``, and those of ``named`` that are folders.
    """
    asked = {folder.resolve() for folder in named if folder.is_dir()}
    for folder in _upwards(place):
        if folder in asked or _is_raw(folder) or (folder / SHEETS_YAML).exists():
            return folder
    return None


def place_for(name: str, named: Iterable[Path]) -> Path:
    """Return where to write by default: here, or in the nearest folder above that is not read.

    Parameters
    ----------
    name : str
        Of the file or folder.
    named : iterable of Path
        Folders of photos that the user named.
    """
    asked = list(named)
    for depth, folder in enumerate(_upwards(Path())):
        if read_above(folder / name, asked) is None:
            return Path(*[".."] * depth, name)
    return Path(name)


def keep_outside(places: Iterable[Path], named: Iterable[Path], instead: Path) -> None:
    """Refuse to write a picture where photos are read from.

    Parameters
    ----------
    places : iterable of Path
        Where pictures are to lie, or their folders.
    named : iterable of Path
        Folders of photos that the user named.
    instead : Path
        A place to propose.

    Raises
    ------
    BadInputError
        If one of the places is or lies in a folder that is read.
    """
    asked = list(named)
    for place in places:
        folder = read_above(place, asked)
        if folder is not None:
            raise BadInputError(
                f"{place}: expected a place outside of {folder}, where a picture would be read as one more photo; "
                f"try --out {instead}"
            )


def _is_raw(folder: Path) -> bool:
    return folder.name == "raw" and any((folder.parent / name).exists() for name in REPOSITORY)


def _upwards(place: Path) -> tuple[Path, ...]:
    place = place.resolve()
    return place, *place.parents
