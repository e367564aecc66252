from contextlib import nullcontext
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from pipeline.errors import BadInputError
from pipeline.outputs import answered_places, check_picture, check_texts, checked_place, picture_place
from pipeline.reader.collection import Photo, Settings
from tests.params_file import ROOT


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two photos in a plain folder, and a collection with one."""
    for name in ("ann/1.jpg", "ann/2.jpg", "raw/c/1.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "dvc.yaml").touch()
    monkeypatch.chdir(tmp_path)


def photos(*names: str) -> list[Photo]:
    return [Photo(Path(name), name, "c", Settings()) for name in names]


def optional(name: str | None) -> Path | None:
    return None if name is None else Path(name)


@pytest.mark.parametrize(
    ("out", "alone", "place"),
    [
        ("a-predicted.jpg", True, "a-predicted.jpg"),
        ("predicted", False, "predicted/c/a.png.jpg"),
        ("x.png", True, "x.png"),
        ("seen", True, "seen/c/a.png.jpg"),
        ("seen.d", False, "seen.d/c/a.png.jpg"),
    ],
)
def test_a_picture_goes_where_it_is_wanted(out: str, alone: bool, place: str) -> None:
    photo = Photo(Path("raw/c/a.png"), "c/a.png", "c", Settings())
    assert picture_place(Path(out), photo, alone=alone) == Path(place)


@pytest.mark.parametrize(
    ("place", "out", "left"),
    [
        ("ann/1.jpg", None, "1-check.jpg"),
        ("ann/1.jpg", "ann/seen.JPEG", "ann/seen.JPEG"),
        ("ann", None, "ann-check"),
        ("ann", "seen", "seen"),
        ("raw/c", None, "c-check"),
    ],
)
def test_a_check_leaves_its_picture_here_or_where_it_is_told(place: str, out: str | None, left: str) -> None:
    assert checked_place(Path(place), optional(out)) == Path(left)


@pytest.mark.parametrize(("page", "known"), [("index-2.html", True), ("index-b.html", False), ("other.html", False)])
def test_a_check_takes_the_place_of_an_earlier_ones_pages_and_of_no_others(page: str, known: bool) -> None:
    for name in ("index.html", "rejects.csv", "ann/1.jpg.jpg", page):
        Path("seen", name).parent.mkdir(parents=True, exist_ok=True)
        Path("seen", name).touch()
    with nullcontext() if known else pytest.raises(BadInputError, match=rf"found `{page}` in it"):
        assert checked_place(Path("ann"), Path("seen")) == Path("seen")


@pytest.mark.parametrize(
    ("place", "out", "told"),
    [
        ("ann/1.jpg", "ann/1.jpg", "got the photo itself"),
        ("ann/1.jpg", "seen.png", r"expected a picture's name \(.jpg .jpeg\), got `seen.png`; name another --out"),
        ("ann/1.jpg", "raw/c/seen.jpg", "expected a place outside of .*raw, .*; try --out seen.jpg"),
        ("ann", "ann/seen", "expected a place outside of .*ann, .*; try --out ann-check"),
        ("ann", "raw/seen", "expected a place outside of .*raw, .*; try --out ann-check"),
        ("ann", ".", "expected a folder apart from the photos"),
        ("raw/c", "ann", r"found `1\.jpg` in it"),
    ],
)
def test_a_check_is_refused_what_would_cost_or_become_a_photo(place: str, out: str, told: str) -> None:
    with pytest.raises(BadInputError, match=told):
        checked_place(Path(place), Path(out))


def test_a_picture_may_be_of_every_kind_that_the_command_writes() -> None:
    check_picture(Path("seen.png"), Path("ann/1.jpg"))
    with pytest.raises(BadInputError, match="expected a picture's name"):
        check_picture(Path("seen"), Path("ann/1.jpg"))


def test_answers_have_a_picture_a_photo() -> None:
    one, both = photos("ann/1.jpg"), photos("ann/1.jpg", "ann/2.jpg")
    assert answered_places(one, [Path("ann/1.jpg")], None) == {"ann/1.jpg": Path("1-predicted.jpg")}
    assert answered_places(one, [Path("ann/1.jpg")], Path("ann/seen.png")) == {"ann/1.jpg": Path("ann/seen.png")}
    assert set(answered_places(both, [Path("ann")], None).values()) == {
        Path("predicted/ann/1.jpg.jpg"),
        Path("predicted/ann/2.jpg.jpg"),
    }
    Path("old.jpg").mkdir()
    assert len(answered_places(both, [Path("ann")], Path("old.jpg"))) == 2


@pytest.mark.parametrize(
    ("names", "named", "out", "told"),
    [
        (["ann/1.jpg"], "ann/1.jpg", "ann/1.jpg", "got the photo itself; name another --out"),
        (["ann/1.jpg", "ann/2.jpg"], "ann", "ann/seen", "outside of .*ann, .*; try --out predicted$"),
        (["ann/1.jpg", "ann/2.jpg"], "ann", ".", "outside of .*ann, "),  # ./ann/1.jpg.jpg
        (["raw/c/1.jpg"], "raw/c/1.jpg", "raw/c/seen.jpg", "outside of .*raw, .*; try --out 1-predicted.jpg$"),
        (["ann/1.jpg", "ann/2.jpg"], "ann", "new.jpg", "expected a folder for pictures of 2 photos, got a file's name"),
        (["ann/1.jpg", "ann/2.jpg"], "ann", "dvc.yaml", "expected a folder for pictures of 2 photos"),
        (["ann/1.jpg"], "ann/1.jpg", "dvc.yaml", "expected a folder for pictures of 1 photos"),
    ],
)
def test_answers_are_refused_what_would_cost_or_become_a_photo(
    names: list[str], named: str, out: str, told: str
) -> None:
    with pytest.raises(BadInputError, match=told):
        answered_places(photos(*names), [Path(named)], Path(out))


def test_a_photo_that_is_called_as_another_ones_picture_is_not_written_over() -> None:
    both = photos("ann/1.jpg", "ann/1.jpg.jpg")
    Path("ann/1.jpg.jpg").touch()
    with pytest.raises(BadInputError, match="got the photo itself"):
        answered_places(both, [photo.path for photo in both], Path())


@pytest.mark.parametrize(
    ("json", "csv"), [(None, None), ("-", None), ("-", "a.csv"), ("a.json", "a.CSV"), ("ann/a.json", "-")]
)
def test_texts_may_lie_anywhere_else_and_one_may_be_printed(json: str | None, csv: str | None) -> None:
    check_texts(optional(json), optional(csv), photos("ann/1.jpg"))


def test_texts_are_printed_from_within_raw_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("raw/c")
    check_texts(Path("-"), None, photos("1.jpg"))


@pytest.mark.parametrize(
    ("json", "csv", "told"),
    [
        ("ann/1.jpg", None, "got the photo itself; name another --json"),
        (None, "ann/../ann/1.jpg", "got the photo itself; name another --csv"),
        ("seen.jpg", None, r"seen.jpg: expected a JSON file's name \(.json\), got `seen.jpg`; name another --json"),
        ("dvc.yaml", None, r"dvc.yaml: expected a JSON file's name \(.json\), got `dvc.yaml`"),
        ("a.csv", "a.json", "a.csv: expected a JSON file's name"),
        (None, "dvc.yaml", r"dvc.yaml: expected a CSV file's name \(.csv\), got `dvc.yaml`; name another --csv"),
        (None, "raw/corrections.csv", "expected a place outside of raw/, .*; try --csv corrections.csv"),
        (None, "ann", "ann: expected a file to write, got a folder; name a file in it with --csv"),
        (".", None, r"^\.: expected a file to write, got a folder; name a file in it with --json"),
        ("-", "-", "-: expected one of --json and --csv to be printed, got both; name a file for one"),
    ],
)
def test_texts_never_take_the_place_of_anything_else(json: str | None, csv: str | None, told: str) -> None:
    with pytest.raises(BadInputError, match=told):
        check_texts(optional(json), optional(csv), photos("ann/1.jpg"))


def test_git_takes_no_picture_of_a_photo_and_every_photo() -> None:
    ignored = GitIgnoreSpec.from_lines((ROOT / ".gitignore").read_text(encoding="utf-8").splitlines())
    for place in ("1-check.jpg", "c-check/index.html", "predicted/c/1.jpg.jpg", "1-predicted.jpg"):
        assert ignored.match_file(place)
        assert ignored.match_file(f"metrics/{place}")
        assert not ignored.match_file(f"raw/{place}")  # whoever calls a collection or a photo so
