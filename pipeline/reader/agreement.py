"""What collections say together: no two of them may contradict, and none may be called what other digits are called."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pipeline.errors import BadInputError
from pipeline.reader.collection import Entry, Photo
from pipeline.scores import HANDWRITING, MNIST

TAKEN = {MNIST: "MNIST's own digits", HANDWRITING: "all collections together"}
Split = Literal["train", "test"]


def stated_splits(entries: Iterable[Entry]) -> dict[str, Split]:
    """Return the split that some photo states for its writer, by writer: the writer's other photos are in it too.

    It counts also where that photo gives no digit. Writers that only a reading tells, by row or from a printed sheet,
    are not among them.

    Raises
    ------
    BadInputError
        If photos of one writer state different splits.
    """
    said: dict[str, tuple[Split, str]] = {}
    for photo in entries:
        if not isinstance(photo, Photo) or photo.settings.split == "auto" or (writer := photo.writer(None)) is None:
            continue
        split, first = said.setdefault(writer, (photo.settings.split, photo.name))
        if split != photo.settings.split:
            raise BadInputError(
                f"{photo.collection}: expected writer `{writer}` in one split, but {first} says {split} and "
                f"{photo.name} says {photo.settings.split}; give all photos of this writer the same in sheets.yaml"
            )
    return {writer: split for writer, (split, _) in said.items()}


def demand_free_names(raw: Path) -> None:
    """Let no collection have the name of other digits.

    Raises
    ------
    BadInputError
        If one is called ``mnist`` or ``handwriting``, in small or large letters: names become file names, and on some
        disks these are the same.
    """
    for folder in sorted(raw.iterdir()):
        if folder.is_dir() and (means := TAKEN.get(folder.name.casefold())):
            raise BadInputError(
                f"{folder}: expected another name, `{folder.name}` stands for {means}; rename the folder"
            )
