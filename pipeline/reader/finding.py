"""`raw/`: which photos there are, and why others are not read."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.checked import read_yaml, validated
from pipeline.errors import BadInputError
from pipeline.read_folders import SHEETS_YAML, raw_above
from pipeline.reader.collection import Entry, Photo, Settings, SheetsYaml
from pipeline.reader.files import beside_photos, unopened
from pipeline.reader.photo import SUFFIXES
from pipeline.reader.records import Reason, Reject

IN_CACHE = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")  # where DVC 3 keeps a file, below any cache folder
LABELS = tuple("0123456789")  # folders that say what their photos show
LONGEST = 240  # bytes of a name: file systems take 255, and a photo's pictures add `-predicted.jpg` to its stem


def find(raw: Path) -> Iterator[Entry]:
    """Yield the photos below ``raw/`` in the order of their names, or a path below it and why nothing there is read.

    A bad sheets.yaml costs its own collection only.
    """
    for entry in sorted(raw.iterdir(), key=lambda path: path.name):
        if entry.name.startswith("."):
            continue
        if _leaves(entry, raw):
            yield shown(entry.name), _left(entry)
        elif entry.is_dir():
            yield from _collection(entry)
        elif refused := refused_name(entry.name):
            yield shown(entry.name), refused
        elif not beside_photos(entry):
            detail = "expected photos in folders of raw/, one a collection"
            yield entry.name, Reject(Reason.NO_COLLECTION, detail, advice=f"move it to raw/<name>/{entry.name}")


def find_at(place: Path) -> Iterator[Entry]:
    """Yield the entries of a photo, of a folder in a collection, of a collection or of ``raw/``.

    A collection is a folder in the repository's ``raw/``; elsewhere the nearest folder with a sheets.yaml, at or above
    the place; without one, the folder that holds photos, or folders named 0 to 9, itself.

    Raises
    ------
    BadInputError
        If there is no such photo or folder.
    """
    if not place.exists():
        raise BadInputError(f"{place}: expected a photo or a folder of photos, found no such file")
    place = Path(os.path.abspath(place))  # noqa: PTH100 -- without `..`, and through links as they are called
    folders, raw = (place, *place.parents) if place.is_dir() else tuple(place.parents), raw_above(place)
    if raw == folders[0].resolve():
        yield from (entry for entry in find(folders[0]) if place == folders[0] or _name(entry) == shown(place.name))
        return
    in_raw = (folder for folder in folders if raw is not None and folder.parent.resolve() == raw)
    home = next(in_raw, None) or next((folder for folder in folders if (folder / SHEETS_YAML).exists()), None)
    if home is None and place.is_dir() and not any(map(_in_collection, place.iterdir())):
        yield from find(place)
        return
    home = home or (folders[1] if folders[0].name in LABELS else folders[0])
    inside = place.relative_to(home).as_posix()
    chosen = shown(home.name if inside == "." else f"{home.name}/{inside}")
    for entry in _collection(home):
        name = _name(entry)
        if name == chosen or name.startswith(f"{chosen}/") or name == f"{home.name}/{SHEETS_YAML}":
            yield entry


def _name(entry: Entry) -> str:
    return entry.name if isinstance(entry, Photo) else entry[0]


def refused_name(name: str) -> Reject | None:
    """Return why a photo, or a folder of photos, of this name is not read; None where nothing is wrong with it.

    Tables, pages and DVC hold names in UTF-8; Linux gives others too, such as those of an archive packed on a Chinese
    Windows.
    """
    if shown(name) != name:
        return Reject(Reason.BAD_NAME, f"expected a name in UTF-8, got {shown(name)}", advice="rename it")
    if (length := len(name.encode())) > LONGEST:
        detail = f"expected a name of at most {LONGEST} bytes, got {length}"
        return Reject(Reason.BAD_NAME, detail, advice="rename it")
    return None


def shown(name: str) -> str:
    """Return a path as text that can be written: bytes that are no UTF-8 in hexadecimal digits."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _in_collection(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES or (path.is_dir() and path.name in LABELS)


def _leaves(path: Path, folder: Path) -> bool:
    """Tell whether a link leads out of a folder: what lies there is not versioned, so that no run could be repeated.

    DVC's own links, into its cache, lead to what it keeps by its hash (``cache.type: symlink``).
    """
    if not path.is_symlink():
        return False
    target = Path(os.path.realpath(path))  # Path.resolve raises RuntimeError on a link that leads back to itself
    return not (target.is_relative_to(folder.resolve()) or IN_CACHE.search(target.as_posix()))


def _left(link: Path) -> Reject:
    advice = "copy the photo itself into the folder"
    return Reject(Reason.LINKS_OUTSIDE, f"a link to {link.readlink()}, outside of the collection", advice=advice)


def _collection(folder: Path) -> Iterator[Entry]:
    if refused := refused_name(folder.name):
        yield shown(folder.name), refused
        return
    try:
        sheets_yaml = _read_sheets_yaml(folder)
    except BadInputError as error:
        advice = f"correct it: nothing in {folder.name}/ was read"
        yield f"{folder.name}/{SHEETS_YAML}", Reject(Reason.BAD_SHEETS_YAML, str(error), advice=advice)
        return
    found = set()
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).parts):
        inside = path.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts) or any(map(refused_name, inside.parts[:-1])):
            continue
        name = f"{folder.name}/{inside.as_posix()}"
        if refused := refused_name(path.name):
            yield shown(name), refused
        elif _leaves(path, folder):
            yield name, _left(path)
        elif path.is_dir():
            if path.suffix.lower() in SUFFIXES and not any(path.iterdir()):
                yield name, Reject(Reason.NOT_AN_IMAGE, "expected an image, got an empty folder", advice="remove it")
        elif unused := _unused_settings(path, folder):
            yield name, unused
        elif path.suffix.lower() in SUFFIXES:
            found.add(inside.as_posix())
            photo = Photo(path, name, folder.name, _for_photo(sheets_yaml, inside.as_posix()))
            yield (name, why) if (why := unopened(path)) else photo
        elif not beside_photos(path):
            detail = f"expected one of {' '.join(SUFFIXES)}, got {path.suffix or 'no suffix'}"
            advice = "export each page as a JPEG" if path.suffix.lower() == ".pdf" else "export it as JPEG"
            yield name, Reject(Reason.NOT_AN_IMAGE, detail, advice=advice)
    for missing in sorted(set(sheets_yaml.photos) - found):
        detail = f"sheets.yaml names a photo that is not in {folder.name}/"
        yield f"{folder.name}/{missing}", Reject(Reason.BAD_SHEETS_YAML, detail, advice="correct it under `photos:`")


def _unused_settings(path: Path, folder: Path) -> Reject | None:
    """Return why a file in a collection that somebody means for settings is none; None of any other file."""
    own, meant = folder / SHEETS_YAML, re.fullmatch(r"sheets?\.ya?ml(\.txt)?", path.name, re.IGNORECASE)
    if not meant or (own.exists() and path.exists() and path.samefile(own)):
        return None
    detail = f"only {folder.name}/{SHEETS_YAML} says what the photos of {folder.name}/ are, this file is not read"
    inside = path.parent.relative_to(folder).as_posix()
    of = "" if inside == "." else f", naming photos {inside}/... under `photos:`"
    return Reject(Reason.BAD_SHEETS_YAML, detail, advice=f"move it there{of}, or remove it")


def _read_sheets_yaml(folder: Path) -> SheetsYaml:
    path = folder / SHEETS_YAML
    if not os.path.lexists(path):
        return SheetsYaml()
    if not path.is_file():
        raise BadInputError(f"{path}: expected a file, got a link to nothing, a folder or a pipe; put a file there")
    return validated(SheetsYaml, read_yaml(path) or {}, path)


def _for_photo(sheets_yaml: SheetsYaml, inside: str) -> Settings:
    general = Settings(**sheets_yaml.model_dump(exclude={"photos"}, exclude_unset=True))
    special = sheets_yaml.photos.get(inside)
    return general.overridden(special.model_dump(exclude_unset=True)) if special else general
