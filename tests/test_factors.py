import csv

from hypothesis import given
from hypothesis import strategies as st

from pipeline.factors import CHANCE, Outcome, as_csv, by_value, mean_worth, ranked, strongest_first


def outcome(number: int, accuracy: float | None, loss: float | None = 0.5, **values: str | int | float) -> Outcome:
    """A row; `outcome(1, 0.9, rate=0.1)`."""
    its = {f"train.{name}": value for name, value in values.items()}
    if accuracy is None:
        return Outcome(number, its, None, None, 1, 0, 0, 0, 0.0)
    return Outcome(number, its, accuracy, loss, 1, 900, 100, 3, 2.5)


def test_the_best_is_first_and_diverged_rows_are_last() -> None:
    rows = [
        outcome(1, None),
        outcome(2, 0.05),
        outcome(3, 0.9, 0.4),
        outcome(4, 0.9, 0.3),
        outcome(5, 0.9, 0.4),
        outcome(6, None),
    ]
    assert [row.number for row in ranked(rows)] == [4, 3, 5, 2, 1, 6]


def test_a_diverged_row_counts_as_chance() -> None:
    assert outcome(1, None).worth == CHANCE == 0.1
    assert mean_worth([outcome(1, None), outcome(2, 0.9)]) == 0.5


def test_factors_come_by_how_far_their_values_are_apart() -> None:
    accuracies = {(1, 10): 0.9, (1, 20): 0.8, (2, 10): 0.5, (2, 20): 0.4}
    rows = [outcome(i, accuracy, b=b, a=a) for i, ((a, b), accuracy) in enumerate(accuracies.items())]
    assert strongest_first(rows) == ["train.a", "train.b"]
    assert {value: [row.number for row in group] for value, group in by_value(rows, "train.b").items()} == {
        10: [0, 2],
        20: [1, 3],
    }


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=8))
def test_the_table_has_every_row_in_order(accuracies: list[float | None]) -> None:
    rows = [outcome(i, accuracy, arch="mlp", rate=1e-05 * i) for i, accuracy in enumerate(accuracies, start=1)]
    text = as_csv(rows)
    assert text.endswith("\n")
    assert "\r" not in text
    table = list(csv.DictReader(text.splitlines()))
    assert [int(line["row"]) for line in table] == [row.number for row in rows]
    assert [line["train.rate"] for line in table] == [str(row.values["train.rate"]) for row in rows]
    for line, accuracy in zip(table, accuracies, strict=True):
        assert line["status"] == ("diverged" if accuracy is None else "trained")
        assert line["validation_accuracy"] == ("" if accuracy is None else f"{accuracy:.6f}")
        assert line["validation_loss"] == ("" if accuracy is None else "0.500000")
        counts = [line[name] for name in ("folds", "digits_trained", "digits_validated", "epochs")]
        assert counts == (["1", "", "", ""] if accuracy is None else ["1", "900", "100", "3"])
