"""What a stage reads must stay as it is while it runs: DVC looks at it only afterwards, and would take it for read.

A photo that arrives late, a parameter that is edited for the next run or a `git pull` would otherwise stand in dvc.lock
as what the outputs were made from, and neither DVC nor its run cache would ever make them anew.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.errors import BadInputError

STAGE = "DVC_STAGE"  # the variable in which DVC tells a command its stage, as `train` or `folder/dvc.yaml:train`
DEFINED = Path("dvc.yaml")  # beside which DVC runs its commands
PARAMS = Path("params.yaml")

State = Mapping[str, Any]
"""Of each file that is read, and each section of parameters, what is another after a change."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Where DVC runs a stage, see that all that it depends on is the same before and after the block.

    Raises
    ------
    BadInputError
        After the block, if a dependency was changed, added or removed.
    """
    stage = os.environ.get(STAGE, "").rpartition(":")[2]
    definition = _value(_yaml(DEFINED), f"stages.{stage}") if stage else None
    if definition is None:
        yield
        return
    before = state_of(definition)
    yield
    after = state_of(definition)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            what = "appeared" if name not in before else "vanished" if name not in after else "changed"
            raise BadInputError(
                f"{name}: expected it to stay as it was while stage `{stage}` ran, but it {what}; run it again"
            )


def state_of(definition: Mapping[str, Any]) -> State:
    """Return the state of a stage's dependencies: of its ``deps``, and of what its ``params`` names.

    Files and folders whose names begin with a dot are nobody's input; other files of parameters are not watched.
    """
    found: dict[str, Any] = {}
    for dependency in map(Path, definition.get("deps", ())):
        found |= _files(dependency) if dependency.is_dir() else _file(dependency)
    if names := [name for name in definition.get("params", ()) if isinstance(name, str)]:
        content = _yaml(PARAMS)
        found |= {f"{PARAMS}, `{name}`": _value(content, name) for name in names}
    return found


def _files(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]  # does not go there
        for name in names:
            if not name.startswith("."):
                found |= _file(Path(place, name))
    return found


def _file(path: Path) -> dict[str, Any]:
    """Return what DVC itself knows a file by, as one number; nothing of what is not there, as behind a broken link."""
    try:
        known = path.stat()
    except OSError:
        return {}
    return {path.as_posix(): hash((known.st_ino, known.st_size, known.st_mtime_ns))}  # a quarter of the tuple's memory


def _value(content: Any, name: str) -> Any:
    """Return what stands under a dotted name; None where nothing does, as in a file that is being edited."""
    for key in name.split("."):
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _yaml(path: Path) -> Any:
    """Return what a file holds, None where that is no YAML; how wrong it is, others say."""
    try:
        return YAML(typ="safe").load(path.read_text(encoding="utf-8-sig"))  # `pure` takes six times as long
    except (OSError, ValueError, YAMLError):
        return None
