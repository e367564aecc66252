"""Reading revisions of a real Git and DVC project."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import BadInputError
from pipeline.versioned import open_revision

pytestmark = pytest.mark.slow

DVC_YAML = """\
stages:
  evaluate:
    cmd: cp source/${word}.txt predictions.txt
    params: [word]
    deps: [source]
    outs: [predictions.txt]
"""


def run(*words: str, folder: Path) -> None:
    subprocess.run(words, cwd=folder, check=True, capture_output=True)


def dvc(*words: str, folder: Path) -> None:
    run(sys.executable, "-m", "dvc", *words, folder=folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two commits (the first tagged), two experiments, and a change in the workspace."""
    folder = tmp_path_factory.mktemp("versions") / "project"
    (folder / "source").mkdir(parents=True)
    run("git", "init", "--quiet", "--initial-branch=main", folder=folder)
    for key, value in (("user.name", "test"), ("user.email", "test@example.org")):
        run("git", "config", key, value, folder=folder)
    dvc("init", "--quiet", folder=folder)
    for word in ("first", "second", "third", "fourth", "fifth"):
        (folder / "source" / f"{word}.txt").write_text(word)
    (folder / "dvc.yaml").write_text(DVC_YAML)
    for word in ("first", "second"):
        (folder / "params.yaml").write_text(f"word: {word}\n")
        dvc("repro", "--quiet", folder=folder)
        run("git", "add", "--all", folder=folder)
        run("git", "commit", "--quiet", "--message", word, folder=folder)
        run("git", "tag", f"tag-{word}", folder=folder)
    dvc("exp", "run", "--quiet", "--name", "before", "--set-param", "word=third", folder=folder)
    dvc("exp", "run", "--quiet", "--name", "after", "--set-param", "word=fourth", folder=folder)
    (folder / "params.yaml").write_text("word: fifth\n")
    dvc("repro", "--quiet", folder=folder)
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to change, and to stand in."""
    folder = tmp_path / "project"
    shutil.copytree(made, folder, symlinks=True)
    monkeypatch.chdir(folder)
    return folder


def test_commits_tags_branches_experiments_and_the_workspace_have_their_own_files(project: Path) -> None:
    known = {
        "HEAD": "second",
        "HEAD~1": "first",
        "tag-first": "first",
        "main": "second",
        "before": "third",
        "after": "fourth",
        "workspace": "fifth",
    }
    assert {name: open_revision(name).read("predictions.txt").decode() for name in known} == known
    after = open_revision("after")
    assert after.commit is not None
    assert open_revision(after.commit[:7]).read("predictions.txt") == b"fourth"
    assert open_revision("before").read("params.yaml") == b"word: third\n"
    assert (project / "predictions.txt").read_text() == "fifth"


def test_an_unknown_name_is_told_with_the_nearest(project: Path) -> None:
    assert project.is_dir()
    with pytest.raises(BadInputError, match="got `befor`; did you mean `before`"):
        open_revision("befor")
    with pytest.raises(BadInputError, match="`git log` and `dvc exp list --all-commits`"):
        open_revision("0123456")


def test_a_file_that_is_in_no_cache_is_one_line_that_says_what_to_run(project: Path) -> None:
    shutil.rmtree(project / ".dvc" / "cache")
    with pytest.raises(BadInputError, match=r"neither in DVC's cache nor.*`dvc fetch --all-commits`, or `git checkout"):
        open_revision("tag-first").read("predictions.txt")
    with pytest.raises(BadInputError, match=r"`dvc fetch --all-commits`, or `dvc repro` and commit: the next run"):
        open_revision("HEAD").read("predictions.txt")
    with pytest.raises(BadInputError, match="run `dvc exp apply before` and there `dvc repro`"):
        open_revision("before").read("predictions.txt")
    assert open_revision("workspace").read("predictions.txt") == b"fifth"
    (project / "predictions.txt").unlink()
    with pytest.raises(BadInputError, match=r"workspace: predictions\.txt: .*run `dvc pull`, or `dvc repro`"):
        open_revision("workspace").read("predictions.txt")


def test_a_file_that_is_in_the_remote_alone_is_read_from_there(project: Path, tmp_path: Path) -> None:
    run("git", "checkout", "--quiet", "--force", "tag-first", folder=project)
    dvc("remote", "add", "--default", "store", str(tmp_path / "store"), folder=project)  # which no commit knows
    dvc("push", folder=project)
    shutil.rmtree(project / ".dvc" / "cache")
    assert open_revision("tag-first").read("predictions.txt") == b"first"


def test_a_file_that_a_revision_has_not_is_told(project: Path) -> None:
    assert project.is_dir()
    with pytest.raises(BadInputError, match=r"HEAD: expected other\.txt, found none"):
        open_revision("HEAD").read("other.txt")


def test_a_folder_outside_of_any_project_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInputError, match="expected a folder of a DVC project"):
        open_revision("HEAD")
