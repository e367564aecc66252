import tomllib
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import pytest

from pipeline.cluster import machine
from pipeline.cluster.machine import Machine
from tests.params_file import ROOT


@dataclass(frozen=True)
class Named:
    path: Path
    count: int = 0


def test_this_machine_is_as_it_should_be() -> None:
    assert Machine.this().complaint({}) == ""


@pytest.mark.parametrize("part", ["Python", "pipeline code", "numpy", "torch", "opencv-python-headless"])
def test_another_version_is_named_with_both(part: str) -> None:
    here = Machine.this()
    other = replace(here, name="head", parts=here.parts | {part: "0.0.1"})
    complaint = other.complaint({})
    assert f"as on head {part} 0.0.1, got {here.parts[part]}" in complaint


def test_what_is_missing_on_one_side_is_named() -> None:
    here = Machine.this()
    assert "hammer 3, got none" in replace(here, parts=here.parts | {"hammer": "3"}).complaint({})
    fewer = {name: version for name, version in here.parts.items() if name != "numpy"}
    assert "numpy none, got" in replace(here, parts=fewer).complaint({})


def test_a_build_of_the_same_release_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    machine.parts.cache_clear()
    before = machine.parts()
    machine.parts.cache_clear()
    monkeypatch.setattr(machine, "version", lambda name: version(name).partition("+")[0] + "+cu999")
    assert machine.parts() == before
    machine.parts.cache_clear()


def test_code_that_changes_by_a_letter_is_other_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "PIPELINE", tmp_path)
    (tmp_path / "in").mkdir()
    found = set()
    for content in ("a = 1", "a = 2", "a = 1"):
        (tmp_path / "in" / "module.py").write_text(content)
        machine.parts.cache_clear()
        found.add(machine.parts()["pipeline code"])
    machine.parts.cache_clear()
    assert len(found) == 2


def test_a_file_that_is_missing_or_other_over_there_is_named(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"1234")
    named = machine.files(Named(photo))
    assert named == {str(photo): 4}
    here = Machine.this()
    assert here.complaint(named) == ""
    photo.write_bytes(b"12345")
    assert here.complaint(named).endswith("a file of 4 bytes, got one of 5")
    photo.unlink()
    assert here.complaint(named).endswith("a file of 4 bytes, got no such file")


def test_a_task_without_files_names_none(tmp_path: Path) -> None:
    assert machine.files(Named(tmp_path)) == {}  # a folder, and here nothing is at the other path
    assert machine.files(Named(tmp_path / "absent")) == {}
    assert machine.files(3) == {}


def test_the_distribution_is_ours_and_its_packages_count() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == machine.DISTRIBUTION
    assert {"numpy", "torch", "scipy", "albumentations"} <= machine.parts().keys()
    assert not {"pytest", "ray"} & machine.parts().keys()
