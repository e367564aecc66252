"""The short table that ends a run: what came in, what was rejected and why, how good the reading is, what fails."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from pipeline.scores import HANDWRITING, MNIST
from pipeline.selective import TARGET

Metrics = Mapping[str, Any]

FEW_WRITERS = 10  # below it, intervals by writers held the truth less often than they say: see pipeline/intervals.py


def tables(sheets: Metrics, merge: Metrics, evaluation: Metrics, out_of_fold: Metrics) -> Group:
    """Return the closing tables.

    Parameters
    ----------
    sheets, merge, evaluation, out_of_fold
        What ``metrics/sheets.json``, ``metrics/merge.json``, ``metrics/evaluate.json`` and
        ``metrics/out_of_fold.json`` hold.
    """
    return Group(
        _photos(sheets),
        _accuracy(sheets, merge, evaluation),
        _writers(sheets, evaluation, out_of_fold["sources"]),
        _surely(sheets, evaluation),
        _tracked(sheets, evaluation),
    )


def shown_name(source: str, sheets: Metrics, measured: Iterable[str] | None = None) -> str:
    """Return the source's name, marked where its digits were drawn by the simulator and not by people.

    Parameters
    ----------
    source
        ``mnist``, a collection's name, or ``handwriting``: all collections together.
    sheets
        What ``metrics/sheets.json`` holds; a simulated collection has ``"simulated": true`` there.
    measured
        The sources that numbers are shown of, since not every collection has test digits; None: all.
    """
    kind = _kind(_members(source, sheets["collections"] if measured is None else measured), sheets)
    return f"{source} ({kind})" if kind else source


def _members(source: str, measured: Iterable[str]) -> list[str]:
    return list(measured) if source == HANDWRITING else [source]


def _kind(names: Iterable[str], sheets: Metrics) -> str:
    """Return what the digits of these sources are: ``simulated``, ``partly simulated``, or nothing to mark."""
    entries = [sheets["collections"][name] for name in names if name in sheets["collections"]]
    drawn = {bool(entry.get("simulated")) for entry in entries if entry["digits"]}
    return "" if True not in drawn else "partly simulated" if False in drawn else "simulated"


def _marked(cell: str, names: Iterable[str], tested: Iterable[str], sheets: Metrics) -> str:
    """Mark a cell whose digits are of another kind than the test digits that its row is named by."""
    kind = _kind(names, sheets)
    return cell if kind == _kind(tested, sheets) else f"{cell} ({kind or 'written by people'})"


def _photos(sheets: Metrics) -> Table:
    table = _table("Photos", ("collection", "photos", "digits", "rejects"), words=("why",))
    for name, entry in sheets["collections"].items():
        _add(table, shown_name(name, sheets), *_photo_cells(entry))
    if len(sheets["collections"]) != 1:
        _add(table, "all", *_photo_cells(sheets))
    return table


def _photo_cells(entry: Metrics) -> tuple[str, ...]:
    reasons = sorted(entry["reasons"].items(), key=lambda item: (-item[1], item[0]))
    why = ", ".join(f"{reason} {count:,}" for reason, count in reasons if count)
    return f"{entry['photos']:,}", f"{entry['digits']:,}", f"{entry['rejects']:,}", why


def _accuracy(sheets: Metrics, merge: Metrics, evaluation: Metrics) -> Table:
    table = _table("Accuracy on test digits", ("source", "train", "test", "errors", "accuracy", "95% interval"))
    collections = sorted(name for name in merge["digits"] if name != MNIST)
    for name in [MNIST, *collections, HANDWRITING]:
        members = {one: merge["digits"][one] for one in _members(name, collections) if one in merge["digits"]}
        if members:
            tested = [one for one, entry in members.items() if entry["test"]] or list(members)
            trained = [one for one, entry in members.items() if entry["train"]] or tested
            train, test = (f"{sum(entry[split] for entry in members.values()):,}" for split in ("train", "test"))
            counts = _marked(train, trained, tested, sheets), test
            _add(table, shown_name(name, sheets, tested), *counts, *_accuracy_cells(evaluation.get(name)))
    removed = [f"{reason.replace('_', ' ')} {count:,}" for reason, count in merge["removed"].items() if count]
    table.caption = f"not in these counts: {', '.join(removed)}" if removed else None
    return table


def _accuracy_cells(scores: Metrics | None) -> tuple[str, ...]:
    if scores is None:
        return "-", "-", "-"
    return f"{scores['errors']:,}", f"{scores['accuracy']:.2%}", _interval(scores)


def _writers(sheets: Metrics, evaluation: Metrics, out_of_fold: Metrics) -> Table:
    columns = ("source", "writers", "95% interval", "out of fold")
    table = _table("If other people wrote", columns, words=("worst writer, wrong",))
    few = []
    for source, scores in evaluation.items():
        unseen, writers, name = out_of_fold.get(source), scores.get("writers"), shown_name(source, sheets, evaluation)
        cells = (f"{writers['n']:,}", _interval(writers)) if writers else ("-", "-")
        worst = _worst(writers["worst"]) if writers else "-"
        trained, tested = _members(source, out_of_fold), _members(source, evaluation)
        held_back = _marked(f"{unseen['accuracy']:.2%}", trained, tested, sheets) if unseen else "-"
        _add(table, name, *cells, held_back, worst)
        if writers and writers["n"] < FEW_WRITERS:
            few.append(name)
    table.caption = f"too few writers to be sure of the interval: {', '.join(few)}" if few else None
    return table


def _worst(worst: Metrics) -> str:
    return f"{worst['writer']}: {worst['errors']:,} of {worst['n']:,}" if worst["errors"] else "no writer misread"


def _surely(sheets: Metrics, evaluation: Metrics) -> Table:
    table = _table(
        f"Read at {TARGET:.1%}, the rest left to people", ("source", "confidence", "read", "digits", "wrong")
    )
    for source, scores in evaluation.items():
        found, name = scores["selective"], shown_name(source, sheets, evaluation)
        if "threshold" in found:
            confidence = f"{found['threshold']:.4f}"
            _add(table, name, confidence, f"{found['read']:.1%}", f"{found['n']:,}", f"{found['errors']:,}")
        else:
            _add(table, name, "-", "none", "-", "-")
            table.caption = f"too few out-of-fold digits, or too many errors, to say what is read at {TARGET:.1%}"
    return table


def _interval(scores: Metrics) -> str:
    return f"{scores['ci95_low']:.2%} to {scores['ci95_high']:.2%}"


def _tracked(sheets: Metrics, evaluation: Metrics) -> Table:
    table = _table("Tracked digits", ("source", "digit", "recall", "precision"), words=("most often misread as",))
    for source in (MNIST, HANDWRITING):
        name = shown_name(source, sheets, evaluation)
        for digit, scores in evaluation.get(source, {}).get("tracked", {}).items():
            recall, precision = (f"{scores[key]:.1%}" if key in scores else "-" for key in ("recall", "precision"))
            misread = (
                f"{scores['top_confusion']} ({_times(scores['top_confusion_n'])})" if scores["top_confusion_n"] else "-"
            )
            _add(table, name, digit, recall, precision, misread)
            name = ""  # the source stands in its first row only
        table.add_section()
    return table


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _table(title: str, columns: tuple[str, ...], words: tuple[str, ...] = ()) -> Table:
    """Return an empty table: a name, numbers to the right, then words."""
    table = Table(title=title, title_justify="left", title_style="bold", caption_justify="left")
    table.add_column(columns[0])
    for column in columns[1:]:
        table.add_column(column, justify="right")
    for column in words:
        table.add_column(column)
    return table


def _add(table: Table, *cells: str) -> None:
    table.add_row(*(Text(cell) for cell in cells))  # Text: a folder named "[red]" is no markup
