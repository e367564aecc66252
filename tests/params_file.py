"""A parameter file for a test: the repository's own, with some values changed."""

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent


def written(folder: Path, **changes: Any) -> Path:
    """Write params.yaml into ``folder``; ``mnist={"seed": 1}`` changes `mnist.seed`."""
    content = {section: values | changes.get(section, {}) for section, values in _own().items()}
    assert content.keys() >= changes.keys()
    path = folder / "params.yaml"
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(content, stream)
    return path


@cache
def _own() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text("utf-8"))
    return found
