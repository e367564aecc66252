from pathlib import Path

import numpy as np

from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import ReadDigit, Reading
from pipeline.reader.records import Reason, Reject, whole_photo
from pipeline.reader.tally import FEW_WRITERS, Counted


def reading(name: str, rows: list[int], rejects: list[Reject], said: str | None = None, **settings: object) -> Reading:
    image = np.zeros((28, 28), np.uint8)
    digits = [ReadDigit(image, 1, row, 0, whole_photo(9, 9)) for row in rows]
    photo = Photo(Path(name), name, name.partition("/")[0], Settings.model_validate(settings))
    return Reading(photo, digits, rejects, said)


def counts(*readings: Reading) -> dict[str, object]:
    counted = Counted()
    for one in readings:
        counted.add(one)
    return counted.as_json()


def test_digits_and_rejects_are_counted_by_reason_collection_and_writer() -> None:
    blank, row_count = Reject(Reason.BLANK, "", row=1), Reject(Reason.ROW_COUNT, "", row=2)
    found = counts(
        reading("c/a.jpg", [0, 0, 1], [blank, row_count], writer="row"),
        reading("c/b.jpg", [1], [blank], writer="row"),
        reading("d/a.jpg", [], [Reject(Reason.NOT_AN_IMAGE, "")]),
    )
    assert found.pop("collections") == {
        "c": {
            "photos": 2, "digits": 4, "rejects": 3, "reasons": {"blank": 2, "row-count": 1}, "writers": 2,
            "license": "unstated", "origin": "unstated",
            "by_writer": {
                "c/row-0": {"digits": 2, "rejects": 0, "reasons": {}},
                "c/row-1": {"digits": 2, "rejects": 2, "reasons": {"blank": 2}},
                "c/row-2": {"digits": 0, "rejects": 1, "reasons": {"row-count": 1}},
            },
        },
        "d": {
            "photos": 1, "digits": 0, "rejects": 1, "reasons": {"not-an-image": 1}, "writers": 0,
            "license": "unstated", "origin": "unstated",
            "by_writer": {"d/a": {"digits": 0, "rejects": 1, "reasons": {"not-an-image": 1}}},
        },
    }  # fmt: skip
    reasons = {"blank": 2, "not-an-image": 1, "row-count": 1}
    assert found == {"photos": 3, "digits": 4, "rejects": 4, "reasons": reasons, "writers": 2}


def test_the_sheets_own_word_says_who_wrote_it_unless_sheets_yaml_does() -> None:
    assert reading("c/a.jpg", [0], [], "w07").writer_of(0) == "c/w07"
    assert reading("c/a.jpg", [0], [], "w07", writer="collection").writer_of(0) == "c/all"
    assert reading("c/a.jpg", [0], []).writer_of(0) == "c/a"


def test_of_a_great_many_writers_only_the_number_is_told() -> None:
    many = [reading(f"c/{number}.jpg", [0], []) for number in range(FEW_WRITERS + 1)]
    collections = counts(*many)["collections"]
    assert isinstance(collections, dict)
    assert collections["c"]["by_writer"] == {}
    assert collections["c"]["writers"] == FEW_WRITERS + 1


def test_a_collection_is_simulated_if_all_of_it_is() -> None:
    drawn, written = reading("c/a.jpg", [0], [], simulated=True), reading("d/a.jpg", [0], [])
    assert counts(drawn)["simulated"] is True
    both = counts(drawn, written)
    assert "simulated" not in both
    assert isinstance(both["collections"], dict)
    assert both["collections"]["c"]["simulated"] is True
    assert "simulated" not in both["collections"]["d"]


def test_licence_and_origin_are_those_of_the_photos_that_gave_digits() -> None:
    blank = Reject(Reason.BLANK, "")
    found = counts(
        reading("c/a.jpg", [0], [], license="CC BY 4.0", origin="\u738b\u8001\u5e08's class"),
        reading("c/b.jpg", [0], [], license="CC0", origin="\u738b\u8001\u5e08's class"),
        reading("c/c.jpg", [], [blank], license="secret"),
        reading("d/a.jpg", [0], [], license="CC0"),
    )
    assert isinstance(found["collections"], dict)
    c, d = found["collections"]["c"], found["collections"]["d"]
    assert (c["license"], c["origin"]) == ("CC BY 4.0; CC0", "\u738b\u8001\u5e08's class")
    assert (d["license"], d["origin"]) == ("CC0", "unstated")
    assert "license" not in found


def test_what_is_wrong_with_a_sheets_yaml_is_a_reject_but_no_photo() -> None:
    wrong = Reject(Reason.BAD_SHEETS_YAML, "unknown key")
    found = counts(reading("c/sheets.yaml", [], [wrong]), reading("c/a.jpg", [0], [wrong]), reading("c/b.jpg", [], []))
    assert (found["photos"], found["rejects"]) == (2, 2)
