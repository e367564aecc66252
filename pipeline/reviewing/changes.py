"""What the last verdicts changed, once `dvc repro` has applied them: digits, and accuracy with its paired interval."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pipeline.reader.corrections import EFFECTS, Correction, digest

LONGEST = 180  # seconds for a comparison: DVC may have to open two revisions of a large project
COUNTS = ("shown_as", "n", "errors_before", "errors_after", "fixed", "broken")
SHOWN = (*COUNTS, "gain", "ci95_low", "ci95_high", "verdict", "sentence")  # of what `mnist-cn compare --json` says


def digits_changed(lines: list[Correction], now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return what became of the lines of the corrections file.

    Parameters
    ----------
    lines : the file as it is
    now, before : ``metrics/sheets.json`` as the last run wrote it, and as the last commit has it
        {} where there is none.

    Returns
    -------
    dict
        ``applied`` and ``committed``: how many digits were relabelled, confirmed, dropped and accepted, and how many
        rejects left, in the last run and in the last commit; ``lines``: how many the file has; ``waiting``: whether it
        has changed since that run.
    """
    done, kept = (content.get("corrections", {}) for content in (now, before))
    return {
        "applied": {name: done.get(name, 0) for name in EFFECTS},
        "committed": {name: kept.get(name, 0) for name in EFFECTS},
        "lines": len(lines),
        "waiting": done.get("digest", digest([])) != digest(lines),
    }


def read_json(text: str | None) -> dict[str, Any]:
    """Return a JSON object; {} for anything else, such as no file."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def committed(project: Path, path: Path) -> str | None:
    """Return a file's text as the last commit has it; None where there is none, or no Git."""
    command = ["git", "show", f"HEAD:./{path.as_posix()}"]
    try:
        found = subprocess.run(command, cwd=project, capture_output=True, check=True, timeout=LONGEST)
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.decode(errors="replace")


def accuracy_changed(project: Path) -> dict[str, Any]:
    """Return the accuracy before (the last commit) and after (what lies here) on the test digits that both have.

    It is what ``mnist-cn compare`` says, asked for in a process of its own: DVC changes much that a server shares.

    Returns
    -------
    dict
        ``sources``, a dict each with ``name`` and the keys of ``SHOWN``, and ``left_out``, how many test digits are
        not compared since only one of the two has them so labelled; or ``error``, a line that says why not.
    """
    command = [sys.executable, "-m", "pipeline.cli", "compare", "HEAD", "workspace", "--common", "--json"]
    told_in = {**os.environ, "PYTHONIOENCODING": "utf-8"}  # Windows writes to a pipe in a code page of its own
    try:
        found = subprocess.run(command, cwd=project, capture_output=True, check=False, timeout=LONGEST, env=told_in)
    except (OSError, subprocess.SubprocessError) as error:
        return {"error": f"expected an answer of `mnist-cn compare`, got: {error}"}
    report = read_json(found.stdout.decode(errors="replace"))
    if found.returncode or "sources" not in report:
        told = found.stderr.decode(errors="replace").strip().splitlines() or ["no answer"]
        return {"error": told[-1].removeprefix("error: ")}
    sources = [_shown(name, entry) for name, entry in report["sources"].items()]
    return {"sources": sources, "left_out": sum(report.get("left_out", {}).values())}


def _shown(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, **{key: entry[key] for key in SHOWN if key in entry}}
