"""One HTML page that shows every photo's contact sheet and says what is to be done; it opens without a network."""

import shutil
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from pipeline.atomic import replacing

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


class Page:
    """Writes the page photo by photo, so that it takes no memory however many there are."""

    def __init__(self, path: Path) -> None:
        """Prepare to write the page at ``path``; contact sheets are named relative to its folder."""
        self._path = path
        self._body = path.with_name(f".{path.name}.body")

    def __enter__(self) -> "Page":
        """Start."""
        self._file = self._body.open("w", encoding="utf-8", newline="\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what is unfinished."""
        self._file.close()
        self._body.unlink(missing_ok=True)

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
        """Write the page with its table of counts, as ``metrics/sheets.json`` has them, on top."""
        self._file.close()
        with replacing(self._path) as draft, draft.open("w", encoding="utf-8", newline="\n") as page:
            page.write(_HEAD + _table(counts))
            with self._body.open(encoding="utf-8") as body:
                shutil.copyfileobj(body, page)
            page.write("</main>\n</html>\n")


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
        "<input type=checkbox id=only><label for=only> only photos to take again</label>\n<main>\n"
    )
