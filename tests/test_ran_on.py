import subprocess
from pathlib import Path

import pytest
import torch

from pipeline import ran_on
from pipeline.errors import BadInputError


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
        check=True,
        capture_output=True,
    )


def test_linux_says_its_processors_name(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Imagined   CPU @ 2.50GHz\nmodel name\t: B\n")
    assert ran_on.cpu_name(tmp_path / "cpuinfo") == "Imagined CPU @ 2.50GHz"


@pytest.mark.parametrize("text", [None, "", "model name :\n"])
def test_there_is_always_a_name(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)
    assert ran_on.cpu_name(tmp_path / "cpuinfo").strip()


@pytest.mark.parametrize("capability", ["AVX2", "AVX512"])
def test_processors_of_one_name_are_told_apart(capability: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ran_on, "cpu_name", lambda _: "Imagined CPU")
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert ran_on.processor_name("cpu") == f"Imagined CPU ({capability})"


def test_a_gpu_that_is_not_here_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BadInputError, match="--processor"):
        ran_on.processor_name("cuda")


def test_commit_says_whether_the_code_was_changed(tmp_path: Path) -> None:
    assert ran_on.commit(tmp_path) == "unknown"
    git(tmp_path, "init")
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "a.py").write_text("1")
    (tmp_path / "params.yaml").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "a")
    clean = ran_on.commit(tmp_path)
    assert len(clean) == 10
    (tmp_path / "params.yaml").write_text("2")  # what `dvc exp run -S` changes is no change of the code
    assert ran_on.commit(tmp_path) == clean
    (tmp_path / "pipeline" / "a.py").write_text("2")
    assert ran_on.commit(tmp_path) == f"{clean}+changes"
