from pathlib import Path

import pytest

from pipeline.asked import entries_of, told_apart
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.records import Reason, Reject
from tests.reader import drawn


@pytest.mark.parametrize("said", ['rows: ["12"]', "label: 3"])
def test_labels_in_sheets_yaml_are_not_looked_at(said: str, tmp_path: Path) -> None:
    place = drawn.save(drawn.page(["12"]), tmp_path / "c" / "a.png")
    (tmp_path / "c" / "sheets.yaml").write_text(f"layout: rows\nturn: 0\n{said}\n")
    (entry,) = entries_of(place, {})
    (stated,) = entries_of(place, {"layout": "grid"})
    assert isinstance(entry, Photo)
    assert isinstance(stated, Photo)
    assert (entry.settings.layout, entry.settings.turn, entry.settings.rows, entry.label()) == ("rows", 0, None, -1)
    assert stated.settings.layout == "grid"


def test_a_photo_without_sheets_yaml_is_read_without_looking_through_its_folder(tmp_path: Path) -> None:
    place = drawn.save(drawn.page(["12"]), tmp_path / "home" / "a.png")
    (tmp_path / "home" / "secret").mkdir(mode=0)
    (entry,) = entries_of(place, {})
    assert isinstance(entry, Photo)
    assert entry.name == "a.png"


def photo(path: Path) -> Photo:
    return Photo(path, path.name, path.parent.name, Settings())


def test_a_photo_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    one, other = photo(tmp_path / "a" / "1.jpg"), photo(tmp_path / "a" / "2.jpg")
    lost = ("a/sheets.yaml", Reject(Reason.BAD_SHEETS_YAML, "bad"))
    assert told_apart([one, lost, other, one, lost]) == [one, lost, other]


def test_photos_of_one_name_in_two_folders_get_two_names_and_others_keep_theirs(tmp_path: Path) -> None:
    found = told_apart([photo(tmp_path / name) for name in ("ann/1.jpg", "ben/1.jpg", "ben/2.jpg")])
    names = [entry.name for entry in found if isinstance(entry, Photo)]
    assert names[2] == "2.jpg"
    assert names[0] != names[1]
    for name, end in zip(names, ("ann/1.jpg", "ben/1.jpg"), strict=False):
        assert name.endswith(end)
        assert not Path(name).is_absolute()  # it names a picture in a folder
