"""Markdown that says what was meant: names are code, sentences are escaped, tables line up."""

import re
from collections.abc import Iterable, Sequence

_MEANS_SOMETHING = re.compile(r"[\\`*\[\]<>#|~&]|(?<!\w)_|_(?!\w)")


def plain(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return _MEANS_SOMETHING.sub(lambda found: "\\" + found[0], " ".join(text.split()))


def code(text: object) -> str:
    """Return a name, a path or a command as code; a bar is escaped so that it may stand in a table."""
    words = " ".join(str(text).split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", words)), default=0) + 1)
    pad = " " if "`" in words else ""
    return f"{fence}{pad}{words}{pad}{fence}"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], words: Sequence[str] = ()) -> str:
    """Return a table, numbers to the right, an empty line after it; nothing where there are no rows.

    Parameters
    ----------
    columns : one name a column; the first column names the rows
    rows : Markdown, one piece a column each
    words : names of the columns that hold words and not numbers
    """
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    if not lines:
        return ""
    rule = "|".join("---" if column in (columns[0], *words) else "--:" for column in columns)
    return "\n".join([f"| {' | '.join(columns)} |", f"|{rule}|", *lines]) + "\n\n"


def share(value: float | None) -> str:
    """Return 0..1 as a percentage; None: a dash."""
    return "-" if value is None else f"{value:.2%}"


def interval(low: float, high: float) -> str:
    """Return the two ends of an interval of shares."""
    return f"{low:.2%} to {high:.2%}"
