"""Pieces of the page: escaped text, numbers that keep their exact value, tables, bars and pictures."""

import base64
from collections.abc import Iterable, Sequence
from html import escape


class Html(str):
    """Text that is HTML already: :func:`text` leaves it as it is."""

    __slots__ = ()


def text(value: object) -> Html:
    """Return any value as HTML: names, file paths and sentences are escaped."""
    return value if isinstance(value, Html) else Html(escape(str(value)))


def joined(*parts: object) -> Html:
    """Put pieces one after the other."""
    return Html("".join(text(part) for part in parts))


def share(value: float | None, decimals: int = 2) -> Html:
    """Return 0..1 as a percentage; the element keeps the exact value. None: a dash."""
    return text("-") if value is None else Html(f'<data value="{value!r}">{value:.{decimals}%}</data>')


def number(value: float, form: str = ",") -> Html:
    """Return a number in a format of Python's; the element keeps the exact value."""
    return Html(f'<data value="{value!r}">{value:{form}}</data>')


def interval(low: float, high: float) -> Html:
    """Return the two ends of an interval of shares."""
    return joined(share(low), " to ", share(high))


def code(value: object, kind: str = "") -> Html:
    """Return a file, a command or a key as it is typed."""
    return joined(Html(f'<code class="{kind}">' if kind else "<code>"), value, Html("</code>"))


def paragraph(*parts: object, kind: str = "") -> Html:
    """Return a paragraph."""
    return joined(Html(f'<p class="{kind}">' if kind else "<p>"), *parts, Html("</p>\n"))


def bullets(items: Iterable[object]) -> Html:
    """Return a list; nothing where there are no items."""
    lines = [joined(Html("<li>"), item, Html("</li>\n")) for item in items]
    return joined(Html("<ul>\n"), *lines, Html("</ul>\n")) if lines else Html("")


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]], words: Sequence[str] = ()) -> Html:
    """Return a table that scrolls sideways by itself where the screen is narrow; nothing where there are no rows.

    Parameters
    ----------
    caption : str
    columns : one name a column; the first column names the rows
    rows : one value a column each
    words : names of the columns that hold words and not numbers
    """
    body = []
    for name, *cells in rows:
        line = [joined(Html('<th scope="row">'), name, Html("</th>"))]
        for column, cell in zip(columns[1:], cells, strict=True):
            line.append(joined(Html("<td>" if column in words else '<td class="n">'), cell, Html("</td>")))
        body.append(joined(Html("<tr>"), *line, Html("</tr>\n")))
    if not body:
        return Html("")
    kinds = ["" if column in (columns[0], *words) else ' class="n"' for column in columns]
    named = zip(kinds, columns, strict=True)
    head = joined(*(Html(f'<th scope="col"{kind}>{text(column)}</th>') for kind, column in named))
    return Html(
        f'<div class="wide" role="region" tabindex="0" aria-label="{text(caption)}"><table>\n'
        f"<caption>{text(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{joined(*body)}</tbody>\n"
        "</table></div>\n"
    )


def bar(value: float | None) -> Html:
    """Return a share, 0..1, as a bar of the cell's width; it repeats a number beside it, so readers skip it."""
    filled = 0.0 if value is None else value
    return Html(f'<span class="bar" aria-hidden="true"><span style="width:{filled:.2%}"></span></span>')


def image(png: bytes, alt: str, kind: str, size: tuple[int, int]) -> Html:
    """Return a picture that lies in the page itself. ``size``: pixels, so that nothing moves while it loads."""
    content = base64.b64encode(png).decode("ascii")
    return Html(
        f'<img class="{kind}" alt="{text(alt)}" width="{size[0]}" height="{size[1]}" '
        f'src="data:image/png;base64,{content}">'
    )


def figure(inner: Html, caption: str) -> Html:
    """Return a picture with the words below it."""
    return joined(Html("<figure>"), inner, Html("<figcaption>"), caption, Html("</figcaption></figure>\n"))


def more(title: str, inner: Html) -> Html:
    """Return what unfolds when it is asked for; nothing where there is nothing."""
    parts = (Html("<details><summary>"), title, Html("</summary>\n"), inner, Html("</details>\n"))
    return joined(*parts) if inner else Html("")
