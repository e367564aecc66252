"""A table as CSV text: a header, then a line a row, quoted where a name has a comma, with Unix line ends."""

import csv
import io
from collections.abc import Iterable


def csv_text(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return RFC 4180's CSV but for its line ends, so that Git shows changes line by line; None is empty."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    return text.getvalue()
