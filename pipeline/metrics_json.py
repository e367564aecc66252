"""A metrics file of an earlier stage, read back."""

import json
from pathlib import Path
from typing import Any

from pipeline.errors import BadInputError


def load(path: Path, stage: str = "") -> dict[str, Any]:
    """Return what a metrics file holds.

    Parameters
    ----------
    path : Path
    stage : str
        Which stage writes it, to be named in an error; empty: not known.

    Raises
    ------
    BadInputError
        If it is missing or is no JSON.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        got = error.strerror if isinstance(error, OSError) else error
        command = f"dvc repro {stage}".rstrip()
        raise BadInputError(f"{path}: expected a metrics file (JSON), got: {got}; run `{command}`") from error
    return content
