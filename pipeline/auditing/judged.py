"""Every audited digit judged: by itself, in its row, and against everybody else's digits."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import digits as digit_table
from pipeline.auditing import near_duplicates, neighbours, outliers
from pipeline.auditing.findings import Finding, Readings, alone
from pipeline.auditing.near_duplicates import Pair, SheetTwice
from pipeline.auditing.rows import row_findings, rows_of
from pipeline.auditing.suspects import clearly_others, ranking, scores


@dataclass(frozen=True)
class Audited:
    """N digits, and what was found about them.

    Attributes
    ----------
    table : pyarrow.Table
        N rows of the digit table: all that were read.
    read : Readings
    scores : (N,) float64
        0: the label is wrong, 1: right.
    findings : dict
        By place in the table, the least score first.
    pairs : list of Pair
        Of the same ink, the nearest first.
    sheets : list of SheetTwice
        Pairs of photos that show one sheet.
    """

    table: pa.Table
    read: Readings
    scores: NDArray[np.float64]
    findings: dict[int, Finding]
    pairs: list[Pair]
    sheets: list[SheetTwice]


def judged(table: pa.Table, probabilities: NDArray[np.float64], unsure: float, near_spreads: float) -> Audited:
    """Judge N digits of the digit table by their (N, 10) probabilities; see ``audit`` in params.yaml for the rest."""
    images, labels = digit_table.images(table), digit_table.labels(table)
    nearest = neighbours.nearest(neighbours.embedded(images), neighbours.hands(digit_table.strings(table, "writer")))
    distances = near_duplicates.distances(images, nearest)
    far = near_duplicates.unusual(distances, labels)
    no_digit = outliers.no_digits(images, probabilities, far, unsure)
    read = Readings(labels, probabilities, _clear(table, labels, probabilities), no_digit)
    scored = scores(labels, probabilities)
    found = findings(table, read)
    on_sheet = list(zip(*(table.column(name).to_pylist() for name in ("row", "col")), strict=True))
    return Audited(
        table,
        read,
        scored,
        {place: found[place] for place in ranking(scored).tolist() if place in found},
        near_duplicates.pairs(distances, nearest, labels, near_spreads),
        near_duplicates.sheets_twice(nearest, digit_table.strings(table, "photo"), on_sheet),
    )


def findings(table: pa.Table, read: Readings) -> dict[int, Finding]:
    """Return the findings about the N rows of a table, by place: those of written rows first."""
    found: dict[int, Finding] = {}
    cols = table.column("col").to_pylist()
    in_rows = np.zeros(len(read.labels), dtype=bool)
    for number, places in rows_of(table):
        in_rows[places] = True
        columns = np.array([cols[place] for place in places], dtype=np.int64)
        of_row = row_findings(number, columns, read.of(places))
        found |= {int(places[position]): finding for position, finding in of_row.items()}
    suspicious = ~in_rows & ((read.predictions != read.labels) | read.no_digit)
    found |= {place: one for place in np.flatnonzero(suspicious).tolist() if (one := alone(read, place))}
    return found


def _clear(table: pa.Table, labels: NDArray[np.uint8], probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which digits are clearly others: train rows were read by one network each, test rows by all together."""
    splits = np.array(digit_table.strings(table, "split"), dtype=object)
    clear = np.zeros(len(labels), dtype=bool)
    for split in digit_table.SPLITS:
        chosen = splits == split
        clear[chosen] = clearly_others(labels[chosen], probabilities[chosen])
    return clear
