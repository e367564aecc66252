"""What the reader would do with photos, before a pipeline run: for people with a camera in their hand."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline import parallel
from pipeline.atomic import replacing
from pipeline.checked import validated
from pipeline.errors import BadInputError
from pipeline.outputs import checked_place
from pipeline.params import Params
from pipeline.pictures.contact import jpeg
from pipeline.read_folders import raw_above
from pipeline.reader import location
from pipeline.reader.agreement import demand_free_names, stated_splits
from pipeline.reader.collection import Entry, Photo, Settings
from pipeline.reader.corrections import load
from pipeline.reader.finding import find, find_at
from pipeline.reader.read import Reading
from pipeline.reader.records import Reject
from pipeline.reading import Read, describe, picture_of, read_all
from pipeline.retake import Found, next_step
from pipeline.sheet_report import Report

ALIKE = 3  # rejects that are told one by one


def check(place: Path, out: Path | None, stated: dict[str, Any], settings: Params, *, strip: bool) -> Found:
    """Read a photo or a folder of photos, print what is wrong with each, and leave contact sheets.

    Parameters
    ----------
    place : Path
        A photo, a collection, or a folder in or above collections.
    out : Path or None
        The contact sheet of one photo, or the folder for ``index.html`` and the contact sheets of many; None: called
        after the place, here or above where nothing is read.
    stated : dict
        Keys of sheets.yaml that count instead of what it says.
    settings : Params
    strip : bool
        Wipe from the files where they were taken.

    Raises
    ------
    BadInputError
        If there is no such photo, it cannot be written, ``stated`` is not valid, or ``out`` is the photo itself,
        lies where photos are read from, or is a folder with anything else than an earlier check.
    """
    wanted = validated(Settings, stated, Path("the command line")).model_dump(include=set(stated))
    entries = [_as_stated(entry, wanted) for entry in find_at(place)]
    if not entries:
        raise BadInputError(f"{place}: expected photos, found none; put photos into it")
    out = checked_place(place, out)
    photos = [entry for entry in entries if isinstance(entry, Photo)]
    for photo in photos:
        _tell_location(photo, strip=strip)
    _tell_corrections(photos)
    found = Found(described=int(_tell_disagreement(place)))
    reads = read_all(entries, settings.sheets, settings.parallel.workers)
    if not place.is_dir():
        _tell((read.reading for read in _one_picture(reads, out)), found)
        print(f"see {out}\n{next_step(found, place, stated)}")
        return found
    with parallel.on(settings.parallel), replacing(out) as draft:
        draft.mkdir()
        with Report(draft) as report:
            _tell(report.written(report.pictures(reads)), found)
    counts = f"{found.digits:,} digits, {found.rejects:,} rejects, {found.retake:,} photos to take again"
    print(f"{counts}; see {out / 'index.html'}\n{next_step(found, place, stated)}")
    return found


def _as_stated(entry: Entry, wanted: dict[str, Any]) -> Entry:
    if not isinstance(entry, Photo):
        return entry
    return replace(entry, settings=entry.settings.overridden(wanted))


def _tell_disagreement(place: Path) -> bool:
    """Say what `dvc repro` would stop at, and return whether there is such a thing: names, or splits of one writer."""
    raw = raw_above(place)
    if raw is None:
        return False
    try:
        demand_free_names(raw)
        stated_splits(find(raw))
    except BadInputError as error:
        print(error)
        return True
    return False


def _tell_location(photo: Photo, *, strip: bool) -> None:
    try:
        if strip and location.strip(photo.path):
            print(f"{photo.name}: said where it was taken; wiped, the pixels are untouched")
        elif not strip and photo.path.is_file() and location.spans(photo.path.read_bytes()):
            print(f"{photo.name}: says where it was taken; `mnist-cn check --strip` wipes that from the file")
    except OSError as error:
        if strip:
            raise BadInputError(f"{photo.path}: expected a file to change, got: {error}") from error


def _tell_corrections(photos: Sequence[Photo]) -> None:
    """Say which photos people have corrected: at the same places another photo shows other digits."""
    if not photos:
        return
    raw = photos[0].path.absolute().parents[len(PurePosixPath(photos[0].name).parts) - 1]
    try:
        lines = Counter(correction.photo for correction in load(raw / "corrections.csv"))
    except BadInputError as error:  # `dvc repro` will stop there
        print(error)
        return
    for photo in photos:
        if count := lines[photo.name]:
            said = f"{count} line{'s' if count > 1 else ''} of this photo; if it was taken again, remove them"
            print(f"{photo.name}: corrections.csv has {said}")


def _one_picture(reads: Iterator[Read], out: Path) -> Iterator[Read]:
    for read in reads:
        with replacing(out) as draft:
            draft.write_bytes(read.picture or jpeg(picture_of(read.reading, None)))
        yield read


def _tell(readings: Iterator[Reading], found: Found) -> None:
    """Print each reading's rejects and count them."""
    for reading in readings:
        print(f"{reading.photo.name}: {len(reading.digits)} digits, {len(reading.rejects)} rejects")
        for line in together(reading.rejects):
            print(f"  {line}")
        found.add(reading)


def together(rejects: Sequence[Reject]) -> list[str]:
    """Return a line for each reject; of more than :data:`ALIKE` for the same reason, the first and how many more."""
    alike = Counter(_why(reject) for reject in rejects)
    lines, told = [], set()
    for reject in rejects:
        why = _why(reject)
        if alike[why] <= ALIKE:
            lines.append(describe(reject))
        elif why not in told:
            told.add(why)
            lines.append(f"{describe(reject)} (and {alike[why] - 1} more like it)")
    return lines


def _why(reject: Reject) -> tuple[str, str, str]:
    return reject.reason, reject.detail, reject.advice
