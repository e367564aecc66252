"""One photo read and drawn: its digits, its rejects and its contact sheet, kept for the next run."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL.Image import Image

from pipeline import parallel
from pipeline import store as kept
from pipeline.params import Sheets
from pipeline.pictures.contact import Cutting, Mark, Tile, contact_sheet, jpeg
from pipeline.reader import cache, stored
from pipeline.reader.collection import Entry, Photo, Settings
from pipeline.reader.photo import Rgb
from pipeline.reader.read import Reading, read_photo
from pipeline.reader.records import Corners, Reason, Reject

DECIDES = {"layout", "label", "rows", "turn"}  # the settings that a reading depends on; the others name and sort it
AROUND = 0.2  # of a reject's size: what surrounds it in its thumbnail


@dataclass(frozen=True)
class Read:
    """What a photo gave."""

    reading: Reading
    picture: bytes  # its contact sheet as a JPEG file; none for ready crops, which share theirs
    reused: bool = False


@dataclass(frozen=True)
class Reader:
    """Reads photos, or recalls what was read of them before; one that runs in a worker process."""

    limits: Sheets

    def __call__(self, photo: Photo) -> Read:
        """Return what a photo gives. A photo that the reader trips over is a reject and costs no other photo."""
        store, content = kept.store(), _content(photo)
        key = None if content is None else self._key(photo, content)
        if store is not None and key is not None and (found := _unpacked(store.get(key), photo)) is not None:
            return found
        try:
            reading, rgb = read_photo(photo, self.limits)
            picture = b"" if photo.settings.layout == "crops" else jpeg(picture_of(reading, rgb))
        except Exception as error:
            reading = failed(photo, error)
            return Read(reading, jpeg(picture_of(reading, None)))
        if store is not None and key is not None and _content(photo) == content:  # else it was another photo's content
            store.put(key, stored.pack(reading, picture))
        return Read(reading, picture)

    def remembers(self, photo: Photo) -> bool:
        """Tell, without opening the file, whether it was read before and has not been touched since."""
        store = kept.store()
        try:
            digest = None if store is None else store.known_digest(photo.path)
        except OSError:
            return False
        return store is not None and digest is not None and self._key(photo, digest) in store

    def _key(self, photo: Photo, digest: str) -> str:
        """Return a hash of all that the reading and its picture depend on."""
        settings = photo.settings.model_dump_json(include=DECIDES)
        parts = (cache.code(), digest, photo.name, settings, self.limits.model_dump_json())
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=20).hexdigest()


def _content(photo: Photo) -> str | None:
    """Return the hash of a photo's file, or None where nothing is kept or it cannot be read: decoding it says why."""
    store = kept.store()
    try:
        return None if store is None else store.known_digest(photo.path) or store.digest(photo.path)
    except OSError:
        return None


def failed(photo: Photo, error: Exception) -> Reading:
    """Return the reading of a photo that the reader tripped over."""
    detail = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return Reading(photo, [], [Reject(Reason.READER_FAILED, detail, advice="please report this photo")])


def read_all(entries: Sequence[Entry], limits: Sheets, workers: int) -> Iterator[Read]:
    """Yield what each entry gave, in the order of collections and names.

    Photos that were read before are recalled here; the others are read side by side.
    """
    reader = Reader(limits)
    ordered = sorted(entries, key=_place)
    waiting = [entry for entry in ordered if isinstance(entry, Photo) and not reader.remembers(entry)]
    names = {photo.name for photo in waiting}
    fresh = parallel.each(reader, waiting, workers=workers, title="reading photos")
    for entry in ordered:
        if not isinstance(entry, Photo):
            name, reject = entry
            nobody = Settings(writer="row")  # and no row
            yield Read(Reading(Photo(Path(name), name, _collection(name), nobody), [], [reject]), b"")
        else:
            yield next(fresh) if entry.name in names else reader(entry)


def _place(entry: Entry) -> tuple[str, str]:
    return (entry.collection, entry.name) if isinstance(entry, Photo) else (_collection(entry[0]), entry[0])


def _collection(name: str) -> str:
    return name.partition("/")[0] if "/" in name else "(none)"


def picture_of(reading: Reading, rgb: Rgb | None) -> Image:
    """Draw the contact sheet of one photo."""
    placed = [(str(reject.reason), reject.corners) for reject in reading.rejects if reject.corners is not None]
    marks = [Mark(digit.corners, str(digit.label), good=True) for digit in reading.digits]
    marks += [Mark(corners, reason, good=False) for reason, corners in placed]
    tiles = [Tile(digit.image, str(digit.label)) for digit in reading.digits]
    title = f"{reading.photo.name}: {len(reading.digits)} digits, {len(reading.rejects)} rejects"
    cuttings = [] if rgb is None else [Cutting(_cut(rgb, corners), reason) for reason, corners in placed]
    notes = [describe(reject) for reject in reading.rejects]
    return contact_sheet(title, rgb, marks, tiles, notes, cuttings=cuttings)


def describe(reject: Reject) -> str:
    """Say in one line where a reject stands, why it is one, and what to do."""
    places = {"row": reject.row, "col": reject.col}
    place = ", ".join(f"{name} {value}" for name, value in places.items() if value is not None)
    said = "; ".join(part for part in (f"{reject.reason}: {reject.detail}", reject.advice) if part)
    return f"{place}: {said}" if place else said


def _unpacked(content: bytes | None, photo: Photo) -> Read | None:
    found = None if content is None else stored.unpack(content, photo)
    return None if found is None else Read(*found, reused=True)


def _cut(rgb: Rgb, corners: Corners) -> Rgb:
    """Return the piece of the photo around four corners, with some of what surrounds it."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = AROUND * float((high - low).max()) + 1
    left, top = np.maximum(np.floor(low - margin), 0).astype(int)
    right, bottom = np.ceil(high + margin).astype(int)
    return rgb[top : max(bottom, 1), left : max(right, 1)]
