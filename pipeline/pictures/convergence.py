"""How fast networks learn: validation loss and accuracy after each epoch, and after each second of processor time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from pipeline.pictures.cost import COLOUR
from pipeline.pictures.error_axis import accuracy_axis, error
from pipeline.pictures.figure import drawing
from pipeline.results import Epoch, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NEARLY = 1.1  # times the fewest errors: in which epoch the very fewest come is chance
STYLES = ("-", "--", ":", "-.")  # of runs of one architecture, one after the other


@dataclass(frozen=True)
class Course:
    """How one run went, its folds and seeds together."""

    result: Result  # of any test source and seed
    epochs: tuple[Epoch, ...]  # at least one

    @property
    def name(self) -> str:
        """The run's name."""
        return self.result.name

    @cached_property
    def folds(self) -> list[list[Epoch]]:
        """The epochs of each network, in order."""
        networks: dict[tuple[int, int], list[Epoch]] = {}
        for row in sorted(self.epochs, key=lambda row: row.key):
            networks.setdefault((row.seed, row.fold), []).append(row)
        return list(networks.values())

    @cached_property
    def mean(self) -> list[tuple[float, float, float, float]]:
        """Epoch, processor seconds, validation loss and accuracy: means, for as long as all networks trained."""
        return [
            (
                fmean(row.epoch for row in rows),
                fmean(row.processor_seconds for row in rows),
                fmean(row.validation_loss for row in rows),
                fmean(row.validation_accuracy for row in rows),
            )
            for rows in zip(*self.folds, strict=False)  # early stopping: folds are of different lengths
        ]

    @property
    def epoch_seconds(self) -> float:
        """Processor seconds that one network needs for one epoch."""
        return self.mean[-1][1] / self.mean[-1][0]

    def reaches(self, accuracy: float) -> tuple[float, float] | None:
        """Return epoch and processor seconds after which the mean is at least so accurate; None if it never is."""
        return next(((epoch, seconds) for epoch, seconds, _, reached in self.mean if reached >= accuracy), None)


def courses(names: Sequence[str], results: Sequence[Result], epochs: Sequence[Epoch]) -> list[Course]:
    """Return how the named runs went, in the order of the names; a run without curves is left out."""
    found = []
    for name in names:
        rows = tuple(row for row in epochs if row.name == name)
        of_run = [result for result in results if result.name == name]
        if rows and of_run:
            found.append(Course(of_run[0], rows))
    return found


def comparison(large: Course, small: Course) -> list[str]:
    """Return what the second run saves beside the first, a line each: parameters, time an epoch, epochs and time.

    The accuracy to reach has a tenth more errors than the best mean of the worse run.
    """
    best = min(max(reached for *_, reached in course.mean) for course in (large, small))
    level = 1 - NEARLY * (1 - best)
    lines = [
        f"{small.name} beside {large.name}: {_times(large.result.parameters, small.result.parameters)} parameters, "
        f"{_times(large.epoch_seconds, small.epoch_seconds)} processor seconds an epoch "
        f"({small.epoch_seconds:,.0f} and {large.epoch_seconds:,.0f})",
    ]
    first, second = large.reaches(level), small.reaches(level)
    if first and second:
        lines.append(
            f"mean validation accuracy {level:.2%}: after {second[0]:g} and {first[0]:g} epochs, "
            f"{second[1]:,.0f} and {first[1]:,.0f} processor seconds a fold"
        )
    return lines


def _times(large: float, small: float) -> str:
    if min(large, small) <= 0:
        return "incomparably many"
    ratio = large / small
    return f"{ratio:.1f} times fewer" if ratio >= 1 else f"{1 / ratio:.1f} times more"


def draw(path: Path, shown: Sequence[Course]) -> None:
    """Draw loss and accuracy on validation digits: pale lines are folds, strong ones their mean.

    Parameters
    ----------
    path : Path
        PNG file to create or replace.
    shown : sequence of Course
        At least one. Where it is two, the picture says what :func:`comparison` does.
    """
    with drawing(path, 10.5, 8.2) as figure:
        grid = figure.subplots(2, 2, sharex="col", sharey="row")
        figure.subplots_adjust(left=0.085, right=0.975, bottom=0.07, top=0.865, wspace=0.06, hspace=0.08)
        for axes, across, height in zip(grid.flat, (0, 1, 0, 1), (2, 2, 3, 3), strict=True):
            for index, course in enumerate(shown):
                style = STYLES[[c.result.architecture for c in shown[:index]].count(course.result.architecture) % 4]
                _lines(axes, course, across, height, style)
            axes.grid(color="#e4e4e4", linewidth=0.8)
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
        _label(grid[0, 0], grid[1, 0], grid[1, 1], shown)
        grid[0, 0].legend(loc="upper right", frameon=False)
        figure.text(0.085, 0.955, "How fast they learn", fontsize=13, fontweight="bold")
        lines = comparison(*shown) if len(shown) == 2 else []
        said = "pale: each fold; strong: mean of the folds, while all trained"
        figure.text(0.085, 0.882, "\n".join([*lines, said]), fontsize=9, color="#555555", linespacing=1.45)


def _lines(axes: "Axes", course: Course, across: int, height: int, style: str) -> None:
    colour = COLOUR[course.result.architecture]
    for fold in course.folds:
        rows = [(row.epoch, row.processor_seconds, row.validation_loss, row.validation_accuracy) for row in fold]
        axes.plot(*_columns(rows, across, height), color=colour, linewidth=0.9, alpha=0.3, linestyle=style)
    axes.plot(
        *_columns(course.mean, across, height),
        color=colour,
        linewidth=2.2,
        linestyle=style,
        marker="o" if len(course.mean) == 1 else None,
        label=course.name,
    )


def _columns(rows: Sequence[tuple[float, ...]], across: int, height: int) -> tuple[list[float], list[float]]:
    return [row[across] for row in rows], [error(row[height]) if height == 3 else row[height] for row in rows]


def _label(losses: "Axes", accuracies: "Axes", times: "Axes", shown: Sequence[Course]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    losses.set_yscale("log")
    losses.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0), numticks=50))
    losses.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    losses.yaxis.set_minor_locator(NullLocator())
    losses.set_ylabel("validation loss (log scale)")
    reached = [row.validation_accuracy for course in shown for row in course.epochs]
    accuracy_axis(accuracies, "validation accuracy (log scale of the errors)", reached)
    accuracies.set_xlabel("epoch")
    accuracies.xaxis.set_major_locator(MaxNLocator(integer=True))
    machines = {course.result.processor for course in shown}
    times.set_xlabel(f"processor seconds of one fold ({machines.pop() if len(machines) == 1 else 'several machines'})")
    times.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
