import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline import digits, idx
from pipeline.errors import BadInputError
from pipeline.export_data import LOADED, MADE, card_of, check_ours, export_data, of_sources, splits_of
from pipeline.formats import FORMATS
from pipeline.reports import data_card, reading
from tests.reports.made_run import left

NO_CARD = Path("none.md")


def table(*, split: bool = True) -> pa.Table:
    sources = ["mnist"] * 6 + ["a"] * 4 + ["b"] * 2
    images = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)
    splits = ["train", "test"] * 6 if split else None
    return digits.from_columns(images, np.arange(12) % 10, sources, split=splits)


@pytest.fixture
def digits_file(tmp_path: Path) -> Path:
    digits.save(table(), tmp_path / "digits.parquet")
    return tmp_path / "digits.parquet"


def written_card(digits_file: Path) -> Path:
    """Write a data card of the table beside it."""
    card = digits_file.with_name("card.md")
    card.write_text(f"# Data card\n\nSHA-256 `{hashlib.sha256(digits_file.read_bytes()).hexdigest()}`\n")
    return card


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_digits_provenance_and_data_card_stand_side_by_side(
    digits_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, card = tmp_path / "out", written_card(digits_file)
    export_data("idx", out, [], digits=digits_file, card=card)
    told, advice = capsys.readouterr().out.splitlines()
    assert told == f"{out}: 6 train, 6 test digits as idx, with provenance.csv and data-card.md"
    assert advice.startswith("next: any MNIST loader reads these")
    assert len(idx.read_pair(out, "train")[0]) == 6
    found = contents(out)
    assert found["data-card.md"] == card.read_bytes()
    assert found["provenance.csv"].count(b"\n") == 13
    assert json.loads(found[MADE])["files"] == sorted(set(found) - {MADE})
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_data_card_that_the_report_writes_says_which_table_it_describes(tmp_path: Path) -> None:
    files = left(tmp_path)
    text = data_card.written(reading.load(files))
    (tmp_path / "card.md").write_text(text, encoding="utf-8")
    assert card_of(files.digits, tmp_path / "card.md") == text.encode()
    digits.save(table(), files.digits)
    assert card_of(files.digits, tmp_path / "card.md") is None


@pytest.mark.parametrize("text", ["SHA-256 `{}`\n", "# Data card: no sum\n"])
def test_a_data_card_of_another_table_is_left_out_and_that_is_said(
    text: str, digits_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = tmp_path / "card.md"
    card.write_text(text.format("0" * 64))
    export_data("idx", tmp_path / "out", [], digits=digits_file, card=card)
    told, _, advice = capsys.readouterr().out.splitlines()
    assert told.endswith("digits as idx, with provenance.csv")
    assert advice.endswith("the data card describes another table: `dvc repro report` writes it anew")
    assert "data-card.md" not in contents(tmp_path / "out")


def test_beside_some_sources_alone_the_data_card_says_at_its_head_that_it_is_of_all(
    digits_file: Path, tmp_path: Path
) -> None:
    card = written_card(digits_file)
    for wanted, named in ((["handwriting"], b"`a`, `b`"), (["mnist"], b"`mnist`")):
        export_data("idx", tmp_path / "out", wanted, digits=digits_file, card=card)
        head, _, rest = contents(tmp_path / "out")["data-card.md"].partition(b"\n\n")
        assert head == (
            b"This card describes the whole digit table, of which this export holds only the digits of " + named + b"."
        )
        assert rest == card.read_bytes()
    export_data("idx", tmp_path / "out", ["handwriting", "mnist"], digits=digits_file, card=card)
    assert contents(tmp_path / "out")["data-card.md"] == card.read_bytes()


def test_exporting_again_gives_the_same_bytes_and_leaves_nothing_old(digits_file: Path, tmp_path: Path) -> None:
    out, none = tmp_path / "out", tmp_path / "none.md"
    export_data("csv", out, [], digits=digits_file, card=none)
    export_data("npz", out, [], digits=digits_file, card=none)
    first = contents(out)
    assert set(first) == {"mnist.npz", "provenance.csv", MADE}
    export_data("npz", out, [], digits=digits_file, card=none)
    assert contents(out) == first


def test_a_folder_that_the_command_did_not_make_is_left_alone(digits_file: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.tex").write_text("years of work")
    with pytest.raises(BadInputError, match=r"found `thesis\.tex` in it; name another --out"):
        export_data("idx", mine, [], digits=digits_file, card=NO_CARD)
    assert contents(mine) == {"thesis.tex": b"years of work"}
    export_data("idx", tmp_path / "out", [], digits=digits_file, card=NO_CARD)
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(BadInputError, match=r"found `notes\.txt` in it"):
        export_data("idx", tmp_path / "out", [], digits=digits_file, card=NO_CARD)
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInputError, match="expected a folder to write, got a file"):
        check_ours(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    check_ours(tmp_path / "empty")


@pytest.mark.parametrize(("out", "read"), [("raw/new", "raw"), ("raw/real/mnist", "raw"), ("class/new", "class")])
def test_digits_are_never_exported_to_where_they_would_be_read_as_a_collection(
    out: str, read: str, digits_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.yaml").touch()
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "sheets.yaml").touch()
    with pytest.raises(
        BadInputError, match=rf"^{out}: expected a place outside of {tmp_path / read}, .*; try --out {Path(out).name}$"
    ):
        export_data("folders", Path(out), [], digits=digits_file, card=NO_CARD)
    assert not Path(out).exists()


@pytest.mark.parametrize(
    ("wanted", "count"),
    [([], 12), (["mnist"], 6), (["a", "mnist"], 10), (["handwriting"], 6), (["handwriting", "b"], 6)],
)
def test_sources_choose_rows_in_their_order(wanted: list[str], count: int) -> None:
    chosen = of_sources(table(), wanted)
    assert chosen.num_rows == count
    names = digits.strings(chosen, "source")
    assert names == [name for name in digits.strings(table(), "source") if name in set(names)]


def test_what_cannot_be_exported_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"found none; run `dvc repro merge`, or `dvc pull`"):
        export_data("idx", tmp_path / "out", [], digits=tmp_path / "none.parquet", card=NO_CARD)
    with pytest.raises(BadInputError, match="got `mnst`; did you mean `mnist`"):
        of_sources(table(), ["mnst"])
    with pytest.raises(BadInputError, match="got `handwriting`; there are: mnist"):
        of_sources(table().slice(0, 6), ["handwriting"])
    with pytest.raises(BadInputError, match="got some without"):
        splits_of(table(split=False))
    with pytest.raises(BadInputError, match="at least one digit"):
        splits_of(table().slice(0, 0))


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_is_said_how_to_be_loaded(
    form: str, digits_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(LOADED) == set(FORMATS)
    out = tmp_path / "out"
    export_data(form, out, [], digits=digits_file, card=NO_CARD)
    _, advice, no_card = capsys.readouterr().out.splitlines()
    assert advice.startswith("next: ")
    assert "`dvc repro` writes it" in no_card
    for named in re.findall(r'"([^"]+/[^"]+)"', advice):
        assert Path(named).exists(), named
