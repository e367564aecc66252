"""Stage `sheets`: photos in `raw/` become digits, or rejects with a reason."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
from PIL.Image import Image

from pipeline import digits, parallel, stage
from pipeline.atomic import replacing, write_json
from pipeline.digits import SIDE
from pipeline.errors import BadInputError
from pipeline.params import Params, Sheets
from pipeline.params import load as load_params
from pipeline.pictures.contact import Mark, Tile, contact_sheet, save
from pipeline.reader import corrections
from pipeline.reader.collection import Photo, Settings, find
from pipeline.reader.photo import Rgb
from pipeline.reader.read import Reading, read_photo
from pipeline.reader.records import Reason, Reject

CROPS_A_PAGE = 460  # ready crops share contact sheets: 20 lines of tiles


@dataclass(frozen=True)
class Reader:
    """Reads a photo and leaves its contact sheet in a folder; one that runs in a worker process."""

    limits: Sheets
    pictures: Path

    def __call__(self, photo: Photo) -> Reading:
        """Return what the photo gave; the picture is written, not returned, so that memory stays bounded."""
        try:
            reading, rgb = read_photo(photo, self.limits)
        except Exception as error:  # one photo that the reader trips over must not cost the others theirs
            detail = f"{type(error).__name__}: {' '.join(str(error).split())}; please report this photo"
            reading, rgb = Reading(photo, [], [Reject(Reason.READER_FAILED, detail)]), None
        if photo.settings.layout != "crops":
            save(picture_of(reading, rgb), self.pictures / _picture_name(photo.name))
        return reading


def picture_of(reading: Reading, rgb: Rgb | None) -> Image:
    """Draw the contact sheet of one photo."""
    marks = [Mark(digit.corners, str(digit.label), good=True) for digit in reading.digits]
    marks += [Mark(r.corners, r.reason, good=False) for r in reading.rejects if r.corners is not None]
    tiles = [Tile(digit.image, str(digit.label)) for digit in reading.digits]
    title = f"{reading.photo.name}: {len(reading.digits)} digits, {len(reading.rejects)} rejects"
    return contact_sheet(title, rgb, marks, tiles, [describe(reject) for reject in reading.rejects])


def describe(reject: Reject) -> str:
    """Say in one line where a reject stands and why it is one."""
    places = {"row": reject.row, "col": reject.col}
    place = ", ".join(f"{name} {value}" for name, value in places.items() if value is not None)
    said = "; ".join(part for part in (f"{reject.reason}: {reject.detail}", reject.advice) if part)
    return f"{place}: {said}" if place else said


def table_of(readings: Iterable[Reading]) -> pa.Table:
    """Turn readings into a digit table, in reading order."""
    found = [(reading.photo, digit) for reading in readings for digit in reading.digits]
    splits = {"auto": None, "train": "train", "test": "test"}
    return digits.from_columns(
        np.stack([digit.image for _, digit in found]) if found else np.empty((0, SIDE, SIDE), np.uint8),
        [digit.label for _, digit in found],
        [photo.collection for photo, _ in found],
        writer=[photo.writer(digit.row) for photo, digit in found],
        photo=[photo.name for photo, _ in found],
        row=[digit.row for _, digit in found],
        col=[digit.col for _, digit in found],
        split=[splits[photo.settings.split] for photo, _ in found],
    )


def metrics_of(readings: Sequence[Reading]) -> dict[str, object]:
    """Count photos, digits and rejects by reason, in all and by collection."""
    collections = {
        name: _counts(list(group)) for name, group in groupby(readings, key=lambda reading: reading.photo.collection)
    }
    return {**_counts(readings), "collections": collections}


def _counts(readings: Sequence[Reading]) -> dict[str, object]:
    reasons = Counter(str(reject.reason) for reading in readings for reject in reading.rejects)
    writers = {reading.photo.writer(digit.row) for reading in readings for digit in reading.digits}
    counts: dict[str, object] = {
        "photos": len({reading.photo.name for reading in readings}),
        "digits": sum(len(reading.digits) for reading in readings),
        "rejects": reasons.total(),
        "reasons": dict(sorted(reasons.items())),
        "writers": len(writers - {None}),
    }
    if readings and all(reading.photo.settings.simulated for reading in readings):
        counts["simulated"] = True
    return counts


def _read_all(raw: Path, pictures: Path, settings: Params) -> list[Reading]:
    """Read every photo side by side; what is no photo but should be becomes a reading with one reject."""
    entries = list(find(raw))
    photos = [entry for entry in entries if isinstance(entry, Photo)]
    reader = Reader(settings.sheets, pictures)
    readings = list(parallel.each(reader, photos, workers=settings.parallel.workers, title="reading photos"))
    for entry in entries:
        if not isinstance(entry, Photo):
            name, reject = entry
            collection = name.partition("/")[0] if "/" in name else "(none)"
            readings.append(Reading(Photo(raw / name, name, collection, Settings()), [], [reject]))
    return sorted(readings, key=lambda reading: (reading.photo.collection, reading.photo.name))


def _draw_crops(readings: Sequence[Reading], pictures: Path) -> None:
    """Ready crops share contact sheets, one series a collection."""
    crops = [reading for reading in readings if reading.photo.settings.layout == "crops"]
    for collection, group in groupby(crops, key=lambda reading: reading.photo.collection):
        members = list(group)
        for page, start in enumerate(range(0, len(members), CROPS_A_PAGE)):
            part = members[start : start + CROPS_A_PAGE]
            tiles = [Tile(digit.image, str(digit.label)) for reading in part for digit in reading.digits]
            notes = [f"{r.photo.name}: {describe(reject)}" for r in part for reject in r.rejects]
            title = f"{collection}: crops {start} to {start + len(part) - 1}, {len(notes)} rejects"
            save(contact_sheet(title, None, [], tiles, notes), pictures / collection / f"crops-{page:03d}.jpg")


def _write_rejects(readings: Sequence[Reading], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["photo", "row", "col", "label", "reason", "detail"])
        for reading in readings:
            for reject in reading.rejects:
                place = (reject.row, reject.col, reject.label)
                writer.writerow([reading.photo.name, *place, reject.reason, reject.detail])


def _picture_name(photo: str) -> str:
    return photo if photo.endswith(".jpg") else f"{photo}.jpg"


def main(params: Path, raw: Path, table: Path, metrics: Path, pictures: Path) -> None:
    """Read every photo below raw/: digits, counts, contact sheets."""
    settings = load_params(params)
    if not raw.is_dir():
        raise BadInputError(f"{raw}: expected a folder of photos, found none; create {raw}/<collection>/")
    hand_edited = raw / "corrections.csv"
    wanted = corrections.load(hand_edited)
    with replacing(pictures) as draft:
        draft.mkdir()
        readings = corrections.apply(wanted, _read_all(raw, draft, settings), hand_edited)
        _draw_crops(readings, draft)
        _write_rejects(readings, draft / "rejects.csv")
    digits.save(table_of(readings), table)
    write_json(metrics, metrics_of(readings))


if __name__ == "__main__":
    stage.run(main)
