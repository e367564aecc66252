import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from pipeline import digits as digit_table
from pipeline.auditing.findings import DROP, Finding, Readings
from pipeline.auditing.rows import row_findings, rows_of
from pipeline.auditing.verdicts import Verdict
from tests.auditing.readings import readings
from tests.laws import up_to

CHANGED = 5  # labels that a shift must change before it can be told for certain from slips of the pen
a_digit = st.integers(0, 9)
a_row = st.lists(a_digit, min_size=8, max_size=14)


def found_in(written: list[int], labels: list[int], left_out: frozenset[int] = frozenset()) -> dict[int, Finding]:
    """Return findings by column; digits in columns that are left out were not read."""
    cols = np.array([col for col in range(len(written)) if col not in left_out], dtype=np.int64)
    read = readings([written[col] for col in cols], [labels[col] for col in cols])
    return {int(cols[place]): finding for place, finding in row_findings(3, cols, read).items()}


def corrected(labels: list[int], found: dict[int, Finding], written: list[int]) -> list[int]:
    """Return the labels with the proposals applied; a digit that is dropped has no label to be wrong."""
    proposed = {col: finding.proposal for col, finding in found.items() if finding.proposal}
    return [
        written[col] if proposed.get(col) == DROP else int(proposed.get(col, str(label)))
        for col, label in enumerate(labels)
    ]


def differ(some: list[int], others: list[int]) -> int:
    return sum(a != b for a, b in zip(some, others, strict=True))


@settings(max_examples=up_to(30), deadline=None)
@given(a_row, a_digit, st.booleans())
def test_labels_shifted_by_one_are_one_finding_that_puts_them_right(row: list[int], new: int, right: bool) -> None:
    labels = [new, *row[:-1]] if right else [*row[1:], new]
    assume(differ(labels, row) >= CHANGED)
    found = found_in(row, labels)
    assert {finding.verdict for finding in found.values()} == {Verdict.ROW_SHIFTED}
    assert len({finding.explanation for finding in found.values()}) == 1
    assert f"{'right' if right else 'left'} neighbour's label" in next(iter(found.values())).explanation
    assert corrected(labels, found, row) == row
    assert len(found) == differ(labels, row)


@settings(max_examples=up_to(30), deadline=None)
@given(a_row, a_digit, st.data())
def test_a_skipped_cell_is_found_and_what_stands_before_it_is_left_alone(
    row: list[int], new: int, data: st.DataObject
) -> None:
    at = data.draw(st.integers(2, len(row) - CHANGED - 1))
    labels = [*row[:at], *row[at + 1 :], new]  # one label too few, as where a cell was skipped
    assume(row[at] != row[at - 1])
    assume(differ(labels, row) >= CHANGED)
    assume(labels[:at] != [row[at]] * at)
    found = found_in(row, labels)
    verdicts = {finding.verdict for finding in found.values()}
    assert verdicts <= {Verdict.PLACE_SKIPPED, Verdict.ROW_SHIFTED}
    assert corrected(labels, found, row) == row
    if differ(row[1:at], row[: at - 1]):  # else nothing before the cell tells it from a whole row that is shifted
        assert verdicts == {Verdict.PLACE_SKIPPED}
    assert min(found) >= at


@settings(max_examples=up_to(30), deadline=None)
@given(a_row, st.data())
def test_one_other_digit_is_a_slip_of_the_pen_and_no_shift(row: list[int], data: st.DataObject) -> None:
    at, by = data.draw(st.integers(0, len(row) - 1)), data.draw(st.integers(1, 9))
    labels = [*row]
    labels[at] = (row[at] + by) % 10
    found = found_in(row, labels)
    assert {col: (finding.verdict, finding.proposal) for col, finding in found.items()} == {
        at: (Verdict.OTHER_DIGIT, str(row[at]))
    }


@settings(max_examples=up_to(30), deadline=None)
@given(st.permutations(range(10)), a_digit, st.frozensets(st.integers(0, 9), max_size=2))
@example(list(range(10)), 5, frozenset({0, 9}))
def test_digits_that_were_not_read_do_not_hide_a_shift(row: list[int], new: int, left_out: frozenset[int]) -> None:
    labels = [new, *row[:-1]]
    assume(new != row[0])
    found = found_in(row, labels, left_out)
    assert {finding.verdict for finding in found.values()} == {Verdict.ROW_SHIFTED}
    read = [col for col in range(10) if col not in left_out]
    after = corrected(labels, found, row)
    assert [after[col] for col in read] == [row[col] for col in read]


@settings(max_examples=up_to(30), deadline=None)
@given(a_row)
def test_a_row_labelled_right_has_no_finding(row: list[int]) -> None:
    assert found_in(row, row) == {}


@settings(max_examples=up_to(30), deadline=None)
@given(a_digit, st.integers(1, 9), st.integers(3, 14))
def test_a_row_of_one_label_that_is_all_another_digit_is_another_row(label: int, by: int, count: int) -> None:
    found = found_in([(label + by) % 10] * count, [label] * count)
    assert {(finding.verdict, finding.proposal) for finding in found.values()} == {
        (Verdict.ANOTHER_ROW, str((label + by) % 10))
    }
    assert len(found) == count


def test_three_slips_in_a_long_row_are_slips_and_half_a_row_is_another_row() -> None:
    labels = [1, 4, 7, 0, 3, 8, 2, 5, 9, 6]
    for wrong, verdict in (((1, 4, 7), Verdict.OTHER_DIGIT), ((0, 2, 4, 6, 8), Verdict.ANOTHER_ROW)):
        found = found_in([(label + 5) % 10 if col in wrong else label for col, label in enumerate(labels)], labels)
        assert {col: finding.verdict for col, finding in found.items()} == dict.fromkeys(wrong, verdict)


def test_a_shift_is_told_in_a_sentence() -> None:
    row = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    said = found_in(row, [*row[1:], 7])[0].explanation
    assert said == "row 3: 9 of 10 digits read as their left neighbour's label: the labels are shifted by one"
    said = found_in(row, [1, 2, *row[3:], 7])[5].explanation.removeprefix("row 3: from column 3 to 9, ")
    assert said == "7 of 7 digits read as their left neighbour's label: one digit too many before them"


def test_what_looks_like_no_digit_is_proposed_to_be_dropped_and_doubt_is_left_to_people() -> None:
    read = readings([1, 2, 3], [1, 2, 5])
    doubtful = Readings(read.labels, read.probabilities, np.zeros(3, dtype=bool), np.array([False, True, False]))
    found = row_findings(0, np.arange(3), doubtful)
    assert {place: (f.verdict, f.proposal) for place, f in found.items()} == {
        1: (Verdict.NO_DIGIT, DROP),
        2: (Verdict.AMBIGUOUS, ""),
    }


def test_rows_are_read_from_left_to_right_and_photos_are_kept_apart() -> None:
    table = digit_table.from_columns(
        np.zeros((5, 28, 28), np.uint8),
        [0] * 5,
        ["b", "a", "a", "mnist", "a"],
        photo=["x", "x", "x", None, "x"],
        row=[0, 1, 0, None, 1],
        col=[0, 7, 0, None, 3],
    )
    assert [(number, places.tolist()) for number, places in rows_of(table)] == [(0, [2]), (1, [4, 1]), (0, [0])]
