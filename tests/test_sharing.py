"""A collection and what was made of it, pushed to an SSH server and pulled by a colleague."""

import os
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline.simulate.photos import write
from tests import ssh_server
from tests.miniature import commit, ends_with, miniature, pulled, run_in

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="sshd is not for Windows")]

STAGES = ("sheets", "mnist", "merge")  # enough to have tables, pictures and metrics


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def shortened(project: Path) -> Path:
    """Leave the first stages in dvc.yaml."""
    yaml, path = YAML(typ="safe", pure=True), project / "dvc.yaml"
    stages = yaml.load(path.read_text())["stages"]
    with path.open("w") as stream:
        yaml.dump({"stages": {name: stages[name] for name in STAGES}}, stream)
    return project


def home(folder: Path, server: ssh_server.Server, *lines: str) -> dict[str, str]:
    """Make a user's home, whose SSH settings say where `server` is; return the environment of that user's commands."""
    (folder / ".ssh").mkdir(parents=True)
    told = ["Host server", "HostName 127.0.0.1", f"Port {server.port}", f"User {server.user}", *lines]
    (folder / ".ssh" / "config").write_text("\n".join(told) + "\n")
    return {"HOME": str(folder), "SSH_AUTH_SOCK": "", "MNIST_CN_CACHE": str(folder / "kept")}


def test_a_colleague_pulls_over_ssh_and_has_nothing_to_run(tmp_path: Path) -> None:
    with ssh_server.serving(tmp_path / "sshd") as server:
        write(tmp_path / "phone", 1, seed=5, severity="gentle")
        project = shortened(miniature(tmp_path / "project", [tmp_path / "phone" / "writer-00.jpg"]))
        mine = home(tmp_path / "me", server)

        # The key is named in a file that Git leaves alone; the address is everybody's.
        run_in("git", "rm", "--cached", "-r", "--quiet", "raw/tests", cwd=project)
        run_in("dvc", "add", "--quiet", "raw/tests", cwd=project, **mine)
        run_in("dvc", "repro", cwd=project, **mine)
        run_in("dvc", "remote", "add", "--default", "store", f"ssh://server{tmp_path}/store", cwd=project)
        run_in("dvc", "remote", "modify", "--local", "store", "keyfile", str(server.key), cwd=project)
        commit(project, "photos by DVC")
        listed = run_in("git", "ls-files", cwd=project).splitlines()
        assert ".dvc/config" in listed
        assert ".dvc/config.local" not in listed
        assert ends_with(1, "git", "grep", "--count", "keyfile", "--", ".dvc", cwd=project) == ""
        run_in("dvc", "push", cwd=project, **mine)

        # A colleague's key is where ssh itself looks for it: nothing to set.
        hers = home(tmp_path / "her", server, f"IdentityFile {server.key}")
        clone = pulled(project, tmp_path / "clone", **hers)
    assert server.log.read_text().count("Accepted publickey") >= 2
    for folder in ("raw/tests", "metrics/sheets"):
        assert files(clone / folder) == files(project / folder) != {}
    table = "data/digits.parquet"
    assert (clone / table).read_bytes() == (project / table).read_bytes()


def test_without_a_key_a_push_fails_and_says_so(tmp_path: Path) -> None:
    with ssh_server.serving(tmp_path / "sshd") as server:
        project = tmp_path / "project"
        (project / "photos").mkdir(parents=True)
        (project / "photos" / "a.jpg").write_bytes(b"a")
        stranger = home(tmp_path / "stranger", server)
        run_in("git", "init", "--quiet", cwd=project)
        run_in("dvc", "init", "--quiet", cwd=project, **stranger)
        for key in ("analytics", "check_update"):
            run_in("dvc", "config", f"core.{key}", "false", cwd=project, **stranger)
        run_in("dvc", "add", "--quiet", "photos", cwd=project, **stranger)
        run_in("dvc", "remote", "add", "--default", "store", f"ssh://server{tmp_path}/store", cwd=project, **stranger)
        said = ends_with(255, "dvc", "push", cwd=project, **stranger)
    assert f"Permission denied for user {server.user}" in said
    assert not (tmp_path / "store").exists()
    assert "Accepted" not in server.log.read_text()
