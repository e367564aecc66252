"""Where a test's finished work is kept: in a folder of its own, or nowhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline import store


@contextmanager
def kept_in(folder: Path | None) -> Iterator[None]:
    """Let this process, and those that it starts, keep readings and folds there; None is nowhere."""
    before = os.environ.get(store.PLACE)
    os.environ[store.PLACE] = "" if folder is None else str(folder)
    store.store.cache_clear()
    try:
        yield
    finally:
        os.environ.pop(store.PLACE)
        if before is not None:
            os.environ[store.PLACE] = before
        store.store.cache_clear()
