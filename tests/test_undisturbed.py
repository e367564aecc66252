import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import BadInputError
from pipeline.undisturbed import STAGE, undisturbed

STAGES = """\
stages:
  sheets:
    cmd: python -m pipeline.sheets
    params: [sheets, train.seed]
    deps: [raw, pipeline/sheets.py, data/absent.parquet]
    outs: [data/sheets.parquet]
"""
SETTINGS = "sheets: {normalize: mnist}\ntrain: {seed: 0, epochs: 1}\nsweep: {grid: 1}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which DVC runs stage `sheets`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(STAGE, "sheets")
    for name, text in {
        "dvc.yaml": STAGES,
        "params.yaml": SETTINGS,
        "raw/a/1.jpg": "one",
        "raw/a/2.jpg": "two",
        "pipeline/sheets.py": "code",
        "data/sheets.parquet": "out",
        "elsewhere.txt": "x",
    }.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def put(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def alike(name: str, text: str, *, anew: bool) -> None:
    """Give a file another content and its old time, in the same inode or in a new one."""
    path = Path(name)
    before = path.stat()
    target = path.with_name("new") if anew else path
    target.write_text(text)
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    target.replace(path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda: put("raw/a/3.jpg", "late"), "raw/a/3.jpg: .*, but it appeared"),
        (lambda: put("raw/b/sheets.yaml", "split: test"), "raw/b/sheets.yaml: .*, but it appeared"),
        (lambda: put("raw/corrections.csv", "photo,row,col,label\n"), "raw/corrections.csv: .*, but it appeared"),
        (lambda: Path("raw/a/1.jpg").unlink(), "raw/a/1.jpg: .*, but it vanished"),
        (lambda: put("raw/a/1.jpg", "other"), "raw/a/1.jpg: .*, but it changed"),
        (lambda: os.utime("raw/a/1.jpg", (1, 1)), "raw/a/1.jpg: .*, but it changed"),
        (lambda: alike("raw/a/1.jpg", "eno", anew=True), "raw/a/1.jpg: .*, but it changed"),
        (lambda: alike("raw/a/1.jpg", "more", anew=False), "raw/a/1.jpg: .*, but it changed"),
        (lambda: Path("raw/a/1.jpg").replace("raw/a/2.jpg"), "raw/a/1.jpg: .*, but it vanished"),
        (lambda: put("pipeline/sheets.py", "newer"), "pipeline/sheets.py: .*, but it changed"),
        (lambda: put("data/absent.parquet", "there"), "data/absent.parquet: .*, but it appeared"),
        (lambda: put("params.yaml", SETTINGS.replace("seed: 0", "seed: 7")), "params.yaml, `train.seed`: .* changed"),
        (lambda: put("params.yaml", SETTINGS.replace("mnist", "stretch")), "params.yaml, `sheets`: .* changed"),
        (lambda: put("params.yaml", "sheets: {"), "params.yaml, `sheets`: .* changed"),
        (lambda: Path("params.yaml").unlink(), "params.yaml, `sheets`: .* changed"),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_changes_while_a_stage_runs_fails_the_stage(change: Callable[[], None], told: str) -> None:
    with pytest.raises(BadInputError, match=rf"{told}.*; run it again"), undisturbed():
        change()


@pytest.mark.parametrize(
    "change",
    [
        lambda: put("elsewhere.txt", "other"),
        lambda: put("data/sheets.parquet", "new"),  # the stage's own
        lambda: put("raw/a/.DS_Store", "a folder was looked at"),
        lambda: put("raw/.thumbs/1.jpg", "a folder was looked at"),
        lambda: put("params.yaml", SETTINGS.replace("epochs: 1", "epochs: 2").replace("grid: 1", "grid: 2")),
        lambda: put("params.yaml", f"# another comment\n{SETTINGS}"),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_the_stage_does_not_read_may_change(change: Callable[[], None]) -> None:
    with undisturbed():
        change()


@pytest.mark.usefixtures("project")
def test_a_stages_own_error_is_told_first() -> None:
    def stage() -> None:
        put("raw/a/3.jpg", "late")
        raise ValueError("its own")

    with pytest.raises(ValueError, match="its own"), undisturbed():
        stage()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("stage", [None, "", "other"])
def test_without_dvc_nothing_is_watched(stage: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STAGE) if stage is None else monkeypatch.setenv(STAGE, stage)
    with undisturbed():
        put("raw/a/3.jpg", "late")


@pytest.mark.usefixtures("project")
def test_a_stage_of_the_users_own_may_lack_dependencies_and_read_other_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put("dvc.yaml", "stages:\n  own:\n    cmd: x\n    params: [{other.yaml: [a]}, train]\n")
    monkeypatch.setenv(STAGE, "own")
    with undisturbed():
        pass
    with pytest.raises(BadInputError, match=r"params\.yaml, `train`"), undisturbed():
        put("params.yaml", SETTINGS.replace("seed: 0", "seed: 7"))


@pytest.mark.usefixtures("project")
def test_dvc_may_name_the_stage_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STAGE, "part/dvc.yaml:sheets")
    with pytest.raises(BadInputError, match="stage `sheets`"), undisturbed():
        put("raw/a/3.jpg", "late")
