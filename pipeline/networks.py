"""The networks as tables for people: what each is made of and costs, what its report states and what ours reached."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from pipeline import published, runs
from pipeline.results import Result, read
from pipeline.runs import Score
from pipeline.scores import HANDWRITING, MNIST

CONVENTION = (
    "One multiply-add is one use of one weight of a convolution or dense layer, for one digit; biases, norms, "
    "activations and pooling are not counted."
)

# Test digits for which figures are shown: a name, their source, and whether MNIST alone was trained on (None: either).
TESTS: tuple[tuple[str, str, bool | None], ...] = (
    ("MNIST", MNIST, None),
    ("handwriting", HANDWRITING, True),
    ("handwriting*", HANDWRITING, False),
)


def every(results: Path) -> Group:
    """Return the tables of all networks. Raises BadInputError if the results are not valid; there need be none."""
    from pipeline.learning.anatomy import anatomy
    from pipeline.learning.architectures import ARCHITECTURES

    scores = runs.scores_of(read(results, Result))
    costs, figures = _table("Networks"), _table("Accuracy on test digits")
    _columns(costs, "network", ">parameters", ">multiply-adds", "source")
    _columns(figures, "network", "test", ">report's", ">our best", "recipe", "run")
    for name, architecture in ARCHITECTURES.items():
        parts = anatomy(name)
        _add(costs, name, f"{parts.parameters:,}", f"{parts.multiply_adds:,}", architecture.source)
        for index, row in enumerate(figures_of(scores, name)):
            _add(figures, "" if index else name, *row)
    note = (
        "MNIST: its official 10,000 test digits. *: trained on handwriting too. "
        f"Our best: the most accurate run in {results}, the mean of its seeds."
    )
    return Group(costs, Text(CONVENTION, style="dim"), Text(), figures, Text(note, style="dim"))


def figures_of(scores: Sequence[Score], architecture: str) -> list[tuple[str, ...]]:
    """Return test, the report's accuracy, our best, its recipe and its run; a row for MNIST, and for what there is."""
    rows: list[tuple[str, ...]] = []
    for test, source, alone in TESTS:
        stated = [p for p in published.PUBLISHED if (p.architecture, p.source) == (architecture, source)]
        theirs = next((f"{p.accuracy:.2%}" for p in stated if alone in (None, p.mnist_alone)), "-")
        best = runs.best(scores, architecture, source, mnist_alone=alone)
        ours = ("-", "-", "-") if best is None else (f"{best.accuracy:.2%}", best.first.recipe, best.first.name)
        if source == MNIST or theirs != "-" or best is not None:
            rows.append((test, theirs, *ours))
    return rows


def one(name: str) -> Group:
    """Return the table of a network's layers, its totals and its source.

    Raises
    ------
    BadInputError
        If there is no such network; names the nearest.
    """
    runs.named([name], runs.ORDER, "a network")
    from pipeline.learning.anatomy import anatomy
    from pipeline.learning.architectures import ARCHITECTURES

    parts = anatomy(name)
    table = _table(name)
    _columns(table, "place", "layer", ">output", ">parameters", ">multiply-adds")
    for layer in parts.layers:
        shape = "x".join(map(str, layer.shape))
        counts = (f"{count:,}" if count else "" for count in (layer.parameters, layer.multiply_adds))
        _add(table, layer.place, layer.what, shape, *counts)
    table.add_section()
    _add(table, "", "all", "", f"{parts.parameters:,}", f"{parts.multiply_adds:,}")
    source = Text(f"Source: {ARCHITECTURES[name].source}.")
    return Group(table, source, Text(CONVENTION, style="dim"), Text(), _recipes(name))


def _recipes(name: str) -> Table:
    """Return what `auto` means in params.yaml's train section, by `train.recipe`."""
    from pipeline.learning.recipes import REPORTS, recipe_named

    ours = asdict(recipe_named(name, "ours"))
    report = asdict(recipe_named(name, "report")) if name in REPORTS else {}
    table = _table("Recipes: what `auto` means for it")
    _columns(table, "key", "ours", *(["report"] if report else []))
    for key, value in ours.items():
        _add(table, f"train.{key}", str(value), *([str(report[key])] if report else []))
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))


def _columns(table: Table, *names: str) -> None:
    """Add columns; one whose name begins with ``>`` holds numbers."""
    for name in names:
        number = name.startswith(">")
        whole = number or name == "network"
        table.add_column(name.lstrip(">"), justify="right" if number else "left", no_wrap=whole, overflow="fold")


def _add(table: Table, *cells: str) -> None:
    table.add_row(*(Text(cell) for cell in cells))
