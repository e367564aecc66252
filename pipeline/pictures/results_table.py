"""Recorded results as text, value by value, and as tables for the terminal."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from pipeline.runs import Score, distinct

COLUMNS = (
    "run",
    "network",
    "parameters",
    "recipe",
    "trained on",
    "digits cut as",
    "folds x epochs",
    "seeds",
    "errors",
    "accuracy",
    "95% interval",
    "report's",
    "processor seconds",
    "seconds",
    "machine",
)
WORDS = ("run", "network", "recipe", "trained on", "digits cut as", "machine")  # the others are numbers
BREAKABLE = ("run", "errors", "95% interval", "processor seconds")  # on a narrow terminal
TERMINAL = ("run", "seeds", "errors", "accuracy", "95% interval", "report's", "processor seconds")


def cells(score: Score) -> dict[str, str]:
    """Return one run's values, by column."""
    one, (low, high) = score.first, score.interval
    values = (
        one.name,
        one.architecture,
        f"{one.parameters:,}",
        one.recipe,
        one.trained_on.replace("+", " + "),
        one.normalize,
        f"{one.folds_run} x {one.epochs}",
        f"{len(score.results)}",
        ", ".join(f"{result.errors:,}" for result in score.results),
        f"{score.accuracy:.2%}",
        f"{low:.2%} to {high:.2%}",
        against_report(score),
        f"{score.processor_seconds:,.0f}",
        "-" if score.seconds is None else f"{score.seconds:,.0f}",
        machine(score),
    )
    return dict(zip(COLUMNS, values, strict=True))


def against_report(score: Score) -> str:
    """Return the report's accuracy and how far ours is from it in percentage points; ``-`` where it has none.

    ``below`` stands there when even the upper end of our 95% interval is below the report's figure.
    """
    if score.published is None:
        return "-"
    gap = 100 * (score.accuracy - score.published)
    below = ", below" if score.interval[1] < score.published else ""
    return f"{score.published:.2%} ({gap:+.2f}{below})"


def machine(score: Score) -> str:
    """Return what the seeds were trained on: processor, its cores or that it is a GPU, and precision."""
    seen = (
        f"{r.processor}, {f'{r.cores} cores' if r.device == 'cpu' else r.device}, {r.precision}" for r in score.results
    )
    return "; ".join(dict.fromkeys(seen))


def where(score: Score) -> str:
    """Return the source of a score's test digits; simulated ones are called so."""
    return f"{score.first.source}{' (simulated)' if score.first.simulated else ''}"


def title(score: Score) -> str:
    """Return which test digits a score is of, and how many they are."""
    return f"{where(score)}, {score.first.n:,} test digits"


def by_test(scores: Iterable[Score]) -> dict[str, list[Score]]:
    """Group scores by test digits, in the order in which these first appear, MNIST's first."""
    groups: dict[str, list[Score]] = {}
    for score in sorted(scores, key=lambda s: (s.first.key[2], -s.first.n)):
        groups.setdefault(title(score), []).append(score)
    return groups


def terminal(scores: Sequence[Score]) -> Group:
    """Return a table of the most important columns for each set of test digits."""
    tables = []
    for heading, group in by_test(distinct(scores)).items():
        table = Table(title=heading, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for column in TERMINAL:
            words, least = column in WORDS, 9 if column in BREAKABLE else None
            table.add_column(
                column, justify="left" if words else "right", no_wrap=not least, min_width=least, overflow="fold"
            )
        for score in group:
            table.add_row(*(Text(cells(score)[column]) for column in TERMINAL))
        tables.append(table)
    return Group(*tables)
