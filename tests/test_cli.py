import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image

from pipeline import cli, store
from tests.params_file import ROOT
from tests.reader import drawn


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run `mnist-cn` with these arguments; its exit status."""
    monkeypatch.setattr(sys, "argv", ["mnist-cn", *(str(argument) for argument in arguments)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    code = caught.value.code
    assert code is None or isinstance(code, int)
    return code or 0


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def all_commands(group: Any, *before: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it, those of groups too."""
    for name, one in group.commands.items():
        yield (*before, name), one
        if hasattr(one, "commands"):
            yield from all_commands(one, *before, name)


COMMANDS = dict(all_commands(typer.main.get_command(cli.app)))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_does_with_an_example_that_is_valid(words: tuple[str, ...]) -> None:
    first, *_ = COMMANDS[words].help.splitlines()
    examples = re.findall(rf"`mnist-cn {' '.join(words)}(| [^`]*)`", first)
    assert examples, first
    known = {name for one in COMMANDS[words].params for name in (*one.opts, *one.secondary_opts)}
    assert set(re.findall(r"(?<!\S)--[\w-]+", examples[0])) <= known


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_and_argument_says_what_it_is(words: tuple[str, ...]) -> None:
    assert [one.name for one in COMMANDS[words].params if not one.help] == []


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_a_success_and_an_unknown_option_is_not(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, *words, "--help") == 0
    assert " ".join(COMMANDS[words].help.splitlines()[0].split())[:40] in capsys.readouterr().out
    assert command(monkeypatch, *words, "--no-such-option") == 2  # as of most programs: the command line is wrong
    found = capsys.readouterr()
    assert found.out == ""
    assert "--no-such-option" in found.err


def test_no_command_at_all_shows_what_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch) == 2
    said = "".join(capsys.readouterr())
    assert all(words[0] in said for words in COMMANDS)
    assert command(monkeypatch, "--help") == 0
    assert command(monkeypatch, "tempalte") == 2
    assert "template" in capsys.readouterr().err.replace("tempalte", "")


def test_template_json_is_the_geometry(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(monkeypatch, "template", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"page_mm", "cells"}
    assert found["page_mm"] == [210, 297]
    assert len(found["cells"]) == 100
    for cell in found["cells"]:
        assert set(cell) == {"row", "col", "label", "box_mm"}
        assert len(cell["box_mm"]) == 4


def test_template_writes_a_pdf(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command(monkeypatch, "template", "--out", tmp_path / "a.pdf", "--paper", "letter") == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert "next: `mnist-cn check raw/<collection>` shows" in capsys.readouterr().out


def test_template_without_a_file_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "template") == 1
    assert capsys.readouterr().err == "error: expected --out FILE.pdf or --json, got neither\n"


def test_a_sheet_for_a_writer_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command(monkeypatch, "template", "--writer", "W07", "--focus", "2,5,7,9") == 0
    assert (tmp_path / "template-w07.pdf").read_bytes().startswith(b"%PDF")
    capsys.readouterr()
    assert command(monkeypatch, "template", "--writer", "w07", "--focus", "2,5,7,9", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["code"]["text"] == "12A4W07"
    assert [cell["label"] for cell in found["cells"][:10]] == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert command(monkeypatch, "template", "--focus", "25", "--out", tmp_path / "a.pdf") == 1
    assert "--focus: expected digits with commas between" in capsys.readouterr().err


@pytest.mark.slow
def test_simulate_twice_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3)):
        assert command(monkeypatch, "simulate", "--out", tmp_path / name, "--count", 1, "--seed", seed) == 0
    first, again = ({path.name: path.read_bytes() for path in (tmp_path / n).iterdir()} for n in "ab")
    assert set(first) == {"sheets.yaml", "writer-00.jpg", "writer-00.json"}
    assert first == again


def check(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    return command(monkeypatch, "check", "--params", ROOT / "params.yaml", *arguments)


@pytest.mark.slow
def test_check_of_a_good_photo_ends_well_and_leaves_a_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    photo = drawn.save(drawn.page(["123", "45"]), tmp_path / "photos" / "a b.png")
    assert check(monkeypatch, photo, "--layout", "rows", "--rows", "123,45") == 0
    assert capsys.readouterr().out.splitlines() == [
        "photos/a b.png: 5 digits, 0 rejects",
        "see a b-check.jpg",
        "next: put them into raw/<collection>/, write `layout`, `rows` as stated here into "
        "raw/<collection>/sheets.yaml, `dvc repro` reads them",
    ]
    with Image.open(tmp_path / "a b-check.jpg") as picture:
        assert picture.width == 1000


def test_check_goes_by_the_collections_sheets_yaml(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    photo = drawn.save(drawn.page(["123"]), tmp_path / "c" / "a.png")
    (tmp_path / "c" / "sheets.yaml").write_text('layout: rows\nrows: ["123"]\n')
    assert check(monkeypatch, photo, "--out", tmp_path / "seen.jpg") == 0
    assert (tmp_path / "seen.jpg").is_file()


@pytest.mark.slow
def test_check_ends_with_1_and_the_reasons_when_anything_is_rejected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    photo = drawn.save(drawn.page(["123", "45"]), tmp_path / "a.png")
    assert check(monkeypatch, photo, "--layout", "rows", "--rows", "123,4") == 1
    assert "row 1: row-count: expected 1 digits (4), found 2" in capsys.readouterr().out
    (tmp_path / "b.jpg").write_text("no photo")
    assert check(monkeypatch, tmp_path / "b.jpg", "--layout", "rows", "--label", 1) == 1
    assert "not-an-image" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.jpg"], "nowhere.jpg: expected a photo or a folder of photos, found no such file"),
        (["a.png", "--layout", "row"], "did you mean `rows`?"),
        (["a.png", "--label", "12"], "`label`: expected "),
        (["a.png", "--rows", "12,3 4"], "`rows.1`: expected digits only, one string a row, got '3 4'"),
    ],
)
def test_check_tells_what_it_cannot_use_in_one_line(
    arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    drawn.save(drawn.page(["12"]), tmp_path / "a.png")
    assert check(monkeypatch, *arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert told in line


def test_overview_never_takes_the_photos_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    photo = drawn.save(drawn.page(["12"]), tmp_path / "a.png")
    before = photo.read_bytes()
    assert command(monkeypatch, "overview", photo, "--out", "a.png") == 1
    assert (
        capsys.readouterr().err == "error: a.png: expected a place to write, got the photo itself; name another --out\n"
    )
    assert photo.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("simulate", "--count", 1, "--out", "a.png"), "a.png: expected a folder to write, got a file; name another"),
        (("template", "--out", "a.png/x.pdf"), "a.png: File exists; a file is in the way"),
        (("template", "--out", "x" * 300 + ".pdf"), "File name too long; name a shorter one"),
        (("template", "--out", "."), ".: expected a file to write, got a folder; name a file in it with --out"),
        (("simulate", "--count", 1, "--out", "."), ".: expected a folder to make or to make again, got one that the"),
        (("export-data", "--format", "idx", "--out", "."), ".: expected a folder to make or to make again, got one"),
        (("check", "a.png", "--params", ROOT / "params.yaml", "--out", "."), ".: expected a file to write, got a fol"),
        (("template", "--out", "a.png"), "a.png: expected a PDF's name (.pdf), got `a.png`; name another --out"),
        (("compare", "--out", "gain"), "gain: expected a picture's name (.png), got `gain`; name another --out"),
        (("compare", "--out", "gain.jpg"), "expected a picture's name (.png), got `gain.jpg`"),
    ],
    ids=str,
)
def test_a_place_that_cannot_be_written_is_one_line(
    words: tuple[object, ...], place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.png").write_text("a photo")
    assert command(monkeypatch, *words) == 1
    assert Path("a.png").read_text() == "a photo"
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert place in line


def test_overview_without_tested_handwriting_says_which_table_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "overview", "a.png") == 1
    told = capsys.readouterr().err
    assert told.startswith("error: metrics/confusion/handwriting.csv: expected the confusions that `dvc repro` writes")
    assert "name --table metrics/confusion/mnist.csv" in told


@pytest.fixture
def cached(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A process that has not opened its store yet, nor has afterwards."""
    store.store.cache_clear()
    yield monkeypatch
    store.store.cache_clear()


def test_the_cache_says_its_own_bound_and_forgets(
    cached: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cached.setenv(store.PLACE, str(tmp_path / "kept"))
    cached.setenv(store.SIZE, "30")
    opened = store.store()
    assert opened is not None
    opened.put("a", b"b")
    assert command(cached, "cache") == 0
    assert "MB of at most 30 GB; MNIST_CN_CACHE and MNIST_CN_CACHE_GB change that" in capsys.readouterr().out
    assert "a" in opened
    assert command(cached, "cache", "--clear") == 0
    assert "a" not in opened


def test_an_empty_place_for_the_cache_is_told_as_such(
    cached: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cached.setenv(store.PLACE, "")
    assert command(cached, "cache") == 0
    assert capsys.readouterr().out == "MNIST_CN_CACHE is empty: nothing is kept\n"


def test_a_place_where_no_cache_can_be_is_an_error_that_names_it(
    cached: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("kept").touch()
    cached.setenv(store.PLACE, "kept")
    with pytest.warns(UserWarning, match="kept: nothing is reused"):
        assert command(cached, "cache") == 1
    assert "error: kept: expected a folder to keep things in, found none that can be used" in capsys.readouterr().err
