import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline import digits, sheets
from pipeline.errors import BadInputError
from pipeline.store import Store
from tests import params_file
from tests.reader import drawn

ROWS = ["1234", "567", "890"]


class Run:
    """One run of the stage in a folder of its own."""

    def __init__(self, raw: Path, place: Path, workers: int = 1) -> None:
        self.table, self.metrics, self.pictures = place / "sheets.parquet", place / "sheets.json", place / "sheets"
        place.mkdir(exist_ok=True)
        params = params_file.written(place, parallel={"workers": workers})
        sheets.main(params, raw, self.table, self.metrics, self.pictures)

    @property
    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = digits.load(self.table).to_pylist()
        return found

    @property
    def counts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.metrics.read_text())
        return found

    @property
    def rejects(self) -> list[dict[str, str]]:
        with (self.pictures / "rejects.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def files(self) -> dict[str, bytes]:
        return files(self.table.parent)


def files(place: Path) -> dict[str, bytes]:
    """What a run left, apart from its parameters."""
    paths = sorted(path for path in place.rglob("*") if path.is_file() and path.name != "params.yaml")
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Three collections: rows of two writers, crops in folders, and a mess."""
    raw = tmp_path / "raw"
    for name in ("a.png", "sub/b.jpg"):
        drawn.save(drawn.page(ROWS), raw / "rows" / name)
    (raw / "rows" / "sheets.yaml").write_text('layout: rows\nrows: ["1234", "567", "890"]\nsplit: train\n')
    for digit in "037":
        image = drawn.blank(60, 60)
        drawn.write_digit(image, digit, 15, 10, 40)
        drawn.save(image, raw / "ready" / digit / "1.png")
    drawn.save(drawn.blank(60, 60), raw / "ready" / "5" / "blank.png")
    (raw / "ready" / "sheets.yaml").write_text("layout: crops\nwriter: collection\n")
    (raw / "mess").mkdir()
    (raw / "mess" / "hostile.jpg").write_bytes(b"\xff\xd8\xff" + bytes(range(256)))
    (raw / "mess" / "empty.png").touch()
    (raw / "mess" / "film.gif").write_bytes(b"GIF89a")
    drawn.save(drawn.page(ROWS), raw / "mess" / "short.png")
    (raw / "mess" / "sheets.yaml").write_text('layout: rows\nrows: ["1234", "5678", "890"]\n')
    drawn.save(drawn.blank(60, 60), raw / "lost.png")
    return raw


def test_digits_metrics_and_rejects_agree(raw: Path, tmp_path: Path) -> None:
    run = Run(raw, tmp_path / "run")
    found = Counter(row["source"] for row in run.rows)
    assert found == {"rows": 20, "ready": 3, "mess": 7}
    labels = {row["photo"]: "" for row in run.rows}
    for row in run.rows:
        labels[row["photo"]] += str(row["label"])
    assert labels == {
        "mess/short.png": "1234890",
        "ready/0/1.png": "0",
        "ready/3/1.png": "3",
        "ready/7/1.png": "7",
        "rows/a.png": "1234567890",
        "rows/sub/b.jpg": "1234567890",
    }
    assert {row["split"] for row in run.rows if row["source"] == "rows"} == {"train"}
    assert {row["split"] for row in run.rows if row["source"] != "rows"} == {None}
    assert {row["writer"] for row in run.rows} == {"rows/a", "rows/sub/b", "ready/all", "mess/short"}

    reasons = Counter(reject["reason"] for reject in run.rejects)
    assert reasons == {"not-an-image": 3, "row-count": 1, "blank": 1, "no-collection": 1}
    counts = run.counts
    collections = counts.pop("collections")
    assert counts == {
        "photos": 11, "digits": 30, "rejects": 6, "reasons": dict(sorted(reasons.items())), "writers": 4,
    }  # fmt: skip
    assert {name: (entry["digits"], entry["rejects"]) for name, entry in collections.items()} == {
        "(none)": (0, 1), "mess": (7, 4), "ready": (3, 1), "rows": (20, 0),
    }  # fmt: skip


def test_any_number_of_workers_gives_the_same_bytes(raw: Path, tmp_path: Path) -> None:
    one, two = Run(raw, tmp_path / "one", 1).files(), Run(raw, tmp_path / "two", 2).files()
    assert list(one) == list(two)
    assert {name for name in one if one[name] != two[name]} == set()


def test_every_photo_has_a_contact_sheet_and_crops_share_theirs(raw: Path, tmp_path: Path) -> None:
    run = Run(raw, tmp_path / "run")
    drawn_ = {path.relative_to(run.pictures).as_posix() for path in run.pictures.rglob("*.jpg")}
    photos = {
        "rows/a.png.jpg",
        "rows/sub/b.jpg.jpg",
        "mess/hostile.jpg.jpg",
        "mess/empty.png.jpg",
        "mess/short.png.jpg",
    }
    assert drawn_ == {*photos, "ready/crops-000.jpg"}
    for name in drawn_:
        with Image.open(run.pictures / name) as picture:
            assert picture.width == 1000


@pytest.mark.slow
def test_a_removed_photo_takes_its_digits_and_its_picture_along(raw: Path, tmp_path: Path) -> None:
    before = Run(raw, tmp_path / "run")
    rows = before.rows
    (raw / "rows" / "a.png").unlink()
    after = Run(raw, tmp_path / "run")
    assert after.rows == [row for row in rows if row["photo"] != "rows/a.png"]
    assert not (after.pictures / "rows" / "a.png.jpg").exists()
    assert after.counts["photos"] == 10
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "params.yaml", "sheets", "sheets.json", "sheets.parquet",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_split_that_one_photo_states_is_its_writers_in_all_photos_also_where_it_gives_no_digit(
    raw: Path, tmp_path: Path
) -> None:
    for place in ("li/1.jpg", "li/2.png", "wang/1.png"):
        drawn.save(drawn.page(ROWS), raw / "class" / place)
    (raw / "class/li/1.jpg").write_bytes(b"")  # a copy that broke off
    said = 'layout: rows\nrows: ["1234", "567", "890"]\nwriter: folder\nphotos: {"li/1.jpg": {split: test}}\n'
    (raw / "class" / "sheets.yaml").write_text(said)
    split = {row["photo"]: row["split"] for row in Run(raw, tmp_path / "run").rows if row["source"] == "class"}
    assert split == {"class/li/2.png": "test", "class/wang/1.png": None}


def test_corrections_are_applied_last(raw: Path, tmp_path: Path) -> None:
    (raw / "corrections.csv").write_text("photo,row,col,label\nrows/a.png,0,0,7\nrows/a.png,0,1,drop\n")
    run = Run(raw, tmp_path / "run")
    first = [row["label"] for row in run.rows if row["photo"] == "rows/a.png" and row["row"] == 0]
    assert first == [7, 3, 4]
    assert run.counts["collections"]["rows"]["reasons"] == {"dropped": 1}


def test_a_typo_in_sheets_yaml_leaves_corrections_waiting_and_says_which(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (raw / "corrections.csv").write_text("photo,row,col,label\nrows/a.png,0,0,7\nready/0/1.png,0,0,drop\n")
    (raw / "rows" / "sheets.yaml").write_text("layout: row\n")
    counts = Run(raw, tmp_path / "run").counts
    assert (counts["corrections"]["relabelled"], counts["corrections"]["dropped"]) == (0, 1)
    assert "corrections.csv: rows/a.png was not read, its corrections (1) wait" in capsys.readouterr().out


def test_a_correction_of_nothing_stops_and_leaves_what_was_there(raw: Path, tmp_path: Path) -> None:
    before = Run(raw, tmp_path / "run").files()
    (raw / "corrections.csv").write_text("photo,row,col,label\nrows/a.png,9,9,7\n")
    with pytest.raises(
        BadInputError, match=r"line 2: expected a digit or a reject with ink, found none at rows/a.png, row 9"
    ):
        Run(raw, tmp_path / "run")
    assert files(tmp_path / "run") == before


@pytest.mark.slow
def test_a_reader_that_trips_over_one_photo_costs_only_that_photo(raw: Path, tmp_path: Path) -> None:
    """A page of noise so fine that the reader might choke on it still leaves the others whole."""
    noise = np.random.default_rng(0).integers(0, 256, (300, 400), dtype=np.uint8)
    drawn.save(noise, raw / "mess" / "noise.png")
    run = Run(raw, tmp_path / "run")
    assert Counter(row["source"] for row in run.rows)["rows"] == 20
    assert run.counts["collections"]["mess"]["photos"] == 5


@pytest.mark.slow
def test_a_cache_too_small_for_the_photos_is_told_where_something_is_read_anew(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for gigabytes, told in ((0.0001, True), (1, False)):
        small = Store(tmp_path / f"kept {gigabytes}", gigabytes)
        monkeypatch.setattr("pipeline.store.store", lambda small=small: small)
        Run(raw, tmp_path / "run")
        assert ("set a larger MNIST_CN_CACHE_GB" in capsys.readouterr().out) == told


def test_no_photos_at_all_give_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    run = Run(tmp_path / "raw", tmp_path / "run")
    assert run.rows == run.rejects == []
    assert run.counts == {"photos": 0, "digits": 0, "rejects": 0, "reasons": {}, "writers": 0, "collections": {}}


def test_a_missing_raw_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"raw: expected a folder of photos, found none; create "):
        Run(tmp_path / "raw", tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["params.yaml"]


@pytest.mark.parametrize("name", ["mnist", "Handwriting"])
def test_a_collection_that_is_called_as_other_digits_are_stops_the_run_before_it_reads(
    name: str, raw: Path, tmp_path: Path
) -> None:
    (raw / "ready").rename(raw / name)
    with pytest.raises(BadInputError, match=f"{name}: expected another name, .*; rename the folder"):
        Run(raw, tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["params.yaml"]


def test_simulated_numbers_are_marked(raw: Path, tmp_path: Path) -> None:
    with (raw / "ready" / "sheets.yaml").open("a") as file:
        file.write("simulated: true\n")
    counts = Run(raw, tmp_path / "run").counts
    assert counts["collections"]["ready"]["simulated"] is True
    assert "simulated" not in counts["collections"]["rows"]
    assert "simulated" not in counts
