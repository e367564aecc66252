"""What the TAB key offers for values that are one of several names, looked up only when they are asked for."""

from collections.abc import Iterable
from pathlib import Path
from typing import get_args


def architectures(incomplete: str) -> list[str]:
    """Return the networks whose names begin so."""
    from pipeline.params import Architecture

    return _beginning(get_args(Architecture), incomplete)


def layouts(incomplete: str) -> list[str]:
    """Return the layouts of paper that begin so, as in sheets.yaml."""
    return _of_sheets_yaml("layout", incomplete)


def turns(incomplete: str) -> list[str]:
    """Return the turns that begin so, as in sheets.yaml."""
    return _of_sheets_yaml("turn", incomplete)


def sources(incomplete: str) -> list[str]:
    """Return the list of sources with its last one completed: mnist, handwriting, and the collections in raw/."""
    before, comma, last = incomplete.rpartition(",")
    collections = (place.name for place in sorted(Path("raw").glob("[!.]*/")))
    return [f"{before}{comma}{name}" for name in _beginning(["mnist", "handwriting", *collections], last)]


def _of_sheets_yaml(key: str, incomplete: str) -> list[str]:
    from pipeline.reader.collection import Settings

    return _beginning(map(str, get_args(Settings.model_fields[key].annotation)), incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
