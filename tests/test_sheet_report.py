import csv
from pathlib import Path

import numpy as np
import pytest

from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import ReadDigit, Reading
from pipeline.reader.records import Reason, Reject, whole_photo
from pipeline.reading import Read
from pipeline.sheet_report import CROPS_A_SHEET, Report


def read(name: str, *rejects: Reject, digits: int = 1, picture: bytes = b"JPEG", layout: str = "rows") -> Read:
    image = np.full((28, 28), 200, np.uint8)
    found = [ReadDigit(image, 7, 0, col, whole_photo(9, 9)) for col in range(digits)]
    photo = Photo(Path(name), name, name.partition("/")[0], Settings.model_validate({"layout": layout}))
    return Read(Reading(photo, found, list(rejects)), b"" if layout == "crops" else picture, reused=name.endswith("b"))


def write(folder: Path, *reads: Read) -> Report:
    folder.mkdir(exist_ok=True)
    with Report(folder) as report:
        assert len(list(report.written(report.pictures(reads)))) == len(reads)
    return report


def test_every_reject_is_a_line_with_its_advice(tmp_path: Path) -> None:
    blank = Reject(Reason.BLANK, "no ink", 2, 3, 7, advice="write, please")
    write(tmp_path, read("c/a", blank, Reject(Reason.DROPPED, "")), read("c/b"))
    with (tmp_path / "rejects.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert lines[1:] == [
        ["c/a", "2", "3", "7", "blank", "no ink", "write, please", "no"],
        ["c/a", "", "", "", "dropped", "", "", "no"],
    ]


def test_pictures_of_names_that_differ_by_a_suffix_have_places_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, read("c/a.png", picture=b"1"), read("c/a.png.jpg", picture=b"2"), read("c/a.jpg", picture=b"3"))
    kept = {path.name: path.read_bytes() for path in (tmp_path / "c").iterdir()}
    assert kept == {"a.png.jpg": b"1", "a.png.jpg.jpg": b"2", "a.jpg.jpg": b"3"}


def test_a_name_that_no_picture_can_have_is_on_the_page_without_one(tmp_path: Path) -> None:
    name = "c/" + "a" * 251 + ".jpg"  # the longest that a file can have
    write(tmp_path, read(name, Reject(Reason.BAD_NAME, "too long"), digits=0, picture=b""))
    page = (tmp_path / "index.html").read_text()
    assert name in page
    assert "<img" not in page


def test_crops_share_contact_sheets_and_collections_do_not(tmp_path: Path) -> None:
    many = [read(f"c/{number:04}", layout="crops") for number in range(CROPS_A_SHEET + 1)]
    write(tmp_path, *many, read("d/1", layout="crops"))
    pictures = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.jpg")}
    assert pictures == {"c/crops-000.jpg", "c/crops-001.jpg", "d/crops-000.jpg"}
    page = (tmp_path / "index.html").read_text()
    assert page.count("<img") == 3
    assert f"{CROPS_A_SHEET} digits" in page


def test_how_many_were_new_is_said(tmp_path: Path) -> None:
    report = write(tmp_path / "sheets", read("c/a"), read("c/b"), read("d/b"))
    assert report.summary(Path("metrics/sheets")) == "3 photos: 1 new, 2 reused; look at metrics/sheets/index.html"


def test_counts_come_in_full_after_the_last_reading(tmp_path: Path) -> None:
    report = write(tmp_path, read("c/a", digits=3), read("d/b", Reject(Reason.BLANK, ""), digits=0))
    counts = report.counts()
    assert (counts["photos"], counts["digits"], counts["rejects"]) == (2, 3, 1)


@pytest.mark.parametrize(("reason", "marked"), [(Reason.BLANK, 0), (Reason.NOT_REGISTERED, 1), (Reason.ROW_COUNT, 1)])
def test_photos_to_take_again_are_marked_on_the_page(reason: Reason, marked: int, tmp_path: Path) -> None:
    write(tmp_path, read("c/a", Reject(reason, "")))
    assert (tmp_path / "index.html").read_text().count("class=retake") == marked


def test_a_sheets_yaml_that_cannot_be_used_is_no_new_photo(tmp_path: Path) -> None:
    report = write(
        tmp_path, read("c/sheets.yaml", Reject(Reason.BAD_SHEETS_YAML, "unknown key"), digits=0), read("c/b")
    )
    assert report.summary(Path("metrics/sheets")).startswith("1 photos: 0 new, 1 reused")
