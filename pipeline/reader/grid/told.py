"""Whether the digits in a table's rows look like their labels: as many cells are there where `rows` is wrong, too."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.reader.looks import looks_of
from pipeline.reader.records import UNLABELLED, Crop, Findings, Reason, Reject

# How likely a row's digits are their labels, by the quick classifier: the mean of logarithms, from 0 to -6.9; wrong
# labels have -6.0 on average. A hand may write one digit so that the classifier takes all of them for others (the ones
# of matoso_10x10 have -4.7), so that each label counts once, however often it stands in the row. Measured on rows drawn
# from each of MNIST's 584 writers by QMNIST's labels, 52,560 of each length; wrong labels are drawn at random.
LIKELY = -3.0  # rows of 6 to 12 digits: all right ones reach it (the least: -2.03), 0.2% of wrong, 53% of half wrong
LIKELY_SHORT = -4.5  # rows of 3 to 5: all right ones (the least -3.35), 9% of wrong ones
ENOUGH, SOME = 6, 3  # readable digits of a row
# A row of one label that is unlikely, while no row of other labels is, may be a hand's own form of that digit:
ODD = -5.5  # of 5,732 rows of one writer's one digit in MNIST none is less likely; of those with another label 98%
FORMS = 3  # of digits that it surely looks like: matoso_10x10's ones have that many, a mixed row of ten has six
SURE = float(np.log(0.9))
ADVICE = (
    "check `rows`, `label` and `turn` (sheets.yaml); accept digits that are right all the same in `mnist-cn review`"
)


@dataclass(frozen=True)
class _Row:
    """The readable digits of a row, or of a whole table, beside their labels."""

    looks: NDArray[np.float64]  # (N, 10)
    labels: NDArray[np.int64]  # (N,)

    @property
    def own(self) -> NDArray[np.float64]:
        return np.asarray(self.looks[np.arange(len(self.labels)), self.labels])

    @property
    def likely(self) -> float:
        """The mean over digits, or over labels where that is more."""
        by_label = [float(self.own[self.labels == label].mean()) for label in np.unique(self.labels)]
        return max(float(self.own.mean()), float(np.mean(by_label)))

    @property
    def right(self) -> int:
        return int((self.looks.argmax(axis=1) == self.labels).sum())

    @property
    def one_label(self) -> bool:
        return len(np.unique(self.labels)) == 1

    @property
    def limit(self) -> float:
        many = len(self.labels)
        return LIKELY if many >= ENOUGH else LIKELY_SHORT if many >= SOME else -np.inf

    @property
    def fits(self) -> bool:
        return self.likely >= self.limit

    @property
    def may_be_a_hand(self) -> bool:
        """Whether it may be one digit, written as the classifier does not know it."""
        sure = self.looks.max(axis=1) > SURE
        forms = len(np.unique(self.looks.argmax(axis=1)[sure]))
        return self.one_label and (len(self.labels) < ENOUGH or (self.likely >= ODD and forms <= FORMS))


def as_told(found: Findings) -> Findings:
    """Reject each row whose digits do not look like their labels; all of them where the table as a whole does not.

    A single digit is never refused for its looks. Rows with too few readable digits go with the table.

    Returns
    -------
    Findings
        Each cell gives a crop or a reject, as before; rejects keep their ink, so that a person may accept them.
    """
    crops = found.crops
    if not crops or any(crop.label == UNLABELLED for crop in crops):
        return found
    labels, rows = np.array([crop.label for crop in crops], np.int64), np.array([crop.row for crop in crops], np.int64)
    told = list(zip(crops, unlike(looks_of(crops), labels, rows), strict=True))
    refused = [_refused(crop, why) for crop, why in told if why is not None]
    rejects = sorted([*found.rejects, *refused], key=lambda one: (one.row is None, one.row or 0, one.col or 0))
    return replace(found, crops=[crop for crop, why in told if why is None], rejects=rejects)


def unlike(looks: NDArray[np.float64], labels: NDArray[np.int64], rows: NDArray[np.int64]) -> list[str | None]:
    """Return for each digit why its row is not as told, None where it is."""
    table = _Row(looks, labels)
    if len(labels) >= ENOUGH and not table.fits and not table.may_be_a_hand:
        return [_detail(table, "the table's")] * len(labels)
    each = {int(row): _Row(looks[rows == row], labels[rows == row]) for row in np.unique(rows)}
    failed = {place: row for place, row in each.items() if not row.fits}
    one_digit = len({int(label) for row in failed.values() for label in row.labels}) == 1
    wrong = {place: row for place, row in failed.items() if not (one_digit and row.may_be_a_hand)}
    return [_detail(wrong[row], "this row's") if row in wrong else None for row in rows.tolist()]


def _detail(row: _Row, whose: str) -> str:
    limit = ODD if row.one_label else row.limit
    likely = f"likelihood {np.exp(row.likely):.4f}, limit {np.exp(limit):.2g}"
    return f"{row.right} of {whose} {len(row.labels)} digits look like their labels ({likely})"


def _refused(crop: Crop, detail: str) -> Reject:
    reason = Reason.UNLIKE_LABELS
    return Reject(reason, detail, crop.row, crop.col, crop.label, crop.corners, ADVICE, crop.ink)
