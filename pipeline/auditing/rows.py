"""Written rows: digits are judged beside their neighbours, and a row whose labels are shifted is one finding."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.auditing.alignment import UNKNOWN, Aligned, align
from pipeline.auditing.findings import DROP, Finding, Readings, alone
from pipeline.auditing.verdicts import Verdict

FEW = 3  # clear other digits in a row are slips of the pen below this number

Places = NDArray[np.intp]


def rows_of(table: pa.Table) -> list[tuple[int, Places]]:
    """Return each written row's number and its digits' places in the table, from left to right.

    Digits without a place on a photo belong to no row. Rows come by source, photo and row.
    """
    names = ("source", "photo", "row", "col")
    found: dict[tuple[str, str, int], list[tuple[int, int]]] = defaultdict(list)
    for place, (source, photo, row, col) in enumerate(
        zip(*(table.column(name).to_pylist() for name in names), strict=True)
    ):
        if photo is not None and row is not None and col is not None:
            found[source, photo, row].append((col, place))
    return [(key[2], np.array([place for _, place in sorted(found[key])], dtype=np.intp)) for key in sorted(found)]


def row_findings(number: int, cols: NDArray[np.int64], read: Readings) -> dict[int, Finding]:
    """Return what is found in one written row, by its digits' positions in ``read``.

    Parameters
    ----------
    number : int
        Of the row, from 0, for the explanation.
    cols : (n,) int64
        The digits' columns, ascending; columns that are left out held no digit that could be read.
    read : Readings
        n digits.
    """
    found = {place: finding for place in range(len(cols)) if (finding := alone(read, place))}
    aligned = _aligned(cols, read)
    if aligned.shifted:
        return found | _shifted(number, cols, read, aligned)
    others = [place for place, finding in found.items() if finding.verdict is Verdict.OTHER_DIGIT]
    if len(others) >= max(FEW, len(cols) / 2):
        said = f"row {number}: {len(others)} of {len(cols)} digits are clearly others than their labels: another row's?"
        found |= {place: Finding(Verdict.ANOTHER_ROW, said, found[place].proposal) for place in others}
    return found


def _aligned(cols: NDArray[np.int64], read: Readings) -> Aligned:
    """Align a row with its labels; partners are columns, like ``cols``."""
    width, first = int(cols[-1] - cols[0]) + 1, int(cols[0])
    labels = np.full(width, UNKNOWN, dtype=np.int64)
    probabilities = np.full((width, read.probabilities.shape[1]), np.nan)
    labels[cols - first], probabilities[cols - first] = read.labels, read.probabilities
    aligned = align(probabilities, labels)
    partners = aligned.partners[cols - first]
    return Aligned(np.where(partners == UNKNOWN, UNKNOWN, partners + first), aligned.evidence)


def _shifted(number: int, cols: NDArray[np.int64], read: Readings, aligned: Aligned) -> dict[int, Finding]:
    """Return the findings about the digits whose labels change with the shift."""
    label_at = dict(zip(cols.tolist(), read.labels.tolist(), strict=True))
    paired = aligned.partners != UNKNOWN
    shifts = np.where(paired, aligned.partners - cols, 0)
    whole = _explains_all(cols, read, shifts, paired, label_at)
    moved = np.flatnonzero(~paired | (shifts != 0))
    said = _sentence(number, cols, read, shifts, label_at, whole=whole)
    verdict = Verdict.ROW_SHIFTED if whole else Verdict.PLACE_SKIPPED
    found = {}
    for place in moved.tolist():
        partner = label_at.get(int(aligned.partners[place]))
        proposal = _proposal(read, place, partner)
        if proposal != str(read.labels[place]):
            found[place] = Finding(verdict, said, proposal)
    return found


def _explains_all(
    cols: NDArray[np.int64],
    read: Readings,
    shifts: NDArray[np.int64],
    paired: NDArray[np.bool_],
    label_at: dict[int, int],
) -> bool:
    """Return whether one shift of the whole row gives every place the label that the alignment gives it.

    Equal labels side by side leave open where a row begins to shift; the simplest that fits is told.
    """
    by = _shift(shifts)
    return all(
        not paired[place] or shifts[place] == by or label_at.get(int(col) + by, label) == label
        for place, (col, label) in enumerate(zip(cols, read.labels, strict=True))
    )


def _shift(shifts: NDArray[np.int64]) -> int:
    """Return the shift of most places, 0 left out; the smallest on a tie."""
    values, counts = np.unique(shifts[shifts != 0], return_counts=True)
    return int(values[counts.argmax()])


def _proposal(read: Readings, place: int, partner: int | None) -> str:
    """Return the label a digit should get: its partner's where it is read as that, else what it clearly is, or DROP."""
    prediction = int(read.predictions[place])
    own = prediction == read.labels[place] and partner is None
    return str(prediction) if prediction == partner or own or read.clear[place] else DROP


def _sentence(
    number: int,
    cols: NDArray[np.int64],
    read: Readings,
    shifts: NDArray[np.int64],
    label_at: dict[int, int],
    *,
    whole: bool,
) -> str:
    by = _shift(shifts)
    same = np.flatnonzero(shifts == by)
    agree = sum(label_at.get(int(cols[place]) + by) == read.predictions[place] for place in same)
    side = "right" if by > 0 else "left"
    where = f"{side} neighbour's label" if abs(by) == 1 else f"label {abs(by)} places to the {side}"
    counted = "one" if abs(by) == 1 else str(abs(by))
    if whole:
        return f"row {number}: {agree} of {len(cols)} digits read as their {where}: the labels are shifted by {counted}"
    ends = f"from column {cols[same[0]]} to {cols[same[-1]]}"
    why = f"{counted} {'digit' if abs(by) == 1 else 'digits'} too {'few' if by > 0 else 'many'} before them"
    return f"row {number}: {ends}, {agree} of {len(same)} digits read as their {where}: {why}"
