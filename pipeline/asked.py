"""The photos that `mnist-cn predict` is asked to read: none has a label, each has a name of its own."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.checked import validated
from pipeline.read_folders import SHEETS_YAML
from pipeline.reader.collection import Entry, Photo, Settings
from pipeline.reader.finding import find_at, refused_name, shown


def entries_of(place: Path, stated: dict[str, Any]) -> Iterator[Entry]:
    """Yield the photos at a place, with no label, read as ``stated`` says, else their sheets.yaml, else as templates.

    Raises
    ------
    BadInputError
        If there is no such photo or folder, or what is stated is not valid.
    """
    wanted = validated(Settings, stated, Path("the command line")).model_dump(include=set(stated))
    described = any((folder / SHEETS_YAML).exists() for folder in place.absolute().parents)
    if place.is_file() and not described:  # its folder may be anyone's home: do not look through it
        refused = refused_name(place.name)
        alone = Photo(place, place.name, place.absolute().parent.name, Settings())
        found: Iterator[Entry] = iter([(shown(place.name), refused) if refused else alone])
    else:
        found = find_at(place)
    for entry in found:
        if isinstance(entry, Photo):
            settings = entry.settings.overridden(wanted)
            yield Photo(entry.path, entry.name, entry.collection, settings).unlabelled()
        else:
            yield entry


def told_apart(entries: Sequence[Entry]) -> list[Entry]:
    """Return each photo once; those that would share a name, and so a picture, are named by their whole path."""
    once = {entry.path.absolute() if isinstance(entry, Photo) else entry[0]: entry for entry in entries}
    names = Counter(entry.name for entry in once.values() if isinstance(entry, Photo))
    return [
        replace(entry, name="/".join(entry.path.absolute().parts[1:]))  # without the root or drive
        if isinstance(entry, Photo) and names[entry.name] > 1
        else entry
        for entry in once.values()
    ]
