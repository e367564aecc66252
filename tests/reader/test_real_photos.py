"""The reader on real photographs, against counts that were checked by eye on their contact sheets."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from pipeline.params import Sheets
from pipeline.reader.collection import Photo
from pipeline.reader.finding import find
from pipeline.reader.read import read_photo

GOLDENS = Path(__file__).with_name("goldens.csv")
with GOLDENS.open(newline="", encoding="utf-8") as _file:
    EXPECTED = {line["photo"]: line for line in csv.DictReader(_file)}
WRITTEN = 1_197  # digits on ptddigits' ten photos, by connected components
SLOW = ("keunyoung_jung/digits.jpg", *(f"ptddigits/{digit}.jpg" for digit in "023456789"))  # a second and more each


@pytest.fixture(scope="session")
def photos(real_photos: Path) -> dict[str, Photo]:
    return {entry.name: entry for entry in find(real_photos) if isinstance(entry, Photo)}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in EXPECTED]
)
def test_a_real_photo_gives_the_digits_that_were_checked_by_eye(
    name: str, photos: dict[str, Photo], limits: Sheets
) -> None:
    reading, _ = read_photo(photos[name], limits)
    per_row = Counter(digit.row for digit in reading.digits)
    reasons = Counter(str(reject.reason) for reject in reading.rejects)
    assert {
        "photo": name,
        "digits": str(len(reading.digits)),
        "rejects": " ".join(f"{reason} {count}" for reason, count in sorted(reasons.items())),
        "digits_per_row": " ".join(str(per_row[row]) for row in range(max(per_row, default=-1) + 1)),
    } == EXPECTED[name]


def test_the_chinese_students_digits_come_out_nearly_all() -> None:
    total = sum(int(line["digits"]) for name, line in EXPECTED.items() if name.startswith("ptddigits/"))
    assert 1_150 <= total <= WRITTEN
