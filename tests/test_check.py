from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline import params
from pipeline.check import check, together
from pipeline.errors import BadInputError
from pipeline.reader.records import Reason, Reject
from pipeline.retake import Found
from tests.params_file import ROOT
from tests.reader import drawn

OWN = params.load(ROOT / "params.yaml")
# Another process would take longer to start than to read what is drawn here.
PARAMS = OWN.model_copy(update={"parallel": OWN.parallel.model_copy(update={"workers": 1})})


def run(place: Path, out: Path | None, *, strip: bool = False, **stated: Any) -> Found:
    return check(place, out, stated, PARAMS, strip=strip)


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Two rows on one photo; a file that is no photo; a photo from another place."""
    folder = tmp_path / "raw" / "c"
    drawn.save(drawn.page(["123", "45"]), folder / "good.png")
    (folder / "broken.jpg").write_text("no photo")
    (folder / "sheets.yaml").write_text('layout: rows\nrows: ["123", "45"]\n')
    return folder


def located(folder: Path) -> Path:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 25.0)})
    Image.fromarray(drawn.page(["123", "45"])).save(folder / "there.jpg", exif=exif.tobytes(), quality=95)
    return folder / "there.jpg"


def test_a_folder_gets_a_page_and_a_contact_sheet_a_photo(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = run(collection, tmp_path / "out")
    assert found == Found(digits=5, rejects=1, retake=1)
    assert not found.fine
    left = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert left == {"index.html", "rejects.csv", "c/good.png.jpg", "c/broken.jpg.jpg"}
    said = capsys.readouterr().out
    assert "c/good.png: 5 digits, 0 rejects" in said
    assert "not-an-image: " in said


def test_a_folder_of_good_photos_is_fine(collection: Path, tmp_path: Path) -> None:
    (collection / "broken.jpg").unlink()
    assert run(collection, tmp_path / "out").fine
    assert run(tmp_path / "raw", tmp_path / "out").fine  # raw/ itself, and the same place again


@pytest.mark.slow
def test_what_is_stated_counts_instead_of_sheets_yaml(collection: Path, tmp_path: Path) -> None:
    found = run(collection / "good.png", tmp_path / "seen.jpg", rows=("123", "456"))
    assert (found.digits, found.retake) == (3, 1)
    with Image.open(tmp_path / "seen.jpg") as picture:
        assert picture.width == 1000


@pytest.mark.slow
def test_a_label_that_is_stated_takes_the_place_of_rows(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (collection / "sheets.yaml").write_text('layout: rows\nrows: ["123", "456"]\n')
    run(collection / "good.png", tmp_path / "seen.jpg", turn=0)
    assert "row-count" in capsys.readouterr().out  # as the rows are stated, one has a digit too few
    run(collection / "good.png", tmp_path / "seen.jpg", turn=0, label=7)
    assert "row-count" not in capsys.readouterr().out


def test_a_photo_with_corrections_says_so_for_another_one_in_its_place_would_get_them(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "raw" / "corrections.csv"
    table.write_text("photo,row,col,label\nc/good.png,0,0,9\nc/good.png,0,1,drop\nd/good.png,0,0,9\n")
    run(collection / "good.png", tmp_path / "seen.jpg")
    assert "c/good.png: corrections.csv has 2 lines of this photo; if it was taken again" in capsys.readouterr().out
    table.write_text("photo,row,col,label\nd/good.png,0,0,9\n")
    run(tmp_path / "raw", tmp_path / "out")
    assert "corrections.csv" not in capsys.readouterr().out
    table.write_text("not the columns\n")
    run(collection, tmp_path / "out")
    assert "corrections.csv: expected the first line photo,row,col,label" in capsys.readouterr().out


def test_a_crop_alone_gets_a_picture_too(tmp_path: Path) -> None:
    image = drawn.blank(60, 60)
    drawn.write_digit(image, "3", 15, 10, 40)
    assert run(drawn.save(image, tmp_path / "3.png"), tmp_path / "seen.jpg", layout="crops", label="from-name").fine
    assert (tmp_path / "seen.jpg").is_file()


@pytest.mark.slow
def test_a_photos_place_is_told_and_wiped_only_when_asked(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = located(collection)
    before = photo.read_bytes()
    run(photo, tmp_path / "seen.jpg")
    assert "c/there.jpg: says where it was taken; `mnist-cn check --strip` wipes" in capsys.readouterr().out
    assert photo.read_bytes() == before
    assert b"GPS" not in (tmp_path / "seen.jpg").read_bytes()
    assert run(photo, tmp_path / "seen.jpg", strip=True).fine
    assert "wiped" in capsys.readouterr().out
    with Image.open(photo) as image:
        assert dict(image.getexif().get_ifd(0x8825)) == {}
    run(photo, tmp_path / "seen.jpg")
    assert "taken" not in capsys.readouterr().out.partition("digits")[0]


def test_photos_and_what_else_lies_in_a_folder_are_never_written_over(collection: Path, tmp_path: Path) -> None:
    photo, page = collection / "good.png", collection / "sheets.yaml"
    before = photo.read_bytes(), page.read_bytes()
    with pytest.raises(BadInputError, match="got the photo itself"):
        run(photo, photo)
    with pytest.raises(BadInputError, match=r"expected a place outside of .*c, where a picture would be read"):
        run(collection, collection)
    with pytest.raises(BadInputError, match="expected a folder apart from the photos"):
        run(tmp_path / "raw", tmp_path)
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(BadInputError, match="expected a file to write, got a folder"):
        run(photo, tmp_path / "folder.jpg")
    assert (photo.read_bytes(), page.read_bytes()) == before


def test_photos_that_are_called_as_contact_sheets_are_stay(collection: Path, tmp_path: Path) -> None:
    """`IMG_1.HEIC.jpg` is how converters call a photo, and how a check calls its picture of `IMG_1.HEIC`."""
    for folder in ("mine", "photos"):
        drawn.save(drawn.page(["123", "45"]), tmp_path / folder / "IMG_1.HEIC.jpg")
    with pytest.raises(BadInputError, match=r"found `IMG_1\.HEIC\.jpg` in it"):
        run(collection, tmp_path / "mine")
    with pytest.raises(BadInputError, match="expected a place outside of"):
        run(tmp_path / "photos", tmp_path / "photos", layout="rows", label=1)
    assert [len(list((tmp_path / folder).iterdir())) for folder in ("mine", "photos")] == [1, 1]


def test_in_a_collection_the_picture_lies_above_what_is_read(
    collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (collection / "broken.jpg").unlink()
    (tmp_path / "params.yaml").touch()
    monkeypatch.chdir(collection)
    for place, left in ((Path("good.png"), "good-check.jpg"), (Path(), "c-check/index.html")):
        assert run(place, None).fine
        assert f"see ../../{left}" in capsys.readouterr().out
        assert (tmp_path / left).is_file()
    assert sorted(path.name for path in collection.iterdir()) == ["good.png", "sheets.yaml"]


def test_where_sheets_yaml_is_at_fault_no_photo_has_to_be_taken_again(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (collection / "broken.jpg").unlink()
    (collection / "sheets.yaml").write_text("layout: rows\n")
    found = run(collection, tmp_path / "out")
    assert (found.digits, found.retake, found.described) == (0, 0, 1)
    assert not found.fine
    assert capsys.readouterr().out.splitlines()[-1].startswith("next: correct sheets.yaml")


def test_what_a_run_would_stop_at_is_told_by_a_check_too(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (collection / "broken.jpg").unlink()
    (tmp_path / "params.yaml").touch()
    assert run(collection, tmp_path / "out").fine
    drawn.save(drawn.page(["123", "45"]), collection / "other.png")
    (collection / "sheets.yaml").write_text(
        'layout: rows\nrows: ["123", "45"]\nwriter: collection\nsplit: test\nphotos: {other.png: {split: train}}\n'
    )
    assert not run(collection, tmp_path / "out").fine
    assert "in one split, but c/good.png says test" in capsys.readouterr().out
    taken = tmp_path / "raw" / "MNIST"
    collection.rename(taken)
    (taken / "other.png").unlink()
    (taken / "sheets.yaml").write_text('layout: rows\nrows: ["123", "45"]\n')
    assert not run(taken, tmp_path / "out").fine
    said = capsys.readouterr().out
    assert "`MNIST` stands for MNIST's own digits; rename the folder" in said
    assert said.splitlines()[-1].startswith("next: correct sheets.yaml or names")


def test_a_picture_that_a_check_drew_is_no_photo_wherever_it_is_copied(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (collection / "broken.jpg").unlink()
    run(collection / "good.png", tmp_path / "good-check.jpg")
    run(collection, tmp_path / "out")
    for number, picture in enumerate([tmp_path / "good-check.jpg", tmp_path / "out" / "c" / "good.png.jpg"]):
        (collection / f"copy-{number}.jpg").write_bytes(picture.read_bytes())
    capsys.readouterr()
    assert run(collection, tmp_path / "out").digits == 5
    assert capsys.readouterr().out.count("a picture that mnist-cn drew of one") == 2


def test_an_empty_folder_and_nothing_at_all_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="expected photos, found none"):
        run(tmp_path, tmp_path / "out")
    with pytest.raises(BadInputError, match="found no such file"):
        run(tmp_path / "nowhere", tmp_path / "out")


def test_a_photo_without_the_printed_sheet_is_told_which_layouts_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = drawn.save(drawn.page(["123", "45"]), tmp_path / "plain.png")
    assert run(photo, tmp_path / "seen.jpg").unmarked == 1
    assert "next: no printed sheet? --layout rows" in capsys.readouterr().out


def test_many_rejects_for_one_reason_are_told_once() -> None:
    blanks = [Reject(Reason.BLANK, "pale", row, 0) for row in range(5)]
    torn = [Reject(Reason.TOO_SMALL, "0.4 times", 0, col) for col in range(3)]
    assert together([*blanks[:2], *torn, *blanks[2:]]) == [
        "row 0, col 0: blank: pale (and 4 more like it)",
        *(f"row 0, col {col}: too-small: 0.4 times" for col in range(3)),
    ]


def test_a_photo_and_a_folder_end_with_what_to_do_now(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, out in ((collection, "out"), (collection / "broken.jpg", "out.jpg")):
        run(place, tmp_path / out)
        assert capsys.readouterr().out.splitlines()[-1].startswith("next: take those again")
