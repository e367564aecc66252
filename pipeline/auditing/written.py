"""What the audit says, as metrics and as CSV files."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from pipeline import digits as digit_table
from pipeline.auditing.findings import NOTHING
from pipeline.auditing.judged import Audited
from pipeline.auditing.verdicts import Verdict
from pipeline.csv_text import csv_text
from pipeline.scores import DECIMALS

PLACE = ("writer", "photo", "row", "col")
KEPT = ("id", "source", "split", *PLACE, "label")
SUSPECTS = ("rank", *KEPT, "prediction", "probability", "score", "verdict", "explanation")
CORRECTIONS = ("photo", "row", "col", "label")  # as raw/corrections.csv
COMPARED = ("id", "label", "source", "split", "writer", "photo")
DUPLICATES = ("distance", *(f"{which}{name}" for name in COMPARED for which in ("", "other_")))
WHOLE_ROWS = (Verdict.ROW_SHIFTED, Verdict.PLACE_SKIPPED, Verdict.ANOTHER_ROW)


def metrics(audited: Audited) -> dict[str, dict[str, Any]]:
    """Return what `metrics/audit.json` holds.

    For each source: ``n`` digits audited, ``suspects``, ``by_verdict`` with every verdict's number,
    ``near_duplicates``: digits with the same ink as one of another writer, ``outliers``: images that look like no
    digit, ``rows``: a sentence for every row whose labels seem to be wrong as a whole, and ``sheets_twice``: one for
    every two photos that seem to show one sheet.
    """
    sources = digit_table.strings(audited.table, "source")
    twice = {place for pair in audited.pairs for place in (pair.first, pair.second)}
    found: dict[str, dict[str, Any]] = {}
    for source in sorted({str(name) for name in sources}):
        places = [place for place, name in enumerate(sources) if name == source]
        own = [audited.findings[place] for place in places if place in audited.findings]
        verdicts = Counter(finding.verdict for finding in own)
        found[source] = {
            "n": len(places),
            "suspects": len(own),
            "by_verdict": {verdict.value: verdicts[verdict] for verdict in Verdict},
            "near_duplicates": len(twice.intersection(places)),
            "outliers": int(audited.read.no_digit[places].sum()),
            "rows": _rows(audited, places),
            "sheets_twice": _sheets_twice(audited, places),
        }
    return found


def _rows(audited: Audited, places: Iterable[int]) -> list[str]:
    photos = digit_table.strings(audited.table, "photo")
    whole = [(photos[place], audited.findings[place]) for place in places if place in audited.findings]
    said = [f"{photo}, {finding.explanation}" for photo, finding in whole if finding.verdict in WHOLE_ROWS]
    return list(dict.fromkeys(said))


def _sheets_twice(audited: Audited, places: Iterable[int]) -> list[str]:
    photos = digit_table.strings(audited.table, "photo")
    own = {photos[place] for place in places}
    return [str(sheet) for sheet in audited.sheets if sheet.first in own or sheet.second in own]


def suspects(audited: Audited) -> str:
    """Return `suspects.csv`: source by source, the least believable label first."""
    sources = digit_table.strings(audited.table, "source")
    rows = audited.table.drop_columns(["image"]).to_pylist() if audited.findings else []
    predictions, lines = audited.read.predictions, []
    for source in sorted({str(sources[place]) for place in audited.findings}):
        own = [place for place in audited.findings if sources[place] == source]
        for rank, place in enumerate(own, start=1):
            finding, row, prediction = audited.findings[place], rows[place], int(predictions[place])
            seen = audited.read.probabilities[place, prediction], audited.scores[place]
            shares = [round(float(share), DECIMALS) for share in seen]
            known = [row[name] for name in KEPT]
            lines.append([rank, *known, prediction, *shares, finding.verdict.value, finding.explanation])
    return csv_text(SUSPECTS, lines)


def corrections(audited: Audited, split: str) -> str:
    """Return proposed lines of `raw/corrections.csv` about one split's digits, by place.

    Only digits from photos have them; where only a person can tell there is none.
    """
    columns = [audited.table.column(name).to_pylist() for name in ("photo", "row", "col", "split")]
    lines = []
    for place, finding in audited.findings.items():
        photo, row, col, in_split = (column[place] for column in columns)
        if photo is not None and in_split == split and finding.proposal != NOTHING:
            lines.append((photo, row, col, finding.proposal))
    return csv_text(CORRECTIONS, sorted(lines))


def duplicates(audited: Audited) -> str:
    """Return `duplicates.csv`: pairs of digits that are the same ink, the nearest first."""
    columns = [audited.table.column(name).to_pylist() for name in COMPARED]
    lines = [
        [round(pair.distance, DECIMALS), *(column[place] for column in columns for place in (pair.first, pair.second))]
        for pair in audited.pairs
    ]
    return csv_text(DUPLICATES, lines)
