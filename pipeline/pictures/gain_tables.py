"""A comparison of two revisions for the terminal: what was gained, by source and by digit, and what changed between."""

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.gain import shown_p
from pipeline.scores import distinct

Metrics = Mapping[str, Any]
MOST_NAMES = 5  # photos or writers that are named; of more, the number is told
TRAIN_SOURCES = "merge.train_sources"  # says which train digits there are, and nothing else
SAME = (
    "The two have the very same predictions. Photos that were added are read by `dvc repro`; "
    "after a commit, `mnist-cn compare HEAD~1` compares with the one before."
)


def tables(report: Metrics) -> Group:
    """Return what `mnist-cn compare` prints; ``report`` is what its ``--json`` holds."""
    shown = [report["sources"][name] for name in distinct(report["sources"])]
    parts: list[RenderableType] = [_sources(report, shown)]
    parts += [_digits(entry) for entry in shown if entry["fixed"] or entry["broken"]]
    parts += [Text(line) for line in changes(report)]
    parts += [Text(f"{entry['shown_as']}: {entry['sentence']}.", style="bold") for entry in shown]
    return Group(*parts)


def points(share: float) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    return f"{100 * share:+.2f}"


def changes(report: Metrics) -> list[str]:
    """Return what differs between the revisions beside the networks: test rows left out, train rows, parameters."""
    train, left_out = report["train"], report["left_out"]
    names = [report[side]["revision"] for side in ("before", "after")]
    lines = [
        f"Left out of the comparison: {left_out['before']:,} test digits that only {names[0]} has, "
        f"{left_out['after']:,} that only {names[1]} has, {left_out['label']:,} labelled differently."
    ]
    lines = lines if any(left_out.values()) else []
    for what, counted in (("added", train["added"]), ("removed", train["removed"])):
        lines += [f"Train digits {what}: {name} {_origin(entry)}." for name, entry in counted.items()]
    if train["relabelled"]:
        lines.append(f"Train digits labelled anew: {train['relabelled']:,}.")
    if not (train["added"] or train["removed"] or train["relabelled"]):
        lines.append("Both were trained on the same digits.")
    parameters = report["parameters"]
    if any(key != TRAIN_SOURCES for key in parameters) and (train["added"] or train["removed"]):
        lines.append("Train digits and parameters differ: the gain is that of all changes together.")
    lines += [f"Parameter {key}: {old} before, {new} after." for key, (old, new) in parameters.items()]
    return [*lines, SAME] if report["same_predictions"] else lines


def _sources(report: Metrics, shown: list[Metrics]) -> Table:
    title = " to ".join(_revision(report[side]) for side in ("before", "after"))
    numbers = ("n", "errors", "gain", "95% interval", "p", "fixed", "broken")
    table = _table(title, ("test digits", *numbers))
    for entry in shown:
        cells = (
            f"{entry['n']:,}",
            f"{entry['errors_before']:,} to {entry['errors_after']:,}",
            points(entry["gain"]),
            _interval(entry),
            shown_p(entry["p"]),
            f"{entry['fixed']:,}",
            f"{entry['broken']:,}",
        )
        _add(table, entry["shown_as"], *cells)
        if writers := entry.get("writers"):
            changed = f"{writers['better']:,}", f"{writers['worse']:,}"
            name = f"  by {writers['n']:,} writers"
            _add(table, name, "", "", "", _interval(writers), shown_p(writers["p"]), *changed)
    table.caption = "gain: percentage points of accuracy"
    return table


def _digits(entry: Metrics) -> Table:
    """Return a source's tracked digits, and those others that changed."""
    table = _table(
        f"{entry['shown_as']}, by digit", ("digit", "n", "fixed", "broken", "recall", "most often misread as")
    )
    for digit, counts in entry["by_digit"].items():
        tracked = entry["tracked"].get(digit)
        if counts["n"] and (tracked or counts["fixed"] or counts["broken"]):
            recalls = (f"{1 - counts[f'errors_{side}'] / counts['n']:.2%}" for side in ("before", "after"))
            misread = " to ".join(_misread(tracked[side]) for side in ("before", "after")) if tracked else ""
            numbers = (f"{counts[key]:,}" for key in ("n", "fixed", "broken"))
            _add(table, digit, *numbers, " to ".join(recalls), misread)
    return table


def _misread(side: Metrics) -> str:
    return f"{side['top_confusion']} ({side['top_confusion_n']:,})" if side["top_confusion_n"] else "none"


def _revision(side: Metrics) -> str:
    """Return a revision's name, with its commit where the name is another."""
    name, commit = side["revision"], side["commit"]
    return name if commit is None or commit.startswith(name) else f"{name} ({commit[:7]})"


def _interval(entry: Metrics) -> str:
    return f"{points(entry['ci95_low'])} to {points(entry['ci95_high'])}"


def _origin(entry: Metrics) -> str:
    return f"{entry['n']:,}{_named('photo', entry['photos'])}{_named('writer', entry['writers'])}"


def _named(what: str, tally: Mapping[str, int]) -> str:
    if not tally:
        return ""
    plural = "" if len(tally) == 1 else "s"
    if len(tally) > MOST_NAMES:
        return f"; {len(tally):,} {what}{plural}"
    return f"; {what}{plural} {', '.join(f'{name} ({count:,})' for name, count in tally.items())}"


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(
        title=Text(title),
        title_justify="left",
        caption_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column(columns[0])
    for column in columns[1:]:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _add(table: Table, *cells: str) -> None:
    table.add_row(*(Text(cell) for cell in cells))  # Text: a folder named "[red]" is no markup
