"""Where commands write what they made of photos: never over a photo, nor where photos are read from."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import BadInputError
from pipeline.overwriting import protect_folder, protect_photos
from pipeline.pictures.contact import PICTURES
from pipeline.pictures.page import is_page
from pipeline.read_folders import keep_outside, place_for, raw_above
from pipeline.reader.collection import Entry, Photo
from pipeline.reader.photo import SUFFIXES

JPEG = (".jpg", ".jpeg")
STDOUT = Path("-")
CHECKED = ("index.html", "rejects.csv")  # what a check of a folder always writes


def check_picture(out: Path, photo: Path, kinds: Sequence[str] = PICTURES) -> None:
    """Refuse a place for the picture of one photo before any work.

    Parameters
    ----------
    out : Path
    photo : Path
        The photo, or a folder with it.
    kinds : sequence of str
        Suffixes of the files that the command can write.

    Raises
    ------
    BadInputError
        If ``out`` is the photo itself, is called as no such file, or lies where photos are read from.
    """
    protect_photos([out], [photo])
    check_kind(out, kinds)
    keep_outside([out], [photo], place_for(out.name, [photo]))


def check_kind(out: Path, kinds: Sequence[str], what: str = "a picture", option: str = "--out") -> None:
    """Refuse a name whose suffix says another kind of file than the command writes, and would take the place of.

    Raises
    ------
    BadInputError
        If the suffix is none of ``kinds``, or a folder is called so.
    """
    if out.is_dir():
        raise BadInputError(f"{out}: expected a file to write, got a folder; name a file in it with {option}")
    if out.suffix.lower() not in kinds:
        raise BadInputError(
            f"{out}: expected {what}'s name ({' '.join(kinds)}), got `{out.name}`; name another {option}"
        )


def checked_place(place: Path, out: Path | None) -> Path:
    """Return where a check of a photo or of a folder of photos leaves its picture or its folder.

    Raises
    ------
    BadInputError
        If ``out`` holds what the command did not make, or lies where photos are read from.
    """
    if not place.is_dir():
        out = out or place_for(f"{place.stem}-check.jpg", [])
        check_picture(out, place, JPEG)
        return out
    instead = place_for(f"{place.resolve().name}-check", [place])
    out = out or instead
    keep_outside([out], [place], instead)
    protect_folder(out, _of_a_check, CHECKED, photos=place)
    return out


def _of_a_check(path: Path) -> bool:
    """Tell whether a check writes a file of this name into its folder: pages, a table, ``<photo>.jpg``."""
    pictured = path.suffix == ".jpg" and (path.name.startswith("crops-") or Path(path.stem).suffix.lower() in SUFFIXES)
    return pictured or path.name in CHECKED or is_page(path.name)


def answered_places(entries: Sequence[Entry], named: Sequence[Path], out: Path | None) -> dict[str, Path]:
    """Return by a photo's name where the picture with its answers goes.

    Parameters
    ----------
    entries : sequence of Entry
        What is read, photos by names of their own.
    named : sequence of Path
        Photos and folders that the user named.
    out : Path or None
        The picture of one photo, or the folder of pictures.

    Raises
    ------
    BadInputError
        If a picture would lie where photos are read from or take a photo's place, or ``out`` must be a folder.
    """
    photos = [entry for entry in entries if isinstance(entry, Photo)]
    alone = len(entries) == 1
    usual = f"{photos[0].path.stem}-predicted.jpg" if alone and photos else "predicted"
    instead = place_for(usual, named)
    places = {photo.name: picture_place(out or instead, photo, alone=alone) for photo in photos}
    protect_photos(places.values(), [photo.path for photo in photos])
    keep_outside(sorted({place.parent for place in places.values()}), named, instead)
    wanted = out is not None and out not in places.values()  # as a folder
    if out is not None and wanted and (out.is_file() or (out.suffix.lower() in PICTURES and not out.is_dir())):
        raise BadInputError(
            f"{out}: expected a folder for pictures of {len(photos)} photos, got a file's name; name another --out"
        )
    return places


def picture_place(out: Path, photo: Photo, *, alone: bool) -> Path:
    """Return where a photo's picture goes; in a folder, below the photo's own folders and with its suffix."""
    return out if alone and out.suffix.lower() in PICTURES else out / f"{photo.name}.jpg"


def check_texts(json: Path | None, csv: Path | None, entries: Sequence[Entry]) -> None:
    """Refuse places for answers as text before any work.

    Raises
    ------
    BadInputError
        If one is a photo or a folder, is called as no such file, or lies in ``raw/``, or both are to be printed.
    """
    photos = [entry.path for entry in entries if isinstance(entry, Photo)]
    for option, place, what in (("--json", json, "a JSON file"), ("--csv", csv, "a CSV file")):
        if place is None or place == STDOUT:
            continue
        protect_photos([place], photos, option)
        check_kind(place, (option.replace("--", "."),), what, option)
        if raw_above(place) is not None:
            raise BadInputError(
                f"{place}: expected a place outside of raw/, which holds photos and what is said of them; "
                f"try {option} {place_for(place.name, [])}"
            )
    if json == csv == STDOUT:
        raise BadInputError(f"{STDOUT}: expected one of --json and --csv to be printed, got both; name a file for one")
