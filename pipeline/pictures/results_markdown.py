"""Recorded results as Markdown, for README.md and RESULTS.md: what runs reached, how they trained, their commands."""

from collections.abc import Iterable, Sequence

from pipeline.pictures.results_table import WORDS, by_test, cells, title, where
from pipeline.runs import Score, distinct
from pipeline.scores import MNIST

RUN = ("run", "recipe", "folds x epochs")
TRAINED = ("run", "network", "parameters", "trained on", "digits cut as", "seeds", "seconds", "machine")
OTHER_DIGITS = (
    "The report's figure is of its own students' digits, which are not published: a reference point, not a comparison."
)


def markdown(scores: Sequence[Score]) -> str:
    """Return what each run reached as one table, how it was trained as another, and the commands that repeat it."""
    kept = distinct(scores)
    runs: dict[str, dict[str, Score]] = {}  # by name, then by test digits
    for score in kept:
        runs.setdefault(score.first.name, {})[title(score)] = score
    any_test = [next(iter(tests.values())) for tests in runs.values()]
    trained = [[cells(score)[column] for column in TRAINED] for score in any_test]
    parts = [_reached(runs, by_test(kept)), _table(TRAINED, trained)]
    if any(score.published and score.first.source != MNIST for score in kept):
        parts.insert(1, OTHER_DIGITS)
    return "\n\n".join([*parts, "```sh\n" + "\n".join(_commands(any_test)) + "\n```"]) + "\n"


def _reached(runs: dict[str, dict[str, Score]], tests: dict[str, list[Score]]) -> str:
    """Return the table of what runs reached: columns for each set of test digits, errors seed by seed."""
    header, rows = [*RUN], [[cells(next(iter(of.values())))[column] for column in RUN] for of in runs.values()]
    for test, group in tests.items():
        columns = ["errors", "accuracy (95% interval)", "report's"]
        if all(score.published is None for score in group):
            columns.pop()
        header += [f"{where(group[0])}: errors of {group[0].first.n:,}", *columns[1:]]
        for row, of in zip(rows, runs.values(), strict=True):
            shown = _with_interval(of[test]) if test in of else {}
            row += [shown.get(column, "-") for column in columns]
    costs = [cells(next(iter(of.values())))["processor seconds"] for of in runs.values()]
    return _table([*header, "processor seconds"], [[*row, cost] for row, cost in zip(rows, costs, strict=True)])


def _with_interval(score: Score) -> dict[str, str]:
    values = cells(score)
    return values | {"accuracy (95% interval)": f"{values['accuracy']} ({values['95% interval']})"}


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = "|".join("---" if column in WORDS else "--:" for column in header)
    return "\n".join([_line(header), f"|{rule}|", *map(_line, rows)])


def _line(values: Iterable[str]) -> str:
    return "| " + " | ".join(value.replace("|", r"\|") for value in values) + " |"


def _commands(scores: Iterable[Score]) -> list[str]:
    """Return each run's command; a further seed's where it is not the first one's with that ``train.seed``."""
    lines = []
    for score in scores:
        first, *others = score.results
        own = [other for other in others if other.command != f"{first.command} -S train.seed={other.seed}"]
        seeds = ", ".join(f"-S train.seed={other.seed}" for other in others if other not in own)
        lines.append(f"{first.command}  # {first.name}" + (f", then with {seeds}" if seeds else ""))
        lines += [f"{other.command}  # {other.name}" for other in own]
    return lines
