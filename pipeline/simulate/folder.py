"""A folder of simulated photos: how it is known again, and what its sheets.yaml says."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.overwriting import protect_folder
from pipeline.read_folders import SHEETS_YAML
from pipeline.simulate.severity import Layout

MADE = "# SIMULATED photos, not handwriting: made by `mnist-cn simulate`"  # a sheets.yaml's first line
ORIGIN = "drawn by mnist-cn simulate; no person wrote these digits"
NAMED = re.compile(r"writer-[0-9]{2,}\.(jpg|json)")


def check_ours(folder: Path) -> None:
    """Refuse to replace what the command did not make.

    Raises
    ------
    BadInputError
        If ``folder`` is a file, or holds anything but simulated photos, the truth about each, and their sheets.yaml.
    """
    protect_folder(folder, lambda path: _ours(folder, path))


def _ours(folder: Path, path: Path) -> bool:
    """Tell it by what stands in the files: people too call their photos writer-00.jpg, and describe them."""
    place = folder / path
    if path == Path(SHEETS_YAML):
        return _text(place).startswith(MADE)
    if path.parent != Path() or not NAMED.fullmatch(path.name):
        return False
    try:
        truth = json.loads(_text(place.with_suffix(".json")))
    except ValueError:
        return False
    return isinstance(truth, dict) and truth.get("simulated") is True


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""


def sheets_yaml(layout: Layout, said: Mapping[str, Mapping[str, object]]) -> str:
    """Return a sheets.yaml: nobody wrote these digits, and what stands on each photo where no printed sheet says it."""
    read_as = layout if layout in ("template", "grid") else "rows"
    lines = [MADE, f"layout: {read_as}", "simulated: true", f"origin: {ORIGIN}"]
    if layout != "template":
        lines += ["photos:", *(f"  {json.dumps(name)}: {json.dumps(words)}" for name, words in said.items())]
    return "\n".join(lines) + "\n"
