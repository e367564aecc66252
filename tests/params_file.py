"""A parameter file for a test: the repository's own, with some values changed."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent


def written(folder: Path, **changes: Any) -> Path:
    """Write params.yaml into ``folder``; ``mnist={"seed": 1}`` changes `mnist.seed`."""
    yaml = YAML(typ="safe", pure=True)
    content = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for section, values in changes.items():
        content[section] |= values
    path = folder / "params.yaml"
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
    return path
