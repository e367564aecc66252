"""Photos and their readings, as the page asks for them: read once, the last few kept in memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.collection import Photo
from pipeline.reader.finding import find
from pipeline.reader.photo import Rgb, decode, turned
from pipeline.reader.read import ReadDigit, Reading
from pipeline.reader.records import Corners, Reject
from pipeline.reading import Reader

KEPT_READINGS, KEPT_PHOTOS = 256, 6  # in memory: a reading of 100 digits takes 0.1 MB, a photo up to 20 MB
SIDE = 2000  # pixels of a photo's longer side that are enough to look at a digit

State = tuple[int, int, int] | None
"""What changes whenever a file does; None where there is none."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def state_of(path: Path) -> State:
    """Return a file's inode, size and time of change."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns)


class Recent(Generic[Key, Value]):
    """The last few results of a slow function, which never runs twice at once."""

    def __init__(self, make: Callable[[Key], Value], most: int) -> None:
        """Keep at most ``most`` results of ``make``."""
        self._make, self._most = make, most
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, key: Key) -> Value:
        """Return what is kept, or make it."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._make(key)
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return self._kept[key]

    def forget(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()


class Photos:
    """The photos below ``raw/``."""

    def __init__(self, raw: Path, limits: Sheets) -> None:
        """Know where they are; nothing is opened yet."""
        self._raw, self._reader, self._limits = raw, Reader(limits), limits
        self._readings: Recent[tuple[str, State], Reading] = Recent(self._read, KEPT_READINGS)
        self._pictures: Recent[tuple[str, State], Rgb | None] = Recent(self._decode, KEPT_PHOTOS)
        self._shown: dict[str, State] = {}
        self._known: dict[str, Photo] | None = None

    def reading(self, name: str) -> Reading:
        """Return what was read on a photo, before any correction. Raises KeyError if there is no such photo."""
        return self._readings((name, self._state(name)))

    def picture(self, name: str) -> Rgb | None:
        """Return an upright photo, its longer side about ``SIDE`` pixels; None where it cannot be decoded."""
        return self._pictures((name, self._state(name)))

    def digit(self, name: str, row: int, col: int) -> ReadDigit | None:
        """Return the digit that was read at a place, or that a reject there would have been."""
        reading = self.reading(name)
        every = [*reading.digits, *reading.refused]
        return next((digit for digit in every if (digit.row, digit.col) == (row, col)), None)

    def corners(self, name: str, corners: Corners) -> NDArray[np.float64] | None:
        """Return corners in the pixels of :meth:`picture`; None where there is none."""
        picture, shape = self.picture(name), self.reading(name).shape
        if picture is None or shape is None:
            return None
        return np.asarray(corners * (np.array(picture.shape[1::-1]) / np.array(shape[::-1])), np.float64)

    def show(self, name: str) -> None:
        """Note that somebody is shown a photo as it is now. Raises KeyError if there is no such photo."""
        self._shown.setdefault(name, self._state(name))

    def there(self, name: str) -> bool:
        """Tell whether a photo is there and read; a correction may name one that is not any more."""
        try:
            return self._state(name) is not None
        except KeyError:
            return False

    def as_shown(self, name: str) -> bool:
        """Tell whether a photo is the one that somebody was shown: another one may lie in its place by now."""
        return name not in self._shown or self._shown[name] == self._state(name)

    def forget(self) -> None:
        """Look at the disk again: photos or what sheets.yaml says of them may have changed."""
        self._known = None
        self._shown.clear()
        self._readings.forget()
        self._pictures.forget()

    def _photo(self, name: str) -> Photo:
        if self._known is None:
            self._known = {entry.name: entry for entry in find(self._raw) if isinstance(entry, Photo)}
        return self._known[name]

    def _state(self, name: str) -> State:
        return state_of(self._photo(name).path)

    def _read(self, key: tuple[str, State]) -> Reading:
        return self._reader(self._photo(key[0])).reading

    def _decode(self, key: tuple[str, State]) -> Rgb | None:
        name = key[0]
        decoded = decode(self._photo(name).path, self._limits.max_megapixels, SIDE)
        return None if isinstance(decoded, Reject) else turned(decoded, self.reading(name).turn)
