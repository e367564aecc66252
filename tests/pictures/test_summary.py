import io
from typing import Any

import pytest
from rich.console import Console

from pipeline.pictures import summary

SCORES: dict[str, Any] = {
    "n": 1000,
    "errors": 12,
    "accuracy": 0.988,
    "ci95_low": 0.979143,
    "ci95_high": 0.993122,
    "by_digit": {},
    "tracked": {
        "7": {"recall": 0.975, "precision": 0.981, "top_confusion": 1, "top_confusion_n": 3},
        "9": {"precision": 0.99, "top_confusion_n": 0},
    },
    "selective": {
        "target": 0.999,
        "threshold": 0.87654321,
        "read": 0.971,
        "n": 971,
        "errors": 1,
        "accuracy": 0.99897,
    },
}
WRITERS: dict[str, Any] = {
    "n": 12,
    "ci95_low": 0.951,
    "ci95_high": 0.999,
    "worst": {"writer": "a/row-3", "n": 90, "errors": 7, "accuracy": 0.922222},
}


def entry(digits: int, simulated: bool = False, **reasons: int) -> dict[str, Any]:
    counts = {"photos": 2, "digits": digits, "rejects": sum(reasons.values()), "reasons": reasons, "writers": 3}
    return {**counts, "simulated": True} if simulated else counts


def sheets_of(**collections: dict[str, Any]) -> dict[str, Any]:
    whole = {key: sum(one[key] for one in collections.values()) for key in ("photos", "digits", "rejects")}
    return {**whole, "reasons": {"blank": 4, "row-count": 9}, "collections": collections}


def shown(
    sheets: dict[str, Any],
    merge: dict[str, Any],
    evaluation: dict[str, Any],
    unseen: dict[str, Any] | None = None,
    width: int = 100,
) -> list[str]:
    """Render the tables and return their lines with single blanks and no frame."""
    out = io.StringIO()
    Console(file=out, width=width).print(summary.tables(sheets, merge, evaluation, {"sources": unseen or {}}))
    return [
        " ".join(line.translate(dict.fromkeys(map(ord, "│┃"), " ")).split()) for line in out.getvalue().splitlines()
    ]


def merge_of(**digits: tuple[int, int]) -> dict[str, Any]:
    return {
        "digits": {name: {"train": train, "test": test} for name, (train, test) in digits.items()},
        "removed": {"duplicates": 0, "conflicting_labels": 0},
    }


def test_tables_show_what_came_in_what_was_rejected_and_how_well_it_was_read() -> None:
    sheets = sheets_of(samples=entry(500, simulated=True, blank=4), students=entry(690), alone=entry(10))
    merge = merge_of(mnist=(4000, 1000), samples=(400, 100), students=(600, 90), alone=(10, 0))
    lines = shown(sheets, merge, dict.fromkeys(("mnist", "samples", "students", "handwriting"), SCORES))
    assert "samples (simulated) 2 500 4 blank 4" in lines
    assert "students 2 690 0" in lines
    assert "all 6 1,200 4 row-count 9, blank 4" in lines
    assert "mnist 4,000 1,000 12 98.80% 97.91% to 99.31%" in lines
    assert "samples (simulated) 400 100 12 98.80% 97.91% to 99.31%" in lines
    assert "alone 10 0 - - -" in lines
    assert "handwriting (partly simulated) 1,010 190 12 98.80% 97.91% to 99.31%" in lines
    assert "mnist 7 97.5% 98.1% 1 (3 times)" in lines
    assert "9 - 99.0% -" in lines
    assert not [line for line in lines if line.startswith("not in these counts")]


def test_accuracy_on_simulated_digits_alone_is_never_shown_as_partly_of_people() -> None:
    """One's own first writer is mostly trained on."""
    sheets = sheets_of(samples=entry(500, simulated=True), mine=entry(70))
    merge = merge_of(mnist=(4000, 1000), samples=(400, 100), mine=(70, 0))
    unseen = {name: {"accuracy": 0.97} for name in ("samples", "mine", "handwriting")}
    lines = shown(sheets, merge, dict.fromkeys(("mnist", "samples", "handwriting"), SCORES), unseen, width=140)
    assert "handwriting (simulated) 470 (partly simulated) 100 12 98.80% 97.91% to 99.31%" in lines
    assert "handwriting (simulated) - - 97.00% (partly simulated) -" in lines
    assert "samples (simulated) - - 97.00% -" in lines


def test_digits_of_people_are_tested_on_and_simulated_ones_trained_on_are_told_apart_in_one_row() -> None:
    sheets = sheets_of(samples=entry(500, simulated=True), mine=entry(70))
    merge = merge_of(mnist=(4000, 1000), samples=(500, 0), mine=(0, 70))
    unseen = {name: {"accuracy": 0.97} for name in ("samples", "handwriting")}
    lines = shown(sheets, merge, dict.fromkeys(("mnist", "mine", "handwriting"), SCORES), unseen, width=140)
    assert "handwriting 500 (simulated) 70 12 98.80% 97.91% to 99.31%" in lines
    assert "handwriting - - 97.00% (simulated) -" in lines


def test_what_merge_removed_is_named() -> None:
    merge = {**merge_of(mnist=(4000, 1000)), "removed": {"duplicates": 1200, "conflicting_labels": 0}}
    lines = shown(sheets_of(), merge, {"mnist": SCORES})
    assert "not in these counts: duplicates 1,200" in lines
    assert "all 0 0 0 row-count 9, blank 4" in lines
    assert not [line for line in lines if line.startswith("handwriting")]


@pytest.mark.parametrize(
    ("collections", "name"),
    [
        ({"samples": entry(5, simulated=True)}, "handwriting (simulated)"),
        ({"samples": entry(5, simulated=True), "a": entry(5)}, "handwriting (partly simulated)"),
        ({"samples": entry(5, simulated=True), "a": entry(0)}, "handwriting (simulated)"),
        ({"samples": entry(0, simulated=True), "a": entry(5)}, "handwriting"),
        ({"a": entry(5)}, "handwriting"),
    ],
)
def test_simulated_digits_are_never_called_handwriting_alone(collections: dict[str, Any], name: str) -> None:
    assert summary.shown_name("handwriting", sheets_of(**collections), collections) == name
    assert summary.shown_name("mnist", sheets_of(**collections), collections) == "mnist"


def test_only_collections_that_are_measured_make_handwriting_partly_simulated() -> None:
    sheets = sheets_of(samples=entry(5, simulated=True), mine=entry(5))
    assert summary.shown_name("handwriting", sheets, ["mnist", "samples", "handwriting"]) == "handwriting (simulated)"
    assert summary.shown_name("handwriting", sheets, ["mnist", "mine", "handwriting"]) == "handwriting"


def test_a_folder_name_is_text_and_no_markup() -> None:
    lines = shown(sheets_of(**{"[red]x[/red]": entry(3)}), merge_of(mnist=(1, 1)), {})
    assert "[red]x[/red] 2 3 0" in lines


def test_tables_show_other_writers_out_of_fold_digits_and_what_is_read_surely() -> None:
    nobody = {**WRITERS, "n": 3, "worst": {**WRITERS["worst"], "errors": 0}}
    evaluation = {
        "mnist": SCORES,
        "a": {**SCORES, "writers": WRITERS},
        "b": {**SCORES, "writers": nobody, "selective": {"target": 0.999, "read": 0.0, "n": 0, "errors": 0}},
    }
    merge = merge_of(mnist=(4000, 1000), a=(0, 1000), b=(0, 1000))
    lines = shown(sheets_of(a=entry(1000), b=entry(1000)), merge, evaluation, {"a": {"accuracy": 0.97654}}, width=80)
    assert "mnist - - - -" in lines
    assert "a 12 95.10% to 99.90% 97.65% a/row-3: 7 of 90" in lines
    assert "b 3 95.10% to 99.90% - no writer misread" in lines
    assert "too few writers to be sure of the interval: b" in lines
    assert "a 0.8765 97.1% 971 1" in lines
    assert "b - none - -" in lines
    assert "Read at 99.9%, the rest left to people" in lines
