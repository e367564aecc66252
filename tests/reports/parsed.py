"""A page taken apart: elements, tables and pictures, for tests."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br"}

Value = str | float
Row = list[list[Value]]
"""Cells; each holds the exact values of its `data` elements, or its text where there are none."""


@dataclass
class Table:
    caption: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def named(self) -> dict[str, list[list[Value]]]:
        """Return the cells after each row's name."""
        return {str(row[0][0]): row[1:] for row in self.rows}


class Page(HTMLParser):
    """Everything that a test asks for; fails on elements that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.tables: list[Table] = []
        self.text = ""
        self.values: list[float] = []
        self.open: list[str] = []
        self._cell: list[Value] | None = None
        self._exact = False
        self.feed(text)
        self.close()
        assert self.open == []

    def table(self, caption: str) -> dict[str, list[list[Value]]]:
        (found,) = [table for table in self.tables if table.caption == caption]
        return found.named()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        held = {key: value or "" for key, value in attributes}
        self.elements.append((tag, held))
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "table":
            self.tables.append(Table())
        elif tag == "tr" and "tbody" in self.open:
            self.tables[-1].rows.append([])
        elif tag in ("td", "th") and "tbody" in self.open:
            self._cell = []
            self.tables[-1].rows[-1].append(self._cell)
            self._exact = False
        elif tag == "data":
            self.values.append(float(held["value"]))
            if self._cell is not None:
                self._cell[:] = [*(self._cell if self._exact else []), float(held["value"])]
                self._exact = True

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in ("td", "th"):
            self._cell = None

    def handle_data(self, text: str) -> None:
        if "style" in self.open:
            return
        self.text += text
        if "caption" in self.open:
            self.tables[-1].caption += text
        elif self.open[-1:] == ["th"] and "thead" in self.open:
            self.tables[-1].columns.append(text)
        elif self._cell is not None and not self._exact:
            self._cell[:] = ["".join(map(str, self._cell)) + text]
