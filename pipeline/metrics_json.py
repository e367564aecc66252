"""A metrics file of an earlier stage, read back."""

import json
from pathlib import Path
from typing import Any

from pipeline.errors import BadInputError


def load(path: Path) -> dict[str, Any]:
    """Return what a metrics file holds.

    Raises
    ------
    BadInputError
        If it is missing or is no JSON.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        got = error.strerror if isinstance(error, OSError) else error
        raise BadInputError(f"{path}: expected a metrics file (JSON), got: {got}; run `dvc repro`") from error
    return content
