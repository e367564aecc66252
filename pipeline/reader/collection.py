"""`raw/`: which photos there are, and what `sheets.yaml` says of each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from pipeline.checked import Section, read_yaml, validated
from pipeline.errors import BadInputError
from pipeline.params import Digit
from pipeline.reader.photo import SUFFIXES
from pipeline.reader.records import UNLABELLED, Reason, Reject

BESIDE_PHOTOS = (".yaml", ".yml", ".json", ".csv", ".txt", ".md", ".pdf", ".dvc", ".ini", ".db")  # may lie in raw/

RowString = Annotated[str, Field(pattern=r"^[0-9]+$")]


def _one_line(text: str) -> str:
    if not text.isprintable() or text != text.strip() or not text:
        raise PydanticCustomError("one_line", "one line of text without blanks at its ends")
    return text


OneLine = Annotated[str, Field(max_length=300), AfterValidator(_one_line)]  # 300: the data card quotes it


class Settings(Section):
    """What a collection's sheets.yaml may say, and its defaults (see DESIGN: raw layout)."""

    layout: Literal["template", "grid", "rows", "crops"] = "template"
    label: Literal["from-name"] | Digit | None = None
    rows: tuple[RowString, ...] | None = None
    writer: Literal["file", "collection", "row", "folder"] | None = None
    turn: Literal["auto", 0, 90, 180, 270] = "auto"
    split: Literal["auto", "train", "test"] = "auto"
    simulated: bool = False  # drawn by `mnist-cn simulate`: its numbers are marked wherever they appear
    license: OneLine | None = None  # under which the photos may be used, such as CC BY 4.0; the data card names it
    origin: OneLine | None = None  # where the photos come from: an address, a class, who asked whom


class SheetsYaml(Settings):
    """A collection's sheets.yaml: settings for all photos, and overrides for some by path in the collection."""

    photos: dict[str, Settings] = Field(default_factory=dict)


@dataclass(frozen=True)
class Photo:
    """One photo to read."""

    path: Path
    name: str  # path below raw/, with forward slashes
    collection: str
    settings: Settings

    def label(self) -> int | None:
        """Return the digit on the whole photo, or None where nothing says it.

        For ``crops`` without a label, the nearest folder named 0 to 9; for ``from-name``, the file name's first digit.
        """
        if isinstance(self.settings.label, int):
            return self.settings.label
        place = PurePosixPath(self.name)
        if self.settings.label == "from-name":
            return next((int(letter) for letter in place.stem if letter in "0123456789"), None)
        if self.settings.layout == "crops":
            folders = [part for part in place.parent.parts[1:] if len(part) == 1 and part in "0123456789"]
            return int(folders[-1]) if folders else None
        return None

    def unlabelled(self) -> "Photo":
        """Return the same photo, of whose digits nothing is said."""
        return replace(self, settings=self.settings.model_copy(update={"label": UNLABELLED, "rows": None}))

    def writer(self, row: int | None) -> str | None:
        """Return ``<collection>/<writer>`` for a digit in ``row``; None where nothing is known (crops, by default)."""
        if self.settings.writer == "row":
            return None if row is None else f"{self.collection}/row-{row}"
        return self._one_writer

    @cached_property
    def _one_writer(self) -> str | None:
        """The writer of the whole photo: asked for at every digit."""
        inside = PurePosixPath(*PurePosixPath(self.name).parts[1:])
        match self.settings.writer or ("file" if self.settings.layout != "crops" else None):
            case "file":
                return f"{self.collection}/{inside.with_suffix('')}"
            case "folder":
                return f"{self.collection}/{inside.parent}"
            case "collection":
                return f"{self.collection}/all"
            case _:
                return None


Entry = Photo | tuple[str, Reject]
"""A photo to read, or a path below raw/ and why nothing there is read."""


def find(raw: Path) -> Iterator[Entry]:
    """Yield the photos below ``raw/`` in the order of their names, or a path below it and why nothing there is read.

    A bad sheets.yaml costs its own collection only.
    """
    for entry in sorted(raw.iterdir(), key=lambda path: path.name):
        if entry.name.startswith("."):
            continue
        if _leaves(entry, raw):
            yield entry.name, _left(entry)
        elif entry.is_dir():
            yield from _collection(entry)
        elif entry.suffix.lower() in SUFFIXES:
            detail = "expected photos in folders of raw/, one a collection"
            yield entry.name, Reject(Reason.NO_COLLECTION, detail, advice=f"move it to raw/<name>/{entry.name}")


def find_at(place: Path) -> Iterator[Entry]:
    """Yield the entries of a photo, of a folder in a collection, of a collection or of ``raw/``.

    A collection is the nearest folder with a sheets.yaml, at or above the place; without one, the folder that holds
    photos itself.

    Raises
    ------
    BadInputError
        If there is no such photo or folder.
    """
    if not place.exists():
        raise BadInputError(f"{place}: expected a photo or a folder of photos, found no such file")
    place = place.absolute()
    folders = (place, *place.parents) if place.is_dir() else tuple(place.parents)
    home = next((folder for folder in folders if (folder / "sheets.yaml").exists()), None)
    if home is None and place.is_dir() and not any(path.suffix.lower() in SUFFIXES for path in place.iterdir()):
        yield from find(place)
        return
    home = home or folders[0]
    inside = place.relative_to(home).as_posix()
    chosen = home.name if inside == "." else f"{home.name}/{inside}"
    for entry in _collection(home):
        name = entry.name if isinstance(entry, Photo) else entry[0]
        if name == chosen or name.startswith(f"{chosen}/") or name == f"{home.name}/sheets.yaml":
            yield entry


def _leaves(path: Path, folder: Path) -> bool:
    """Tell whether a link leads out of a folder: what lies there is not versioned, so that no run could be repeated."""
    return path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())


def _left(link: Path) -> Reject:
    advice = "copy the photo itself into the folder"
    return Reject(Reason.LINKS_OUTSIDE, f"a link to {link.readlink()}, outside of the collection", advice=advice)


def _collection(folder: Path) -> Iterator[Entry]:
    try:
        sheets_yaml = _read_sheets_yaml(folder)
    except BadInputError as error:
        advice = f"correct it: nothing in {folder.name}/ was read"
        yield f"{folder.name}/sheets.yaml", Reject(Reason.BAD_SHEETS_YAML, str(error), advice=advice)
        return
    found = set()
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).parts):
        inside = path.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts):
            continue
        name = f"{folder.name}/{inside.as_posix()}"
        if _leaves(path, folder):
            yield name, _left(path)
        elif path.is_dir():
            if path.suffix.lower() in SUFFIXES and not any(path.iterdir()):
                yield name, Reject(Reason.NOT_AN_IMAGE, "expected an image, got an empty folder", advice="remove it")
        elif path.suffix.lower() in SUFFIXES:
            found.add(inside.as_posix())
            yield Photo(path, name, folder.name, _for_photo(sheets_yaml, inside.as_posix()))
        elif path.suffix.lower() not in BESIDE_PHOTOS:
            detail = f"expected one of {' '.join(SUFFIXES)}, got {path.suffix or 'no suffix'}"
            yield name, Reject(Reason.NOT_AN_IMAGE, detail, advice="export it as JPEG")
    for missing in sorted(set(sheets_yaml.photos) - found):
        detail = f"sheets.yaml names a photo that is not in {folder.name}/"
        yield f"{folder.name}/{missing}", Reject(Reason.BAD_SHEETS_YAML, detail, advice="correct it under `photos:`")


def _read_sheets_yaml(folder: Path) -> SheetsYaml:
    path = folder / "sheets.yaml"
    if not path.exists():
        return SheetsYaml()
    return validated(SheetsYaml, read_yaml(path) or {}, path)


def _for_photo(sheets_yaml: SheetsYaml, inside: str) -> Settings:
    general = Settings(**sheets_yaml.model_dump(exclude={"photos"}, exclude_unset=True))
    special = sheets_yaml.photos.get(inside)
    return general.model_copy(update=special.model_dump(exclude_unset=True)) if special else general
