"""albumentations, imported without torch and without asking the network for a newer version."""

import importlib
import os
import sys
from typing import Any

_UNUSED = (
    "albumentations.pytorch"  # imports torch, 1.3 of 2 s; the library itself does without it where torch is absent
)


def albumentations() -> Any:
    """Return the module albumentations, all of it but its sub-package for torch's tensors.

    ``None`` in ``sys.modules`` makes an import fail (Python's language reference, "The module cache"), and
    albumentations takes a failing import of its sub-package for an installation without torch.
    """
    if "albumentations" in sys.modules:
        return sys.modules["albumentations"]
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    sys.modules[_UNUSED] = None  # type: ignore[assignment]  # typeshed does not know what the reference allows
    try:
        return importlib.import_module("albumentations")
    finally:
        del sys.modules[_UNUSED]
