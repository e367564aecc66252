import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipeline.errors import BadInputError
from pipeline.pictures.template_pdf import write_pdf
from pipeline.reader.collection import Entry, Photo, Settings
from pipeline.reader.finding import LONGEST, find, find_at
from pipeline.reader.records import Reason, Reject
from pipeline.template import geometry

MULTIPLYING = "rows: &a [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(  # ten times as many entries with every line
    f"{key}: &{key} [{', '.join([f'*{chr(ord(key) - 1)}'] * 10)}]" for key in "bcdefghij"
)


def laid_out(raw: Path, *names: str, sheets_yaml: str | None = None) -> list[Entry]:
    """Files of these names below raw/, a sheets.yaml for collection `c`, and what is found there."""
    for name in names:
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).touch()
    if sheets_yaml is not None:
        (raw / "c").mkdir(exist_ok=True)
        (raw / "c" / "sheets.yaml").write_text(sheets_yaml, encoding="utf-8")
    return list(find(raw))


def photos(entries: list[Entry]) -> dict[str, Photo]:
    assert all(isinstance(entry, Photo) for entry in entries), entries
    return {entry.name: entry for entry in entries if isinstance(entry, Photo)}


def names(entries: Iterable[Entry]) -> list[str]:
    return [entry.name if isinstance(entry, Photo) else entry[0] for entry in entries]


def only_reject(entries: list[Entry]) -> tuple[str, Reject]:
    ((name, reject),) = [entry for entry in entries if not isinstance(entry, Photo)]
    assert "\n" not in reject.detail
    return name, reject


def test_photos_come_from_any_depth_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = ["b/2.JPG", "a/sub/deeper/3.heic", "a/10.png", "a/1.webp", "b/\u5b57 1.jpeg"]
    found = photos(laid_out(tmp_path, *names))
    assert list(found) == ["a/1.webp", "a/10.png", "a/sub/deeper/3.heic", "b/2.JPG", "b/\u5b57 1.jpeg"]
    assert found["a/sub/deeper/3.heic"].collection == "a"
    assert found["a/1.webp"].settings == Settings()


def test_hidden_files_folders_and_notes_are_no_photos(tmp_path: Path) -> None:
    (tmp_path / "c" / "a.jpg").mkdir(parents=True)
    hidden = [
        "c/.thumb.jpg",
        "c/.cache/1.jpg",
        ".git/1.jpg",
        "c/._1.jpg",
        "corrections.csv",
        "c/notes.txt",
        "c/README.md",
    ]
    assert list(photos(laid_out(tmp_path, *hidden, "c/1.jpg", "c/a.jpg/2.jpg"))) == ["c/1.jpg", "c/a.jpg/2.jpg"]


def test_a_photo_in_no_collection_is_told_where_to_go(tmp_path: Path) -> None:
    name, reject = only_reject(laid_out(tmp_path, "7.jpg"))
    assert (name, reject.reason) == ("7.jpg", Reason.NO_COLLECTION)
    assert "raw/<name>/7.jpg" in reject.advice


@pytest.mark.parametrize("name", ["c/7.gif", "c/7.pdf.cr2", "c/7"])
def test_a_file_of_another_kind_is_told_which_kinds_are_read(name: str, tmp_path: Path) -> None:
    found, reject = only_reject(laid_out(tmp_path, name, "c/1.jpg"))
    assert (found, reject.reason) == (name, Reason.NOT_AN_IMAGE)
    assert ".jpg" in reject.detail
    assert "export it as JPEG" in reject.advice


def test_a_pdf_is_told_unless_it_is_a_sheet_of_ours(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    write_pdf(geometry("a4"), tmp_path / "c" / "sheet.pdf")
    assert laid_out(tmp_path) == []
    (tmp_path / "c" / "scan.PDF").write_bytes(b"%PDF-1.4 of a copier")
    name, reject = only_reject(laid_out(tmp_path))
    assert (name, reject.reason, reject.advice) == ("c/scan.PDF", Reason.NOT_AN_IMAGE, "export each page as a JPEG")


def test_what_lies_beside_collections_is_told_whatever_its_kind(tmp_path: Path) -> None:
    found = laid_out(tmp_path, "a.gif", "b.pdf", "notes.txt", "corrections.csv")
    assert [(entry[0], entry[1].reason) for entry in found if not isinstance(entry, Photo)] == [
        ("a.gif", Reason.NO_COLLECTION),
        ("b.pdf", Reason.NO_COLLECTION),
    ]


def test_a_photos_own_settings_override_its_collections(tmp_path: Path) -> None:
    said = """
        layout: rows
        label: from-name
        writer: row
        turn: 90
        photos:
          "6.jpg": {rows: ["6666", "666"], turn: auto}
          "sub/7.jpg": {layout: crops, label: 7, split: test}
    """
    found = photos(laid_out(tmp_path, "c/5.jpg", "c/6.jpg", "c/sub/7.jpg", "d/1.jpg", sheets_yaml=said))
    general = Settings(layout="rows", label="from-name", writer="row", turn=90)
    assert found["c/5.jpg"].settings == general
    assert found["c/6.jpg"].settings == Settings(layout="rows", rows=("6666", "666"), writer="row", turn="auto")
    own = {"layout": "crops", "label": 7, "split": "test"}
    assert found["c/sub/7.jpg"].settings == general.model_copy(update=own)
    assert found["d/1.jpg"].settings == Settings()


def test_a_photos_own_label_takes_the_place_of_its_collections_rows_and_its_rows_that_of_a_label(
    tmp_path: Path,
) -> None:
    said = (
        'layout: grid\nrows: ["12", "34"]\nphotos: {"7.jpg": {label: 7}, "8.jpg": {turn: 90}, "9.jpg": {label: null}}'
    )
    found = photos(laid_out(tmp_path, "c/7.jpg", "c/8.jpg", "c/9.jpg", sheets_yaml=said))
    assert found["c/7.jpg"].settings == Settings(layout="grid", label=7)
    assert found["c/8.jpg"].settings == Settings(layout="grid", rows=("12", "34"), turn=90)
    assert found["c/9.jpg"].settings == Settings(layout="grid", rows=("12", "34"))
    other = photos(laid_out(tmp_path, sheets_yaml='layout: grid\nlabel: 5\nphotos: {"7.jpg": {rows: ["12"]}}'))
    assert other["c/7.jpg"].settings == Settings(layout="grid", rows=("12",))
    assert other["c/8.jpg"].settings == Settings(layout="grid", label=5)


@pytest.mark.parametrize(
    ("said", "where"),
    [('label: 7\nrows: ["12"]', "the file"), ('photos: {"1.jpg": {label: 7, rows: ["12"]}}', "photos.1.jpg")],
)
def test_label_and_rows_at_one_place_are_refused(said: str, where: str, tmp_path: Path) -> None:
    name, reject = only_reject(laid_out(tmp_path, "c/1.jpg", sheets_yaml=said))
    assert (name, reject.reason) == ("c/sheets.yaml", Reason.BAD_SHEETS_YAML)
    assert f"`{where}`: expected `label` or `rows`, not both" in reject.detail


def test_an_override_for_a_missing_photo_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    entries = laid_out(tmp_path, "c/1.jpg", sheets_yaml='photos: {"2.jpg": {label: 2}}')
    name, reject = only_reject(entries)
    assert (name, reject.reason) == ("c/2.jpg", Reason.BAD_SHEETS_YAML)
    assert [entry.name for entry in entries if isinstance(entry, Photo)] == ["c/1.jpg"]


@pytest.mark.parametrize(
    ("sheets_yaml", "told"),
    [
        ("layuot: rows", "unknown key `layuot`; did you mean `layout`?"),
        ("layout: row", "`layout`: expected 'template', 'grid', 'rows' or 'crops', got 'row'; did you mean `rows`?"),
        ("rows: [1234]", "`rows.0`: expected a valid string, got 1234; put it in quotes"),
        ('rows: "05221859"', """`rows`: expected a list, got '05221859'; write ["05221859"]"""),
        ("rows: 1234", "`rows`: expected a list, got 1234; write a list in brackets, text in it in quotes"),
        ("photos: 3", "`photos`: expected a mapping of keys, got 3"),
        ("photos: {1.jpg: 3}", "`photos.1.jpg`: expected a mapping of keys, got 3"),
        ("photos: {1: {label: 3}}", "`photos.1`: expected a valid string, got 1; put it in quotes"),
        ("origin: 2026-11-21", "`origin`: expected a valid string, got 2026-11-21; put it in quotes"),
        ("origin: 2026-99-99", "not valid YAML: month must be in 1..12"),
        ('turn: "90"', "got '90'; write 90 without quotes"),
        (
            "rows: &a [*a]",
            "expected lists and keys at most 20 levels deep, got more, or an alias (*) that holds itself",
        ),
        ("&a {photos: *a}", "at most 20 levels deep"),
        (f"rows: {'[' * 30}{']' * 30}", "at most 20 levels deep"),
        (MULTIPLYING, "at most 20 levels deep"),
        ('rows: ["12a4"]', "`rows.0`: "),
        ("label: 10", "`label`: expected 'from-name' or less than or equal to 9, got 10"),
        ('photos: {"1.jpg": {label: x}}', "`photos.1.jpg.label`: expected 'from-name' or a valid integer, got 'x'"),
        ("turn: 45", "`turn`: expected 'auto', 0, 90, 180 or 270, got 45"),
        ('photos: {"1.jpg": {writr: row}}', "unknown key `photos.1.jpg.writr`; did you mean `writer`?"),
        (
            'license: "CC0\\nor so"',
            "`license`: expected one line of text without blanks at its ends, got",
        ),
        ("origin: ''", "`origin`: expected one line"),
        (f"origin: {'x' * 301}", "`origin`: expected String should have at most 300 characters"),
        ("license: 4", "`license`: expected a valid string, got 4"),
        ("layout: [rows", "not valid YAML"),
        ("- rows", "`the file`: expected "),
        ("just text", "`the file`: expected "),
    ],
)
def test_a_bad_sheets_yaml_is_one_clear_line_and_costs_only_its_collection(
    sheets_yaml: str, told: str, tmp_path: Path
) -> None:
    entries = laid_out(tmp_path, "b/1.jpg", "c/1.jpg", "c/2.gif", "d/1.jpg", sheets_yaml=sheets_yaml)
    name, reject = only_reject(entries)
    assert (name, reject.reason) == ("c/sheets.yaml", Reason.BAD_SHEETS_YAML)
    assert told in reject.detail
    assert "nothing in c/ was read" in reject.advice
    assert "pydantic" not in reject.detail
    assert [entry.name for entry in entries if isinstance(entry, Photo)] == ["b/1.jpg", "d/1.jpg"]


@pytest.mark.parametrize("sheets_yaml", ['rows: ["1.5"]', 'turn: "45"', 'writer: "7"'])
def test_what_must_be_text_is_never_told_to_lose_its_quotes(sheets_yaml: str, tmp_path: Path) -> None:
    _, reject = only_reject(laid_out(tmp_path, "c/1.jpg", sheets_yaml=sheets_yaml))
    assert "quotes" not in reject.detail


@pytest.mark.parametrize("coding", ["gbk", "utf-16", "utf-16-le"])
def test_a_sheets_yaml_in_another_coding_is_told_to_be_saved_as_utf_8(coding: str, tmp_path: Path) -> None:
    said = "layout: rows\n" if coding == "utf-16-le" else "# \u5b66\u751f\u624b\u5199\nlayout: rows\n"
    laid_out(tmp_path, "c/1.jpg", "d/1.jpg")
    (tmp_path / "c" / "sheets.yaml").write_bytes(said.encode(coding))
    name, reject = only_reject(list(find(tmp_path)))
    assert (name, reject.reason) == ("c/sheets.yaml", Reason.BAD_SHEETS_YAML)
    assert "expected YAML in UTF-8, got" in reject.detail
    assert reject.detail.endswith("save it as UTF-8")
    (tmp_path / "c" / "sheets.yaml").write_bytes(said.encode("utf-8-sig"))
    assert photos(list(find(tmp_path)))["c/1.jpg"].settings == Settings(layout="rows")


@pytest.mark.parametrize("nothing", ["", "# only a comment\n", "photos: {}", "photos:\n", "photos: null\nlabel:\n"])
def test_a_sheets_yaml_that_says_nothing_leaves_the_defaults(nothing: str, tmp_path: Path) -> None:
    assert photos(laid_out(tmp_path, "c/1.jpg", sheets_yaml=nothing))["c/1.jpg"].settings == Settings()


def test_a_photo_a_folder_a_collection_and_raw_have_the_names_that_a_run_gives_them(tmp_path: Path) -> None:
    laid_out(tmp_path, "c/sub/7.jpg", "c/1.jpg", "d/1.jpg", sheets_yaml='photos: {"sub/7.jpg": {label: 7}}')
    (photo,) = find_at(tmp_path / "c" / "sub" / "7.jpg")
    assert isinstance(photo, Photo)
    assert photo.settings == Settings(label=7)
    assert names(find_at(tmp_path / "c" / "sub")) == ["c/sub/7.jpg"]
    assert names(find_at(tmp_path / "c")) == ["c/1.jpg", "c/sub/7.jpg"]
    assert names(find_at(tmp_path / "d" / "1.jpg")) == names(find_at(tmp_path / "d")) == ["d/1.jpg"]
    assert names(find_at(tmp_path)) == names(find(tmp_path)) == ["c/1.jpg", "c/sub/7.jpg", "d/1.jpg"]


def test_a_photo_below_a_bad_sheets_yaml_and_one_that_is_not_there_are_told(tmp_path: Path) -> None:
    laid_out(tmp_path, "c/1.jpg", sheets_yaml="label: eleven")
    _, reject = only_reject(list(find_at(tmp_path / "c" / "1.jpg")))
    assert reject.reason == Reason.BAD_SHEETS_YAML
    with pytest.raises(BadInputError, match=r"2\.jpg: expected a photo or a folder of photos, found no such file"):
        list(find_at(tmp_path / "c" / "2.jpg"))


def test_a_link_out_of_its_collection_is_not_followed_and_one_inside_is(tmp_path: Path) -> None:
    laid_out(tmp_path / "raw", "c/1.jpg", "d/1.jpg")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "2.jpg").touch()
    (tmp_path / "raw" / "c" / "link.jpg").symlink_to(tmp_path / "secret" / "2.jpg")
    (tmp_path / "raw" / "c" / "same.jpg").symlink_to("1.jpg")
    (tmp_path / "raw" / "c" / "folder").symlink_to(tmp_path / "secret")
    (tmp_path / "raw" / "e").symlink_to(tmp_path / "secret")
    (tmp_path / "raw" / "d" / "lost.jpg").symlink_to("nowhere.jpg")
    entries = list(find(tmp_path / "raw"))
    refused = {entry[0]: entry[1].reason for entry in entries if not isinstance(entry, Photo)}
    assert refused == dict.fromkeys(("c/link.jpg", "c/folder", "e"), Reason.LINKS_OUTSIDE)
    found = [entry.name for entry in entries if isinstance(entry, Photo)]
    assert found == ["c/1.jpg", "c/same.jpg", "d/1.jpg", "d/lost.jpg"]  # what a lost link is, decoding tells


def test_a_link_that_leads_back_to_itself_is_told_and_costs_no_other_photo(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    laid_out(raw, "c/1.jpg", "c/sub/2.jpg", sheets_yaml='photos: {"loop.jpg": {label: 7}}')
    for name, target in (
        ("c/loop.jpg", "loop.jpg"), ("c/sub/one.jpg", "../two.jpg"), ("c/two.jpg", "sub/one.jpg"),
        ("c/sheets.yml", "sheets.yml"), ("loop.jpg", "loop.jpg"), ("c/loop.pdf", "loop.pdf"), ("e", "e"),
    ):  # fmt: skip
        (raw / name).symlink_to(target)
    entries = list(find(raw))
    assert [entry.name for entry in entries if isinstance(entry, Photo)] == ["c/1.jpg", "c/sub/2.jpg"]
    refused = {entry[0]: entry[1] for entry in entries if not isinstance(entry, Photo)}
    assert {name: reject.reason for name, reject in refused.items()} == {
        "c/loop.jpg": Reason.NOT_AN_IMAGE, "c/sub/one.jpg": Reason.NOT_AN_IMAGE, "c/two.jpg": Reason.NOT_AN_IMAGE,
        "c/loop.pdf": Reason.NOT_AN_IMAGE, "c/sheets.yml": Reason.BAD_SHEETS_YAML,
        "e": Reason.NO_COLLECTION, "loop.jpg": Reason.NO_COLLECTION,
    }  # fmt: skip
    assert refused["c/two.jpg"].detail == "expected an image, got a link that leads back to itself"
    assert list(find_at(raw / "c")) == [entry for entry in entries if names([entry])[0].startswith("c/")]


@pytest.mark.skipif(os.name != "posix", reason="no named pipes")
def test_a_pipe_is_told_and_never_opened(tmp_path: Path) -> None:
    """Whoever opens it waits until somebody writes to it."""
    laid_out(tmp_path, "c/1.jpg", "d/1.jpg")
    for name in ("c/f.jpg", "d/sheets.yaml", "f.pdf"):
        os.mkfifo(tmp_path / name)
    entries = list(find(tmp_path))
    assert [entry.name for entry in entries if isinstance(entry, Photo)] == ["c/1.jpg"]
    refused = {entry[0]: entry[1] for entry in entries if not isinstance(entry, Photo)}
    assert {name: reject.reason for name, reject in refused.items()} == {
        "c/f.jpg": Reason.NOT_AN_IMAGE, "d/sheets.yaml": Reason.BAD_SHEETS_YAML, "f.pdf": Reason.NO_COLLECTION,
    }  # fmt: skip
    assert "got what is no file: a pipe" in refused["c/f.jpg"].detail
    assert list(find_at(tmp_path / "c" / "f.jpg")) == [("c/f.jpg", refused["c/f.jpg"])]


def test_where_a_sheets_yaml_leads_nowhere_nothing_is_read_as_if_there_were_none(tmp_path: Path) -> None:
    laid_out(tmp_path, "c/1.jpg")
    (tmp_path / "c" / "sheets.yaml").symlink_to("lost.yaml")
    name, reject = only_reject(list(find(tmp_path)))
    assert (name, reject.reason) == ("c/sheets.yaml", Reason.BAD_SHEETS_YAML)
    assert "expected a file, got a link to nothing" in reject.detail


def test_links_into_dvcs_cache_are_followed(tmp_path: Path) -> None:
    """With ``cache.type: symlink`` a collection that DVC keeps is such links, sheets.yaml too."""
    kept = tmp_path / "cache" / "files" / "md5"
    (tmp_path / "raw" / "c").mkdir(parents=True)
    for name, content in (("1.jpg", ""), ("sheets.yaml", "layout: rows")):
        digest = hashlib.md5(content.encode()).hexdigest()  # as DVC's
        (kept / digest[:2]).mkdir(parents=True, exist_ok=True)
        (kept / digest[:2] / digest[2:]).write_text(content)
        (tmp_path / "raw" / "c" / name).symlink_to(kept / digest[:2] / digest[2:])
    for number, place in enumerate((f"{'a' * 29}", f"{'b' * 31}", f"aa/{'c' * 30}.jpg")):
        (kept / "aa" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "raw" / "c" / f"{number}.png").symlink_to(kept / "aa" / place)  # not as DVC calls them
    (tmp_path / "raw" / "c" / "3.png").symlink_to(tmp_path / "md5" / "aa" / f"{'d' * 30}")
    (photo,) = (entry for entry in find(tmp_path / "raw") if isinstance(entry, Photo))
    assert sum(not isinstance(entry, Photo) for entry in find(tmp_path / "raw")) == 4
    assert (photo.name, photo.settings.layout) == ("c/1.jpg", "rows")


def test_an_empty_folder_with_a_photos_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "c" / "a.jpg").mkdir(parents=True)
    name, reject = only_reject(laid_out(tmp_path, "c/b.jpg"))
    assert (name, reject.reason) == ("c/a.jpg", Reason.NOT_AN_IMAGE)
    assert "got an empty folder" in reject.detail


def test_crops_in_folders_named_by_their_digit_are_one_collection_without_a_sheets_yaml_too(tmp_path: Path) -> None:
    laid_out(tmp_path, "c/7/1.png", "c/0/2.png")
    found = photos([*find_at(tmp_path / "c")])
    assert set(found) == {"c/0/2.png", "c/7/1.png"} == set(photos([*find(tmp_path)]))
    crops = [Photo(one.path, one.name, one.collection, Settings(layout="crops")) for one in found.values()]
    assert [one.label() for one in crops] == [0, 7]


@pytest.mark.skipif(os.name == "nt", reason="file names are UTF-16 there")
@pytest.mark.parametrize(
    ("name", "said", "why"),
    [
        (os.fsdecode("\u6570\u5b57.jpg".encode("gbk")), "c/\\xca\\xfd\\xd7\\xd6.jpg", "in UTF-8"),
        ("n\udce9.txt", "c/n\\xe9.txt", "in UTF-8"),
        ("\u5b57" * 83 + ".jpg", "c/" + "\u5b57" * 83 + ".jpg", "at most 240 bytes, got 253"),
        ("caf\udce9/1.jpg", "c/caf\\xe9", "in UTF-8"),
    ],
)
def test_a_name_that_cannot_be_written_is_to_be_changed_and_costs_no_other_photo(
    name: str, said: str, why: str, tmp_path: Path
) -> None:
    entries = laid_out(tmp_path, f"c/{name}", "c/1.jpg")
    found, reject = only_reject(entries)
    assert (found, reject.reason, reject.advice) == (said, Reason.BAD_NAME, "rename it")
    assert why in reject.detail
    assert [entry.name for entry in entries if isinstance(entry, Photo)] == ["c/1.jpg"]
    (again,) = names(find_at(tmp_path / "c" / Path(name).parts[0]))
    assert said.endswith(again)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("c/sheets.yml", "move it there, or remove it"),
        ("c/sheets.yaml.txt", "move it there, or remove it"),
        ("c/sheet.yaml", "move it there, or remove it"),
        ("c/mon/sheets.yaml", "move it there, naming photos mon/... under `photos:`, or remove it"),
    ],
)
def test_settings_that_nobody_reads_are_told(name: str, advice: str, tmp_path: Path) -> None:
    found, reject = only_reject(
        laid_out(tmp_path, name, "c/1.jpg", "c/sheets.yaml.jpg", "c/datasheet.yaml", sheets_yaml="layout: rows")
    )
    assert (found, reject.reason, reject.advice) == (name, Reason.BAD_SHEETS_YAML, advice)
    assert "only c/sheets.yaml" in reject.detail


def test_in_a_repository_a_collection_is_a_folder_of_raw_wherever_a_sheets_yaml_lies(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").touch()
    everything = laid_out(tmp_path / "raw", "c/mon/1.jpg", "c/mon/sheets.yaml", "d/1.jpg")
    assert names(everything) == ["c/mon/1.jpg", "c/mon/sheets.yaml", "d/1.jpg"]
    for place in ("c", "c/mon", "d/../c/mon"):
        assert names(find_at(tmp_path / "raw" / place)) == ["c/mon/1.jpg", "c/mon/sheets.yaml"], place
    assert list(find_at(tmp_path / "raw")) == everything
    lost = laid_out(tmp_path / "raw", "7.jpg", "8.jpg")[0]
    assert isinstance(lost, tuple)
    assert lost[1].reason is Reason.NO_COLLECTION
    assert list(find_at(tmp_path / "raw" / "7.jpg")) == [lost]
    assert len(list(find_at(tmp_path / "raw"))) == len(everything) + 2


@pytest.mark.skipif(os.name == "nt", reason="file names are UTF-16 there")
def test_a_collection_whose_name_cannot_be_written_is_to_be_renamed(tmp_path: Path) -> None:
    found, reject = only_reject(laid_out(tmp_path, "caf\udce9/1.jpg"))
    assert (found, reject.reason) == ("caf\\xe9", Reason.BAD_NAME)


def test_the_longest_name_that_is_read_leaves_room_for_its_pictures(tmp_path: Path) -> None:
    name = "a" * (LONGEST - len(".jpg")) + ".jpg"
    (found,) = photos(laid_out(tmp_path, f"c/{name}"))
    (tmp_path / f"{Path(found).stem}-predicted.jpg").touch()
