import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.reader.corrections import Correction, digest
from pipeline.reviewing import changes

LINES = [Correction("c/a", 0, 0, 7, 2), Correction("c/a", 0, 1, None, 3)]


def test_verdicts_wait_until_a_run_has_seen_the_same_lines() -> None:
    seen = {"corrections": {"digest": digest(LINES), "relabelled": 1, "dropped": 1}}
    assert changes.digits_changed(LINES, seen, {})["waiting"] is False
    assert changes.digits_changed(LINES[::-1], seen, {})["waiting"] is False  # the order says nothing
    assert changes.digits_changed(LINES[:1], seen, {})["waiting"] is True
    assert changes.digits_changed([], seen, {})["waiting"] is True
    assert changes.digits_changed(LINES, {}, seen)["waiting"] is True
    assert changes.digits_changed([], {}, {})["waiting"] is False


def test_the_last_commit_stands_beside_the_last_run() -> None:
    now, before = ({"corrections": {"relabelled": n, "accepted": 3 * n}} for n in (2, 1))
    found = changes.digits_changed(LINES, now, before)
    assert (found["applied"]["relabelled"], found["committed"]["relabelled"]) == (2, 1)
    assert (found["applied"]["accepted"], found["committed"]["accepted"], found["applied"]["left"]) == (6, 3, 0)


def test_a_committed_file_is_read_and_a_new_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/kept.json").write_text('{"a": 1}')
    name = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "."], [*name, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (tmp_path / "sub/kept.json").write_text('{"a": 2}')
    assert changes.read_json(changes.committed(tmp_path, Path("sub/kept.json"))) == {"a": 1}
    assert changes.committed(tmp_path / "sub", Path("kept.json")) == '{"a": 1}'
    assert changes.committed(tmp_path, Path("sub/new.json")) is None


@pytest.mark.parametrize("text", [None, "", "no JSON", "[1]"])
def test_what_is_no_object_is_empty(text: str | None) -> None:
    assert changes.read_json(text) == {}


def compared(monkeypatch: pytest.MonkeyPatch, folder: Path, program: str) -> dict[str, object]:
    """Let a program of our own stand in for the command's process."""
    run = subprocess.run

    def stand_in(command: list[str], **options: object) -> object:
        assert command[3:4] == ["compare"]
        return run([sys.executable, "-c", program], **options)  # type: ignore[call-overload]  # as it was called

    monkeypatch.setattr(subprocess, "run", stand_in)
    return changes.accuracy_changed(folder)


def test_what_compare_says_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"shown_as": "c", "n": 100, "errors_before": 4, "errors_after": 1, "gain": 0.03, "by_digit": {}}
    report = json.dumps({"sources": {"c": entry}, "left_out": {"before": 1, "after": 0, "label": 2}})
    found = compared(monkeypatch, tmp_path, f"print('''{report}''')")
    assert found == {
        "sources": [{"name": "c", **{key: entry[key] for key in entry if key != "by_digit"}}],
        "left_out": 3,
    }


def test_a_chinese_name_is_shown_where_pipes_speak_another_code_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    monkeypatch.setenv("PYTHONUTF8", "0")
    program = "import json; print(json.dumps({'sources': {chr(0x5b57): {'n': 1}}}, ensure_ascii=False))"
    assert compared(monkeypatch, tmp_path, program) == {"sources": [{"name": "\u5b57", "n": 1}], "left_out": 0}


def test_why_there_is_no_comparison_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import sys; sys.exit('a warning\\nerror: HEAD: expected data/predictions.parquet, found none')"
    assert compared(monkeypatch, tmp_path, program) == {"error": "HEAD: expected data/predictions.parquet, found none"}
