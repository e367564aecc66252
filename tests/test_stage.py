import errno
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import stage
from pipeline.atomic import replacing
from pipeline.errors import BadInputError
from tests.params_file import ROOT


def given(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["stage", *arguments])


def test_main_is_given_one_path_a_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Path] = {}

    def main(params: Path, out_of_fold: Path) -> None:
        seen.update(params=params, out_of_fold=out_of_fold)

    given(monkeypatch, "--out-of-fold", "data/a b.parquet", "--params", "params.yaml")
    stage.run(main)
    assert seen == {"params": Path("params.yaml"), "out_of_fold": Path("data/a b.parquet")}


def test_bad_input_is_one_line_and_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(raw: Path) -> None:
        raise BadInputError(f"{raw}: expected photos")

    given(monkeypatch, "--raw", "nowhere")
    with pytest.raises(SystemExit) as caught:
        stage.run(main)
    assert caught.value.code == 1
    assert capsys.readouterr().err == "error: nowhere: expected photos\n"


def test_a_dependency_that_changes_meanwhile_is_one_line_and_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def main(raw: Path) -> None:
        (raw / "late.jpg").write_text("a photo")

    (tmp_path / "raw").mkdir()
    (tmp_path / "dvc.yaml").write_text("stages: {sheets: {cmd: a stage, deps: [raw]}}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_STAGE", "sheets")
    given(monkeypatch, "--raw", "raw")
    with pytest.raises(SystemExit) as caught:
        stage.run(main)
    assert caught.value.code == 1
    assert "raw/late.jpg: expected it to stay as it was" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (errno.ENOSPC, "No space left on device; make room on that disk and run it again"),
        (errno.EDQUOT, "Disk quota exceeded; make room in your quota on that disk and run it again"),
        (errno.EACCES, "Permission denied; allow reading and writing there and run it again"),
        (errno.EROFS, "Read-only file system; allow writing there and run it again"),
        (errno.EEXIST, "File exists; a file is in the way of a folder: name another place and run it again"),
        (errno.ENOTDIR, "Not a directory; a file is in the way of a folder: name another place and run it again"),
        (errno.EISDIR, "Is a directory; a folder is in the way of a file: name a file in it and run it again"),
        (errno.ENAMETOOLONG, "File name too long; name a shorter one and run it again"),
    ],
)
def test_a_full_or_closed_disk_is_one_line_that_names_the_output(
    code: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def main(table: Path) -> None:
        with replacing(table):
            raise OSError(code, "as a library says it")

    given(monkeypatch, "--table", str(tmp_path / "a.parquet"))
    with pytest.raises(SystemExit) as caught:
        stage.run(main)
    assert caught.value.code == 1
    assert capsys.readouterr().err == f"error: {tmp_path / 'a.parquet'}: {told}\n"
    assert not list(tmp_path.iterdir())


def test_other_errors_of_the_system_keep_their_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def main(raw: Path) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file", str(raw))

    given(monkeypatch, "--raw", "nowhere")
    with pytest.raises(FileNotFoundError):
        stage.run(main)


def test_ctrl_c_is_one_line_and_exit_status_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def main() -> None:
        raise KeyboardInterrupt

    given(monkeypatch)
    with pytest.raises(SystemExit) as caught:
        stage.run(main)
    assert caught.value.code == 130
    assert capsys.readouterr().err == "stopped: run it again to go on; what the cache keeps is not done twice\n"


def test_our_own_mistakes_keep_their_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        raise ZeroDivisionError

    given(monkeypatch)
    with pytest.raises(ZeroDivisionError):
        stage.run(main)


@pytest.mark.parametrize("arguments", [[], ["--raw"], ["--raw", "a", "--rwa", "b"]])
def test_a_wrong_command_line_is_told_before_anything_runs(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(raw: Path) -> None:
        raise AssertionError(f"ran with {raw}")

    given(monkeypatch, *arguments)
    with pytest.raises(SystemExit) as caught:
        stage.run(main)
    assert caught.value.code == 2
    assert "--r" in capsys.readouterr().err


@pytest.mark.slow
def test_a_real_stage_stops_at_bad_parameters_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("trian: {}")
    paths = [f"--{name}={tmp_path / name}" for name in ("raw", "table", "metrics", "pictures")]
    command = [sys.executable, "-m", "pipeline.sheets", f"--params={tmp_path / 'params.yaml'}", *paths]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert found.returncode == 1
    assert found.stdout == ""
    (line,) = found.stderr.splitlines()
    assert line.startswith("error: ")
    assert "unknown key `trian`; did you mean `train`?" in line
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]
