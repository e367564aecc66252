import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.records import Reason
from pipeline.reader.rows.read import read_rows
from tests.reader import drawn

WRITTEN = "1234567890"


@pytest.mark.slow
@pytest.mark.parametrize(("change", "place"), [("missing", 4), ("extra", 9), ("missing", 9), ("extra", 0)])
def test_a_row_with_a_digit_missing_or_one_too_many_is_rejected_whole_with_both_numbers(
    change: str, place: int, limits: Sheets
) -> None:
    written = WRITTEN[:place] + WRITTEN[place + 1 :] if change == "missing" else WRITTEN[:place] + "5" + WRITTEN[place:]
    crops, rejects = read_rows(drawn.rgb(drawn.page([WRITTEN, written])), None, (WRITTEN, WRITTEN), limits)
    assert {crop.row for crop in crops} == {0}
    (reject,) = [one for one in rejects if one.row == 1]
    assert reject.reason is Reason.ROW_COUNT
    assert reject.col is None, "the whole row"
    assert f"expected {len(WRITTEN)} digits ({WRITTEN}), found {len(written)}" in reject.detail


def test_two_digits_that_touch_leave_the_rest_of_their_row_certain(limits: Sheets) -> None:
    paper = drawn.page([WRITTEN, WRITTEN])
    gaps = np.flatnonzero((drawn.page([WRITTEN]) < drawn.PAPER / 2).any(axis=0))
    before, after = gaps[np.flatnonzero(np.diff(gaps) > 1)[4]], gaps[np.flatnonzero(np.diff(gaps) > 1)[4] + 1]
    middle = np.flatnonzero((drawn.page([WRITTEN]) < drawn.PAPER / 2).any(axis=1))
    y = round(middle.mean())
    paper[y - 2 : y + 3, before - 15 : after + 15] = paper.min()
    crops, rejects = read_rows(drawn.rgb(paper), None, (WRITTEN, WRITTEN), limits)
    assert [crop.row for crop in crops].count(1) == len(WRITTEN)
    assert [crop.row for crop in crops].count(0) == len(WRITTEN) - 2
    (reject,) = rejects
    assert (reject.reason, reject.row, reject.col) == (Reason.ROW_COUNT, 0, 4)
