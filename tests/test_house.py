"""What holds the parts together: dvc.yaml names what stages import, files are short, the lock pins what it must."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import grimp
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
STAGES: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text())["stages"]
MODULES = sorted((ROOT / "pipeline").rglob("*.py"))


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("pipeline", cache_dir=None)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_exactly_the_modules_that_it_imports(name: str, imports: grimp.ImportGraph) -> None:
    module = f"pipeline.{name}"
    needed = {_file(imported) for imported in imports.find_upstream_modules(module) | {module}}
    listed = {dep for dep in STAGES[name]["deps"] if dep.endswith(".py")}
    assert listed == needed, f"deps of `{name}` in dvc.yaml: add {needed - listed}, remove {listed - needed}"


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_the_lock_file_and_on_every_path_that_it_is_given(name: str) -> None:
    stage = STAGES[name]
    paths = dict(re.findall(r"--(\S+) (\S+)", stage["cmd"]))
    assert paths.pop("params", "params.yaml") == "params.yaml"  # export takes none
    known = {next(iter(out)) if isinstance(out, dict) else out for out in stage["outs"] + stage.get("metrics", [])}
    given = set(paths.values())
    assert "requirements.lock" in stage["deps"]
    assert given - known == {dep for dep in stage["deps"] if not dep.endswith((".py", ".lock"))}
    assert known <= given


@pytest.mark.parametrize("name", STAGES)
def test_stage_module_and_command_have_one_name(name: str) -> None:
    assert STAGES[name]["cmd"].startswith(f"python -m pipeline.{name} ")
    assert (ROOT / "pipeline" / f"{name}.py").is_file()


@cache
def purpose_of(path: Path) -> str:
    """Return the first line of a module's docstring; none where it has none."""
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_one_short_idea(path: Path) -> None:
    assert path.read_text().count("\n") <= 200, "over 200 lines: two ideas in one file?"
    assert purpose_of(path), "no docstring says what it is for"


@pytest.mark.slow
def test_importing_a_stage_loads_no_heavy_library() -> None:
    stages = ", ".join(f"pipeline.{name}" for name in STAGES)
    heavy = "{'torch', 'albumentations', 'sklearn', 'matplotlib', 'pandera', 'ray'}"
    found = subprocess.run(
        [sys.executable, "-c", f"import sys, {stages}; print(*({heavy} & set(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert found.stdout.split() == []


def test_the_lock_pins_every_requirement_once_and_torch_as_it_must_be_spelled() -> None:
    pins = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if re.match(r"[\w.-]+", line)]
    assert all(re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", pin) for pin in pins)
    assert "torch==2.13.0" in pins
    assert not any(pin.startswith("opencv-python==") for pin in pins), "it overwrites opencv-python-headless's cv2/"
    assert len({pin.partition("==")[0] for pin in pins}) == len(pins)


def _file(module: str) -> str:
    path = Path(*module.split("."))
    return str(path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py"))


def test_the_pipelines_readme_names_every_file_with_its_purpose() -> None:
    told = set(re.findall(r"^ *(\S+\.py) +(\S.*)$", (ROOT / "pipeline" / "README.md").read_text(), re.MULTILINE))
    for path in MODULES:
        if path.name != "__init__.py":
            assert (path.name, purpose_of(path).rstrip(".")) in told, path.relative_to(ROOT)
