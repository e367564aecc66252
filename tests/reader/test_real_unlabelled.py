"""The reader on real photographs of whose digits it is told nothing, against counts that were checked by eye."""

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.collection import Photo
from pipeline.reader.finding import find
from pipeline.reader.read import ReadDigit, read_photo

with Path(__file__).with_name("goldens-unlabelled.csv").open(newline="", encoding="utf-8") as _file:
    EXPECTED = {line["photo"]: line for line in csv.DictReader(_file)}
QUICK = ("bikz05/photo_1.jpg", "bikz05/photo_2.jpg", "joaogmsf/numbers.jpg")  # less than a second for both readings
PIXELS = 3.0  # two readings of the same digit meet within so many pixels of the photo


@pytest.fixture(scope="session")
def photos(real_photos: Path) -> dict[str, Photo]:
    return {entry.name: entry for entry in find(real_photos) if isinstance(entry, Photo)}


def middles(digits: Iterable[ReadDigit]) -> dict[tuple[int | None, int | None], np.ndarray]:
    return {(digit.row, digit.col): digit.corners.mean(axis=0) for digit in digits}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in EXPECTED]
)
def test_without_labels_a_photo_gives_the_same_digits_at_the_same_places_as_with_them(
    name: str, photos: dict[str, Photo], limits: Sheets
) -> None:
    reading, _ = read_photo(photos[name].unlabelled(), limits)
    per_row = Counter(digit.row for digit in reading.digits)
    reasons = Counter(str(reject.reason) for reject in reading.rejects)
    assert {
        "photo": name,
        "digits": str(len(reading.digits)),
        "rejects": " ".join(f"{reason} {count}" for reason, count in sorted(reasons.items())),
        "digits_per_row": " ".join(str(per_row[row]) for row in range(max(per_row) + 1)),
    } == EXPECTED[name]
    found, told = middles(reading.digits), middles(read_photo(photos[name], limits)[0].digits)
    both = found.keys() & told.keys()
    assert len(both) >= len(told) - 1  # that one touches its neighbour, which only its label tells apart
    assert all(np.abs(found[place] - told[place]).max() < PIXELS for place in both)
