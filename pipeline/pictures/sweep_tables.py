"""The tables that end a sweep: its best and its worst rows, and what each value of each factor does on average."""

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from pipeline.factors import CHANCE, Outcome, by_value, mean_worth, ranked, strongest_first
from pipeline.pictures.sweep_marks import short
from pipeline.scores import wilson

BEST, WORST = 10, 3  # rows shown


def tables(outcomes: Sequence[Outcome]) -> Group:
    """Return the best and worst rows, and the mean accuracy by value, the factor that matters most first."""
    return Group(_rows(ranked(outcomes)), _factors(outcomes))


def _rows(order: Sequence[Outcome]) -> Table:
    best = order[0]
    table = _table(
        f"The best of {len(order)} rows, and the worst",
        ("row", *(short(factor) for factor in best.values), "accuracy", "CPU s"),
    )
    worst = order[BEST:][-WORST:]
    for outcome in order[:BEST]:
        _add(table, *_cells(outcome))
    table.add_section()
    for outcome in worst:
        _add(table, *_cells(outcome))
    table.caption = near_best(order)
    return table


def near_best(order: Sequence[Outcome]) -> str:
    """Return how far the best can be told from the others; ``order`` is :func:`ranked`."""
    best = order[0]
    if best.accuracy is None:
        return "no row was trained to its end: lower train.learning_rate"
    low, high = wilson(round(best.accuracy * best.digits_validated), best.digits_validated)
    near = sum(outcome.worth >= low for outcome in order) - 1
    return (
        f"accuracy: of {best.digits_validated:,} digits held back from training, none of them a test digit. "
        f"The best's 95% interval is {low:.2%} to {high:.2%}: {near} other row{'' if near == 1 else 's'} in it"
    )


def _cells(outcome: Outcome) -> tuple[str, ...]:
    values = [f"{value}" for value in outcome.values.values()]
    if outcome.accuracy is None:
        return str(outcome.number), *values, "diverged", "-"
    return str(outcome.number), *values, f"{outcome.accuracy:.2%}", f"{outcome.processor_seconds:.1f}"


def _factors(outcomes: Sequence[Outcome]) -> Table:
    table = _table("Mean accuracy of the rows with each value", ("factor", "value", "rows", "mean", "best", "diverged"))
    for factor in strongest_first(outcomes):
        name = factor
        for value, group in by_value(outcomes, factor).items():
            diverged = sum(outcome.accuracy is None for outcome in group)
            mean, best = mean_worth(group), max(outcome.worth for outcome in group)
            _add(table, name, f"{value}", str(len(group)), f"{mean:.2%}", f"{best:.2%}", str(diverged or "-"))
            name = ""
        table.add_section()
    if any(outcome.accuracy is None for outcome in outcomes):
        table.caption = f"a diverged row counts as {CHANCE:.0%}: chance"
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", caption_justify="left")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _add(table: Table, *cells: str) -> None:
    table.add_row(*(Text(cell) for cell in cells))
