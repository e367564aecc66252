"""HTML pages that show every photo's contact sheet and say what is to be done; they open without a network."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from pipeline.atomic import replacing

PHOTOS = 1000  # a page: a megabyte and a half where every photo has as many rejects as are told
TOLD = 12  # rejects told of a photo; the page stays small, rejects.csv has them all

_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Contact sheets</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 1em auto; max-width: 1200px; padding: 0 1em }
body { color: #282828; background: #fafaf8 }
table { border-collapse: collapse } td, th { padding: .2em .8em .2em 0; text-align: left; vertical-align: top }
td.n, th.n { text-align: right }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 1em; margin-top: 1em }
article { border: 1px solid #ccc; padding: .5em; background: #fff; overflow-wrap: anywhere }
article.retake { border-color: #c81e1e }
h2 { font-size: 1em; margin: 0 } ul { margin: .3em 0; padding-left: 1.2em; font-size: .85em; color: #c81e1e }
img { width: 100%; height: 260px; object-fit: cover; object-position: top; display: block; background: #eee }
#only:checked ~ main article:not(.retake) { display: none }
</style>
"""
_ONLY = "<input type=checkbox id=only><label for=only> only photos to take again</label>\n<main>\n"


@dataclass
class _Part:
    """The photos of one page: where their articles wait, the names of the first and the last, and how many."""

    body: Path
    first: str = ""
    last: str = ""
    photos: int = 0
    retakes: int = 0


class Page:
    """Writes the page photo by photo, so that it takes no memory however many there are.

    Each thousand photos have a page: ``index.html``, which has the counts and names the others, ``index-2.html`` ...
    """

    def __init__(self, path: Path) -> None:
        """Prepare to write the first page at ``path``; contact sheets are named relative to its folder."""
        self._path = path
        self._parts: list[_Part] = []

    def __enter__(self) -> "Page":
        """Start."""
        self._turn()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what is unfinished."""
        self._file.close()
        for part in self._parts:
            part.body.unlink(missing_ok=True)

    def _turn(self) -> None:
        part = _Part(self._path.with_name(f".{self._path.name}.body-{len(self._parts) + 1}"))
        self._parts.append(part)
        self._file = part.body.open("w", encoding="utf-8", newline="\n")

    def add(self, name: str, picture: str | None, digits: int, rejects: Sequence[str], *, retake: bool) -> None:
        """Add a photo.

        Parameters
        ----------
        name : str
        picture : str or None
            Path of its contact sheet from the page's folder, with forward slashes; None where it has none.
        digits : int
        rejects : one line each
        retake : bool
            Whether the person with the camera should take it again.
        """
        if self._parts[-1].photos == PHOTOS:
            self._file.close()
            self._turn()
        part = self._parts[-1]
        part.first, part.last = part.first or name, name
        part.photos, part.retakes = part.photos + 1, part.retakes + retake
        shown = (
            ""
            if picture is None
            else f'<a href="{quote(picture)}"><img loading="lazy" src="{quote(picture)}" alt=""></a>'
        )
        told = [*rejects[:TOLD], *([f"and {len(rejects) - TOLD} more: see rejects.csv"] if len(rejects) > TOLD else [])]
        lines = "".join(f"<li>{escape(line)}</li>" for line in told)
        self._file.write(
            f"<article{' class=retake' if retake else ''}><h2>{escape(name)}</h2>"
            f"{digits} digits, {len(rejects)} rejects{f'<ul>{lines}</ul>' if lines else ''}{shown}</article>\n"
        )

    def finish(self, counts: Mapping[str, Any]) -> None:
        """Write the pages; the first has a table of counts, as ``metrics/sheets.json`` has them, on top."""
        self._file.close()
        names = [
            self._path.name,
            *(f"{self._path.stem}-{n}{self._path.suffix}" for n in range(2, len(self._parts) + 1)),
        ]
        for number, (name, part) in enumerate(zip(names, self._parts, strict=True)):
            top = _table(counts) + _contents(names, self._parts) if number == 0 else _turns(names, number)
            with (
                replacing(self._path.with_name(name)) as draft,
                draft.open("w", encoding="utf-8", newline="\n") as page,
                part.body.open(encoding="utf-8") as body,
            ):
                page.write(_HEAD + top + _ONLY)
                shutil.copyfileobj(body, page)
                page.write("</main>\n</html>\n")


def is_page(name: str) -> bool:
    """Tell whether a page may be called so: ``index.html``, ``index-2.html`` ..."""
    return re.fullmatch(r"index(-\d+)?\.html", name) is not None


def _contents(names: Sequence[str], parts: Sequence[_Part]) -> str:
    """Name the photos of every page, where there are several."""
    lines = "".join(
        f"<li><a href={quote(name)}>{escape(part.first)} to {escape(part.last)}</a>: {part.retakes:,} to take again\n"
        for name, part in zip(names, parts, strict=True)
    )
    return f"<p>Of each page's photos:\n<ol>\n{lines}</ol>\n" if len(parts) > 1 else ""


def _turns(names: Sequence[str], number: int) -> str:
    """Link to the first page, the one before and the one after."""
    ends = [("the first page", 0), ("before", number - 1), ("after", number + 1)]
    links = " ".join(f"<a href={quote(names[to])}>{word}</a>" for word, to in ends if to < len(names))
    return f"<h1>Contact sheets, page {number + 1} of {len(names)}</h1>\n<p>{links}\n"


def _table(counts: Mapping[str, Any]) -> str:
    rows = [*counts["collections"].items(), ("all", counts)]
    lines = "".join(
        f"<tr><td>{escape(name)}{' (simulated)' if entry.get('simulated') else ''}<td class=n>{entry['photos']:,}"
        f"<td class=n>{entry['digits']:,}<td class=n>{entry['rejects']:,}<td>"
        + escape(
            ", ".join(f"{reason} {n:,}" for reason, n in sorted(entry["reasons"].items(), key=lambda one: -one[1]))
        )
        + "</tr>\n"
        for name, entry in rows
    )
    return (
        "<h1>Contact sheets</h1>\n<table><tr><th>collection<th class=n>photos<th class=n>digits<th class=n>rejects"
        f"<th>reasons</tr>\n{lines}</table>\n"
    )
