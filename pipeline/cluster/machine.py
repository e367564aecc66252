"""What machines must share to compute the same bytes: Python, packages, our code, and the files of a task."""

import dataclasses
import hashlib
import platform
import re
import socket
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

PIPELINE = Path(__file__).parents[1]
DISTRIBUTION = "mnist-cn"  # as in pyproject.toml


@dataclass(frozen=True)
class Machine:
    """The machine that tasks come from."""

    name: str
    folder: str  # where it works, which paths are relative to
    parts: dict[str, str]

    @classmethod
    def this(cls) -> "Machine":
        """Describe this machine, as it is now."""
        return cls(socket.gethostname(), str(Path.cwd()), parts())

    def complaint(self, named: dict[str, int]) -> str:
        """Say what this machine has otherwise than the one described, or return nothing.

        Parameters
        ----------
        named : dict
            Files that a task names, and their bytes over there.
        """
        here, own = socket.gethostname(), parts()
        for part in sorted(self.parts.keys() | own.keys()):
            expected, got = self.parts.get(part, "none"), own.get(part, "none")
            if expected != got:
                return f"expected on {here} as on {self.name} {part} {expected}, got {got}"
        for path, size in named.items():
            found = Path(path).stat().st_size if Path(path).is_file() else None
            if found != size:
                got = "no such file" if found is None else f"one of {found:,}"
                return f"{path}: expected on {here} as on {self.name} a file of {size:,} bytes, got {got}"
        return ""


@cache
def parts() -> dict[str, str]:
    """Return what a result may depend on, by name: Python, the packages that pyproject.toml asks for, our own code.

    Of a version what stands behind its + does not count: the same release of torch is built with and without CUDA.
    """
    code = hashlib.blake2b(digest_size=6)
    for path in sorted(PIPELINE.rglob("*.py")):
        code.update(path.relative_to(PIPELINE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    wanted = [line for line in requires(DISTRIBUTION) or [] if "extra ==" not in line]
    names = [found.group() for line in wanted if (found := re.match(r"[\w.-]+", line))]
    packages = {name: _version(name) for name in names}
    return {"Python": platform.python_version(), "pipeline code": code.hexdigest(), **packages}


def _version(package: str) -> str:
    try:
        return version(package).partition("+")[0]
    except PackageNotFoundError:
        return "none"


def files(task: Any) -> dict[str, int]:
    """Return the files that a task's fields name and their bytes: without them the result would be another one."""
    if not dataclasses.is_dataclass(task):
        return {}
    paths = [value for value in vars(task).values() if isinstance(value, Path)]
    return {str(path): path.stat().st_size for path in paths if path.is_file()}
