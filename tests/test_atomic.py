import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from pipeline.atomic import replacing, write_json, write_text
from pipeline.errors import BadInputError

ROOT = Path(__file__).parents[1]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole_at_the_end_and_not_before(tmp_path: Path) -> None:
    target = tmp_path / "new" / "deeper" / "a.txt"
    with replacing(target) as draft:
        draft.write_text("whole")
        assert draft.name == target.name
        assert not target.exists()
    assert target.read_text() == "whole"
    assert names(target.parent) == ["a.txt"]


def test_an_exception_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(target) as draft:  # noqa: PT012 -- the block is what is tested
        draft.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "pictures"
    for round_, members in enumerate((["a", "b"], ["b", "c"])):
        with replacing(target) as draft:
            draft.mkdir()
            for member in members:
                (draft / member).write_text(f"{member}{round_}")
    assert names(target) == ["b", "c"]
    assert (target / "b").read_text() == "b1"
    with pytest.raises(RuntimeError), replacing(target) as draft:  # noqa: PT012 -- the block is what is tested
        draft.mkdir()
        raise RuntimeError
    assert names(target) == ["b", "c"]
    assert names(tmp_path) == ["pictures"]


def test_a_file_takes_no_folders_place(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "thesis.tex").write_text("years of work")
    with pytest.raises(BadInputError, match="docs: expected a file to write, got a folder; name a file in it"):
        write_text(tmp_path / "docs", "a line")
    assert [path.name for path in tmp_path.rglob("*")] == ["docs", "thesis.tex"]


@pytest.mark.parametrize("target", [".", "in/..", "/"])
def test_what_has_no_name_is_refused_before_any_work(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path)
    with (
        pytest.raises(BadInputError, match="expected the name of a file or folder to write, got none; name one in it"),
        replacing(Path(target)),
    ):
        pytest.fail("work was done")
    assert names(tmp_path) == ["in"]


def test_where_no_draft_can_be_made_the_error_names_the_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(prefix: str, dir: Path) -> str:  # as tempfile calls it
        raise PermissionError(errno.EACCES, "Permission denied", str(dir / f"{prefix}x7"))

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(PermissionError) as caught:
        write_text(tmp_path / "a.txt", "a line")
    assert caught.value.filename == str(tmp_path / "a.txt")


def test_a_draft_that_was_never_written_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a"):
        pass
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_a_folder_that_was_never_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "kept").write_text("old")
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a"):
        pass
    assert (tmp_path / "a" / "kept").read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_an_interrupt_between_the_two_renames_of_a_folder_puts_the_old_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "kept").write_text("old")
    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "a") as draft:
        draft.mkdir()
    assert (tmp_path / "a" / "kept").read_text() == "old"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("ignoring", [".gitignore", ".dvcignore"])
def test_what_a_killed_run_leaves_is_taken_by_neither_git_nor_dvc(ignoring: str, tmp_path: Path) -> None:
    ignored = GitIgnoreSpec.from_lines((ROOT / ignoring).read_text(encoding="utf-8").splitlines())
    for target in ("weights", "raw/ours/corrections.csv"):
        with replacing(tmp_path / target) as draft:
            draft.write_text("half")
            assert ignored.match_file(draft.relative_to(tmp_path).as_posix())
        assert not ignored.match_file(target)


def test_a_killed_process_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    script = (
        "import os, sys; from pathlib import Path; from pipeline.atomic import replacing\n"
        "with replacing(Path(sys.argv[1])) as draft:\n"
        "    draft.write_text('half'); os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(target)], check=False, env=dict(os.environ))
    assert killed.returncode != 0
    assert target.read_text() == "old"


def test_json_keeps_the_order_of_its_keys_and_every_letter(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": 1, "a": [0.5, "\u5b57"]})
    content = (tmp_path / "a.json").read_bytes()
    assert content == '{\n  "b": 1,\n  "a": [\n    0.5,\n    "\u5b57"\n  ]\n}\n'.encode()
    assert list(json.loads(content)) == ["b", "a"]


def test_json_refuses_what_is_no_number(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(tmp_path / "a.json", {"accuracy": float("nan")})
    assert names(tmp_path) == []


def test_text_has_unix_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "one\ntwo\n")
    assert (tmp_path / "a.txt").read_bytes() == b"one\ntwo\n"


def test_the_longest_name_that_a_file_can_have_can_be_written(tmp_path: Path) -> None:
    for letter in "a\u5b57":
        name = letter * (255 // len(letter.encode()))
        write_text(tmp_path / name, "whole")
        assert (tmp_path / name).read_text() == "whole"
