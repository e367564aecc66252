import csv
import json
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.answers import COLUMNS, Answers, as_csv, as_json
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import ReadDigit, Reading
from pipeline.reader.records import UNLABELLED, Reason, Reject
from tests.laws import up_to

PHOTO = Photo(Path("a.jpg"), 'c/a, "b".jpg', "c", Settings())


def digit(row: int, col: int) -> ReadDigit:
    corners = np.array([(col, row), (col + 1, row), (col + 1, row + 2), (col, row + 2)], np.float32)
    return ReadDigit(np.zeros((28, 28), np.uint8), UNLABELLED, row, col, corners)


def sure_of(digit: int, confidence: float) -> np.ndarray:
    found = np.full(10, (1 - confidence) / 9)
    found[digit] = confidence
    return found.astype(np.float32)


def answers(threshold: float = 0.5) -> Answers:
    """Rows `1?3` (its 2 touches something) and `4.` of a table; the 3 is not sure."""
    touching = Reject(Reason.TOUCHES_NEIGHBOUR, "two", 0, 1, corners=digit(0, 1).corners, advice="apart")
    blank, whole = Reject(Reason.BLANK, "no ink", 1, 1), Reject(Reason.NOT_REGISTERED, "no table")
    reading = Reading(PHOTO, [digit(0, 0), digit(0, 2), digit(1, 0)], [touching, blank, whole])
    return Answers.of(reading, np.stack([sure_of(1, 0.9), sure_of(3, 0.4), sure_of(4, 0.6)]), threshold)


def test_a_digit_below_the_threshold_is_not_read_and_is_named_with_its_place() -> None:
    found = answers()
    assert found.rows() == {0: "1??", 1: "4."}
    assert list(found.told()) == [
        'c/a, "b".jpg: 2 digits read, 1 abstained from, 2 rejects',
        "  row 0: 1??",
        "  row 1: 4.",
        "  row 0, col 2: ? perhaps 3 with 0.40, 0 with 0.07; below 0.5",
        "  row 0, col 1: touches-neighbour: two; apart",
        "  not-registered: no table",
    ]
    assert answers(0.0).rows() == {0: "1?3", 1: "4."}


@settings(max_examples=up_to(30), deadline=None)
@given(st.lists(st.floats(0.25, 1.0, width=32), min_size=1, max_size=12), st.floats(0, 1, width=32))
def test_what_is_read_is_exactly_what_reaches_the_threshold(confidences: list[float], threshold: float) -> None:
    reading = Reading(PHOTO, [digit(0, col) for col in range(len(confidences))], [])
    shares = np.stack([sure_of(7, confidence) for confidence in confidences])
    found = Answers.of(reading, shares, threshold)
    expected = "".join("7" if float(share) >= threshold else "?" for share in shares.max(axis=1))
    assert found.rows() == {0: expected}
    assert found.read == expected.count("7")


def test_json_holds_every_digit_and_reject() -> None:
    content = json.loads(as_json([answers()], 0.5))
    (photo,) = content["photos"]
    assert content["threshold"] == 0.5
    assert photo["rows"] == {"0": "1??", "1": "4."}
    assert [(one["row"], one["col"], one["prediction"]) for one in photo["digits"]] == [
        (0, 0, 1),
        (0, 2, None),
        (1, 0, 4),
    ]
    assert photo["digits"][1]["confidence"] == 0.4
    assert photo["digits"][0]["corners"] == [[0, 0], [1, 0], [1, 2], [0, 2]]
    np.testing.assert_allclose([sum(one["probabilities"]) for one in photo["digits"]], 1, atol=1e-5)
    assert [(one["reason"], one["row"]) for one in photo["rejects"]] == [
        ("touches-neighbour", 0),
        ("blank", 1),
        ("not-registered", None),
    ]


def test_csv_has_a_line_for_every_digit_and_reject() -> None:
    lines = list(csv.DictReader(as_csv([answers(), answers()]).splitlines()))
    assert tuple(lines[0]) == COLUMNS
    assert len(lines) == 12
    assert [line["prediction"] for line in lines[:6]] == ["1", "", "4", "", "", ""]
    assert [line["reason"] for line in lines[:6]] == [
        "",
        "below-threshold",
        "",
        "touches-neighbour",
        "blank",
        "not-registered",
    ]
    assert {line["photo"] for line in lines} == {'c/a, "b".jpg'}
    assert (lines[2]["left"], lines[2]["bottom"], lines[5]["left"]) == ("0.0", "3.0", "")
