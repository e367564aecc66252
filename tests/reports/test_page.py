import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import BadInputError
from pipeline.reports import page, reading
from pipeline.reports.suspects import SHOWN
from tests.reports.made_run import HOSTILE, left, said, source, suspect
from tests.reports.parsed import Page


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page.written(reading.load(left(tmp_path_factory.mktemp("run"))))


@pytest.fixture(scope="module")
def seen(text: str) -> Page:
    return Page(text)


def of(folder: Path, **changes: Any) -> Page:
    return Page(page.written(reading.load(left(folder, **changes))))


@pytest.mark.parametrize("name", ["mnist", HOSTILE])
def test_accuracies_and_intervals_are_those_of_the_metrics(name: str, seen: Page) -> None:
    files = said()
    for file, first, second in (
        (files["evaluate"], "Accuracy on test digits", "Test writers"),
        (files["out_of_fold"]["sources"], "Accuracy out of fold", "Train writers"),
    ):
        one = file[name]
        ends = [one["ci95_low"], one["ci95_high"]]
        assert seen.table(first)[name] == [[one["n"]], [one["errors"]], [one["accuracy"]], ends]
        writers = one["writers"]
        assert seen.table(second)[name] == [[writers["n"]], [writers["ci95_low"], writers["ci95_high"]]]


@pytest.mark.parametrize("name", ["mnist", HOSTILE])
def test_digits_calibration_and_selective_reading_are_those_of_the_metrics(name: str, seen: Page) -> None:
    one = said()["evaluate"][name]
    tracked = seen.table(f"Tracked digits: {name}")
    assert tracked["9"] == [[2], [0.991], [0.987654], [4, 3]]
    assert tracked["7"][1:] == [[0.993], [0.987654], ["-"]]
    for digit, cells in seen.table(f"All digits: {name}").items():
        expected = one["by_digit"][digit]
        assert [cells[0], cells[1], cells[3]] == [[expected["n"]], [expected["recall"]], [expected["precision"]]]
    calibration, selective = one["calibration"], one["selective"]
    assert seen.table("Calibration on test digits")[name] == [[value] for value in calibration.values()]
    cells = [[selective[key]] for key in ("read", "n", "errors", "accuracy")]
    assert seen.table("Reading only what is certain")[name] == cells
    assert {0.5702, selective["threshold"]} <= set(seen.values)
    assert "worst digit 9, recall 99.10%; worst writer w/<i>1, 2 of 20 wrong, accuracy 90.00%." in seen.text


@pytest.mark.parametrize("name", ["mnist", HOSTILE])
def test_corruptions_and_audit_are_those_of_the_metrics(name: str, seen: Page) -> None:
    one, audited = said()["robustness"][name], said()["audit"][name]
    cells = seen.table("Accuracy under corruption")[name]
    assert cells == [
        [one["n"]],
        [one["clean"]["accuracy"]],
        [one["mean_accuracy"], 0.81, 0.93],
        [one["worst"]["accuracy"]],
    ]
    each = seen.table(f"Under each corruption: {name}")
    assert {kind: row[:2] for kind, row in each.items()} == {"motion blur": [[5], [0.75]], "fog": [[2], [0.9]]}
    looked_at = [audited["n"], audited["suspects"], audited["near_duplicates"], audited.get("outliers", 0)]
    assert seen.table("Labels and crops that were looked at")[name] == [[number] for number in looked_at]
    for sentence in (*audited["rows"], *audited.get("sheets_twice", [])):
        assert seen.text.count(sentence) == 1


def test_the_gap_rejects_counts_curves_and_parameters_are_there(seen: Page) -> None:
    assert {0.812, 0.734, 0.876, 0.901} <= set(seen.values)
    assert "strokes 1.4 px thinner than <MNIST's>" in seen.text
    properties = seen.table(f"Measured properties: {HOSTILE} beside MNIST")
    assert properties["stroke width"] == [[2.1], [3.5], [-1.4], [-0.8], ["px"]]
    assert seen.table("Rejects by reason") == {"blank": [[2]], "row-count": [[1]]}
    assert seen.table("Photos") == {HOSTILE: [[2], [40], [3]]}
    (digits,) = [table for table in seen.tables if table.caption == "Digits"]
    assert [[cell[0] for cell in row] for row in digits.rows] == [
        ["mnist", "train", 30, 0, 30], ["mnist", "test", 20, 0, 20],
        [HOSTILE, "train", 30, 2, 0], [HOSTILE, "test", 20, 3, 0],
    ]  # fmt: skip
    assert seen.table("Not in these counts") == {"duplicates": [[4]], "conflicting labels": [[0]]}
    assert {0.98125, 0.002, 61_706} <= set(seen.values)
    assert sum(tag == "polyline" for tag, _ in seen.elements) == 4  # two folds, two drawings
    (parameters,) = [table for table in seen.tables if table.caption.endswith("params.yaml")]
    named = parameters.named()
    assert named["model.arch"] == [["lenet5"]]
    assert named["evaluate.tracked_digits"] == [["2, 5, 7, 9"]]
    assert not {"mnist.folder", "train.device", "parallel.workers"} & set(named)
    assert seen.table("Recipe")["learning_rate"] == [["0.001"]]


def test_suspects_stand_there_with_their_own_pictures_and_reasons(seen: Page) -> None:
    pictures = [held for tag, held in seen.elements if tag == "img" and held["class"] == "digit"]
    assert len(pictures) == 3
    assert len({held["src"] for held in pictures}) == 3
    assert {held["alt"] for held in pictures} == {"A digit labelled 1 and read as 7"}
    assert "slip of the pen: the row says <em>17</em>,\nnot 11" in seen.text
    assert f"{HOSTILE}/<i>.jpg; row 3, col 4" in seen.text
    assert f"{HOSTILE}: top 2 of 2 suspects" in seen.text
    assert "x.jpg, row 3: shifted by <1>" in seen.text


def test_of_many_suspects_only_the_first_are_shown(tmp_path: Path) -> None:
    files = left(tmp_path)
    rows = [suspect(rank, 50 + rank, HOSTILE, explanation=f"reason {rank}.") for rank in range(1, SHOWN + 3)]
    lines = [",".join(rows[0]), *(",".join(f'"{cell}"' for cell in row.values()) for row in rows)]
    (files.audit_folder / "suspects.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    seen = Page(page.written(reading.load(files)))
    assert f"reason {SHOWN}." in seen.text
    assert f"reason {SHOWN + 1}." not in seen.text


def test_the_page_says_whose_handwriting_it_is_and_what_to_do_next(seen: Page) -> None:
    lead = (
        "Handwriting of 3 people it never met: 18 of 20 digits read correctly, 90.00% (95% interval 69.90% to 97.21%)."
    )
    assert lead in seen.text
    assert "the interval is 91.23% to 99.88%" in seen.text
    assert "With so few writers" in seen.text
    assert re.search(r"3 suspects to look at: \S+/audit/suspects\.csv", seen.text)
    assert re.search(r"3 rejects from 2 photos: .* \S+/sheets/index\.html", seen.text)
    assert "mnist-cn template --focus 8,9 --out sheet.pdf" in seen.text
    assert "simulated" not in seen.text


def test_simulated_handwriting_is_never_taken_for_peoples(tmp_path: Path) -> None:
    seen = of(tmp_path, simulated=True)
    assert "The handwriting in this run is simulated: drawn by a program, not by people." in seen.text
    assert "it never met:" not in seen.text
    assert f"{HOSTILE} (simulated)" in seen.table("Accuracy on test digits")
    assert "Have people fill in sheets" in seen.text


def test_two_collections_are_told_apart_and_together(tmp_path: Path) -> None:
    files = said("b")
    files["evaluate"] = {"mnist": source(20, 1), "a": source(30, 0), "b": source(20, 2), "handwriting": source(50, 2)}
    files["sheets"]["collections"]["a"] = {**files["sheets"]["collections"]["b"], "simulated": True}
    seen = of(tmp_path, name="b", **files)
    accuracies = seen.table("Accuracy on test digits")
    assert list(accuracies) == ["a (simulated)", "b", "handwriting (partly simulated)", "mnist"]
    assert "Some of these digits are simulated, not written by people." in seen.text


def test_without_handwriting_the_page_says_so(tmp_path: Path) -> None:
    gone = {"robustness": {}, "domain_gap": {}, "audit": {}, "evaluate": {"mnist": source(20, 1)}}
    seen = of(tmp_path, **gone)
    assert "There is no handwriting of a collection among the test digits" in seen.text
    assert list(seen.table("Accuracy on test digits")) == ["mnist"]


def test_what_a_source_lacks_is_left_out(tmp_path: Path) -> None:
    bare = source(20, 0, writers=None, calibration=None, selective=None, worst_digit=None, tracked={})
    seen = of(tmp_path, evaluate={"mnist": bare, HOSTILE: bare, "handwriting": bare})
    captions = {table.caption for table in seen.tables}
    assert not {"Test writers", "Calibration on test digits", "Reading only what is certain"} & captions
    assert "no digit was misread" in seen.text
    unread = source(20, 2, selective={"target": 0.999, "read": 0.0, "n": 0, "errors": 0})
    few = {"n": 3, "mnist_n": 20, "says": ["leaning"], "property": {}}
    (tmp_path / "second").mkdir()
    train = said()["train"] | {"validation_accuracy": {"mean": 0.9, "std": None}}
    seen = of(tmp_path / "second", evaluate={"mnist": unread}, domain_gap={"c": few}, train=train)
    assert "leaning" in seen.text
    assert "area under the curve" not in seen.text
    assert "standard deviation" not in seen.text
    assert "no confidence is high enough" in seen.text
    assert seen.table("Reading only what is certain")["mnist"] == [[0], [0], [0], ["-"]]


def test_names_are_text_and_never_elements(seen: Page) -> None:
    assert not {"b", "i", "u", "em", "script"} & {tag for tag, _ in seen.elements}
    assert "w/<i>1" in seen.text
    assert all(HOSTILE not in held.get("style", "") for _, held in seen.elements)


def test_the_page_loads_nothing(text: str, seen: Page) -> None:
    addresses = [held[key] for _, held in seen.elements for key in ("src", "href", "srcset", "data") if key in held]
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert "url(" not in text
    assert "@import" not in text
    assert "://" not in re.sub(r"base64,[^\"]*", "", text)


def test_pictures_have_words_and_tables_have_headers(seen: Page) -> None:
    pictures = [held for tag, held in seen.elements if tag == "img"]
    assert sum(held["class"] == "plate" for held in pictures) == 6
    assert all(held["alt"] and int(held["width"]) > 0 for held in pictures)
    assert all(held.get("aria-label") for tag, held in seen.elements if tag == "svg")
    assert all(table.caption and table.columns and table.rows for table in seen.tables)
    assert {held["scope"] for tag, held in seen.elements if tag == "th"} == {"col", "row"}
    names = [held["id"] for _, held in seen.elements if "id" in held]
    assert len(names) == len(set(names))
    links = {held["href"][1:] for tag, held in seen.elements if tag == "a"}
    assert links <= set(names)


def test_pictures_that_were_not_drawn_are_left_out_and_others_refused(tmp_path: Path) -> None:
    files = left(tmp_path)
    (files.galleries / "mnist-wrong.png").unlink()
    seen = Page(page.written(reading.load(files)))
    assert sum(held.get("class") == "plate" for _, held in seen.elements) == 5
    (files.galleries / "confusion-mnist.png").write_bytes(b"no image")
    with pytest.raises(BadInputError, match=r"confusion-mnist\.png: expected a PNG file"):
        page.written(reading.load(files))


def test_the_same_run_gives_the_same_page(tmp_path: Path) -> None:
    run = reading.load(left(tmp_path))
    assert page.written(run) == page.written(reading.load(left(tmp_path)))


def test_suspects_of_other_digits_are_refused(tmp_path: Path) -> None:
    files = left(tmp_path)
    rows = (files.audit_folder / "suspects.csv").read_text(encoding="utf-8")
    (files.audit_folder / "suspects.csv").write_text(rows.replace(f"{60:016x}", "f" * 16), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"suspects\.csv: expected ids of .*digits\.parquet, got 'f{16}'"):
        page.written(reading.load(files))


def test_the_made_up_files_are_what_they_say(tmp_path: Path) -> None:
    """So that no test above compares a page with itself."""
    left(tmp_path)
    assert json.loads((tmp_path / "evaluate.json").read_text())[HOSTILE] == source(20, 2)
