import io

from rich.console import Console

from pipeline.factors import Outcome, ranked
from pipeline.pictures import sweep_tables
from tests.pictures.sweeps import sweep_of


def shown(outcomes: list[Outcome]) -> list[str]:
    """Render the tables as wide as a terminal and return their lines with single blanks and no frame."""
    out = io.StringIO()
    Console(file=out, width=80).print(sweep_tables.tables(outcomes))
    return [
        " ".join(line.translate(dict.fromkeys(map(ord, "│┃"), " ")).split()) for line in out.getvalue().splitlines()
    ]


def test_the_best_ten_and_the_worst_three_are_told() -> None:
    outcomes = sweep_of(81)
    lines = shown(outcomes)
    order = ranked(outcomes)
    rows = [line for line in lines if line.endswith(" 1.5")]
    assert rows == [
        " ".join([str(row.number), *(f"{value}" for value in row.values.values()), f"{row.worth:.2%}", "1.5"])
        for row in order[:10] + order[-3:]
    ]


def test_few_rows_are_told_once() -> None:
    assert len([line for line in shown(sweep_of(9)) if line.endswith(" 1.5")]) == 9


def test_each_value_has_its_mean_the_strongest_factor_first() -> None:
    lines = shown(sweep_of(9, diverged=(9,)))
    means = [
        line for line in lines if line.split()[0:1] == ["model.activation"] or line.startswith(("tanh 3", "sigmoid 3"))
    ]
    assert means == [
        "model.activation relu 3 96.00% 98.00% -",
        "tanh 3 76.00% 78.00% -",
        f"sigmoid 3 {(0.58 + 0.56 + 0.1) / 3:.2%} 58.00% 1",
    ]
    assert "9 sigmoid 0.0001 0 diverged -" in lines
    assert "a diverged row counts as 10%: chance" in lines


def test_rows_that_the_digits_cannot_tell_from_the_best_are_counted() -> None:
    near = [
        Outcome(i, {"train.seed": i}, accuracy, 0.1, 1, 900, 100, 1, 1.0) for i, accuracy in enumerate((0.9, 0.88, 0.5))
    ]
    told = sweep_tables.near_best(ranked(near))
    assert "of 100 digits held back" in told
    assert told.endswith("82.56% to 94.48%: 1 other row in it")
    none = [Outcome(1, {"train.seed": 1}, None, None, 1, 0, 0, 0, 0.0)]
    assert sweep_tables.near_best(none).startswith("no row was trained to its end")
