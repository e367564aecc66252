"""What reading photos leaves for people: contact sheets, one page that shows them, a list of rejects, and counts."""

import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from pipeline.pictures.contact import Tile, contact_sheet, save
from pipeline.pictures.page import Page
from pipeline.reader.collection import Photo
from pipeline.reader.read import Reading
from pipeline.reader.tally import Counted
from pipeline.reading import Read, describe

CROPS_A_SHEET = 460  # ready crops share contact sheets: 20 lines of tiles


class Report:
    """Writes into one folder as readings pass by, so that memory stays bounded whatever the number of photos."""

    def __init__(self, folder: Path) -> None:
        """Prepare to write into an existing folder."""
        self._folder = folder
        self._counted = Counted()
        self._crops: list[Reading] = []  # waiting for their contact sheet
        self._crop_sheets = 0  # of the collection that passes by
        self.photos = self.reused = 0

    def __enter__(self) -> "Report":
        """Open the files."""
        self._page = Page(self._folder / "index.html").__enter__()
        self._file = (self._folder / "rejects.csv").open("w", encoding="utf-8", newline="")
        self._rejects = csv.writer(self._file, lineterminator="\n")
        self._rejects.writerow(["photo", "row", "col", "label", "reason", "detail", "advice", "ink"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        self._file.close()
        self._page.__exit__(kind, error, trace)

    def pictures(self, reads: Iterable[Read]) -> Iterator[Reading]:
        """Write the contact sheet of each photo and pass its reading on."""
        for read in reads:
            self.photos += read.reading.is_of_a_photo
            self.reused += read.reused
            if read.picture:
                path = self._folder / _picture_name(read.reading.photo)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(read.picture)
            yield read.reading

    def written(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """Count each reading, write its rejects and its place on the page, and pass it on; then finish the page."""
        for reading in readings:
            self._counted.add(reading)
            kept = {(digit.row, digit.col) for digit in reading.refused}  # a person may accept these
            for reject in reading.rejects:
                place = (reject.row, reject.col, reject.label)
                ink = "yes" if (reject.row, reject.col) in kept else "no"
                self._rejects.writerow([reading.photo.name, *place, reject.reason, reject.detail, reject.advice, ink])
            if reading.photo.settings.layout == "crops":
                self._add_crop(reading)
            else:
                self._add_photo(reading)
            yield reading
        self._draw_crops()
        self._page.finish(self.counts())

    def counts(self) -> dict[str, object]:
        """Return what ``metrics/sheets.json`` holds."""
        return self._counted.as_json()

    def summary(self, where: Path) -> str:
        """Say in one line how much was read anew; ``where`` is the folder once it is finished."""
        new = self.photos - self.reused
        return f"{self.photos:,} photos: {new:,} new, {self.reused:,} reused; look at {where}/index.html"

    def _add_photo(self, reading: Reading) -> None:
        picture = self._folder / _picture_name(reading.photo)
        pictured = os.path.exists(picture)  # noqa: PTH110 -- Path.exists raises an error where a name is too long
        self._page.add(
            reading.photo.name,
            picture.relative_to(self._folder).as_posix() if pictured else None,
            len(reading.digits),
            [describe(reject) for reject in reading.rejects],
            retake=any(reject.reason.needs_retake for reject in reading.rejects),
        )

    def _add_crop(self, reading: Reading) -> None:
        """Ready crops share contact sheets, one series a collection."""
        other = self._crops and self._crops[0].photo.collection != reading.photo.collection
        if other or len(self._crops) == CROPS_A_SHEET:
            self._draw_crops()
        if other:
            self._crop_sheets = 0
        self._crops.append(reading)

    def _draw_crops(self) -> None:
        if not self._crops:
            return
        collection, number = self._crops[0].photo.collection, self._crop_sheets
        tiles = [Tile(digit.image, str(digit.label)) for reading in self._crops for digit in reading.digits]
        rejects = [reject for reading in self._crops for reject in reading.rejects]
        notes = [f"{reading.photo.name}: {describe(reject)}" for reading in self._crops for reject in reading.rejects]
        name = f"{collection}/crops-{number:03d}.jpg"
        title = f"{collection}: {len(self._crops)} crops from {self._crops[0].photo.name}, {len(notes)} rejects"
        (self._folder / collection).mkdir(exist_ok=True)
        save(contact_sheet(title, None, [], tiles, notes), self._folder / name)
        retake = any(reject.reason.needs_retake for reject in rejects)
        self._page.add(name, name, len(tiles), notes, retake=retake)
        self._crops, self._crop_sheets = [], number + 1


def _picture_name(photo: Photo) -> str:
    """Return where a photo's contact sheet goes: no two photos have the same place."""
    return f"{photo.name}.jpg"
