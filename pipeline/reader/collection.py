"""A photo of a collection, and what `sheets.yaml` says of it."""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from pipeline.checked import Section
from pipeline.params import Digit
from pipeline.reader.records import UNLABELLED, Reject

RowString = Annotated[str, Field(pattern=r"^[0-9]+$")]


def _one_line(text: str) -> str:
    if not text.isprintable() or text != text.strip() or not text:
        raise PydanticCustomError("one_line", "one line of text without blanks at its ends")
    return text


OneLine = Annotated[str, Field(max_length=300), AfterValidator(_one_line)]  # 300: the data card quotes it


class Settings(Section):
    """What a collection's sheets.yaml may say, and its defaults (see docs/photos.md)."""

    layout: Literal["template", "grid", "rows", "crops"] = "template"
    label: Literal["from-name"] | Digit | None = None
    rows: tuple[RowString, ...] | None = None
    writer: Literal["file", "collection", "row", "folder"] | None = None  # None: file; of crops unknown
    turn: Literal["auto", 0, 90, 180, 270] = "auto"
    split: Literal["auto", "train", "test"] = "auto"
    simulated: bool = False  # drawn by `mnist-cn simulate`: its numbers are marked wherever they appear
    license: OneLine | None = None  # under which the photos may be used, such as CC BY 4.0; the data card names it
    origin: OneLine | None = None  # where the photos come from: an address, a class, who asked whom

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        if self.label is not None and self.rows is not None:
            raise PydanticCustomError("said_twice", "`label` or `rows`, not both: each says what every digit is")
        return self

    def overridden(self, stated: dict[str, Any]) -> "Settings":
        """Return these settings with valid others in their place.

        A label that is stated takes the place of rows too, and rows that of a label: both say which digits there are.
        """
        said = {"label", "rows"} & {key for key, value in stated.items() if value is not None}
        unsaid = {"label": {"rows": None}, "rows": {"label": None}}[said.pop()] if len(said) == 1 else {}
        return self.model_copy(update={**unsaid, **stated})


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

        For ``crops`` without a label, the nearest folder named 0 to 9; for ``from-name``, the first number in the
        file's name, if it has one digit: 7 of ``7.jpg`` and ``digit-7_012.jpg``, nothing of ``IMG_2024 (3).jpg``.
        """
        if isinstance(self.settings.label, int):
            return self.settings.label
        place = PurePosixPath(self.name)
        if self.settings.label == "from-name":
            found = re.search(r"[0-9]+", place.stem)
            return int(found[0]) if found and len(found[0]) == 1 else None
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
