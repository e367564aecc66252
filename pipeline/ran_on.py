"""What a run ran on: the processor's name, the cores, and the commit of the code."""

import platform
import subprocess
from pathlib import Path

from pipeline.errors import BadInputError

CODE = ("pipeline", "dvc.yaml", "requirements.lock")  # what decides a result, beside parameters and data
CHANGED = "+changes"
UNKNOWN = "unknown"


def processor_name(device: str) -> str:
    """Return the name of what trained: the GPU's for ``cuda``, else the processor's and its instructions, as PyTorch's.

    Clouds give different processors one name, and their instructions decide how fast they train.

    Raises
    ------
    BadInputError
        If the device is a GPU that is not in this machine.
    """
    import torch

    if device != "cuda":
        return f"{cpu_name(Path('/proc/cpuinfo'))} ({torch.backends.cpu.get_cpu_capability()})"
    if not torch.cuda.is_available():
        raise BadInputError("expected the GPU that the run trained on, found none here; name it with --processor")
    return torch.cuda.get_device_name()


def cpu_name(described: Path) -> str:
    """Return the processor's model: as Linux's ``described`` says, or macOS's sysctl, or Python's ``platform``."""
    if described.is_file():
        for line in described.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return " ".join(value.split())
    if platform.system() == "Darwin":
        found = _said(["sysctl", "-n", "machdep.cpu.brand_string"])
        if found:
            return found
    return platform.processor() or platform.machine() or UNKNOWN


def commit(folder: Path) -> str:
    """Return the commit that is checked out, ``+changes`` behind it where the pipeline's code differs from it.

    ``unknown`` where there is no Git or no repository.
    """
    found = _said(["git", "-C", str(folder), "rev-parse", "--short=10", "HEAD"])
    if not found:
        return UNKNOWN
    return found + (CHANGED if _said(["git", "-C", str(folder), "status", "--porcelain", "--", *CODE]) else "")


def _said(command: list[str]) -> str:
    """Return what a command prints, or nothing where it fails or is not there."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
