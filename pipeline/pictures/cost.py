"""Accuracy on the official MNIST test set against what the training cost: one point a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.pictures import labels
from pipeline.pictures.error_axis import accuracy_axis, error
from pipeline.pictures.figure import drawing
from pipeline.published import OFFICIAL_MNIST_TEST, PUBLISHED
from pipeline.runs import ORDER, Score
from pipeline.scores import MNIST

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Cost = Literal["seconds", "multiply-adds"]

# After Okabe and Ito, "Color universal design" (2008), which colour-blind people tell apart, in the order of the
# architectures; their pale yellow, orange and blue, hard to read as text, are an ochre, a purple and a brown here.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc6699", "#b07d00", "#7b3f9e", "#000000", "#8c6d31")
COLOUR = dict(zip(ORDER, COLOURS, strict=True))  # by architecture
LEFT = 0.085  # of the figure's width: where the axes begin
ROOM = 2.5  # times the smallest and the largest cost, for names


def shown(scores: Sequence[Score], cost: Cost) -> list[Score]:
    """Return what the picture shows: the official MNIST test; by seconds, only what a CPU trained."""
    official = [s for s in scores if s.first.source == MNIST and s.first.n == OFFICIAL_MNIST_TEST]
    return [s for s in official if cost == "multiply-adds" or all(r.device == "cpu" for r in s.results)]


def cost_of(score: Score, cost: Cost) -> float:
    """Return processor seconds or multiply-adds of a training, all folds, mean over the seeds; at least 1."""
    return max(1.0, score.processor_seconds if cost == "seconds" else score.training_multiply_adds)


def draw(path: Path, scores: Sequence[Score], cost: Cost) -> None:
    """Draw the picture.

    Parameters
    ----------
    path : Path
        PNG file to create or replace.
    scores : sequence of Score
        What :func:`shown` returned; at least one.
    cost : {"seconds", "multiply-adds"}
        What the x axis shows.
    """
    with drawing(path, 10.5, 6.6) as figure:
        axes = figure.add_axes((LEFT, 0.09, 0.75, 0.8))
        _axes(axes, scores, cost)
        _reports(axes, {score.first.architecture for score in scores})
        points = [(cost_of(score, cost), error(score.accuracy)) for score in scores]
        for score, (x, y) in zip(scores, points, strict=True):
            _point(axes, score, x, y)
        colours = [COLOUR[score.first.architecture] for score in scores]
        bars = [(error(score.interval[0]), error(score.interval[1])) for score in scores]
        labels.place(axes, points, bars, [name(score) for score in scores], colours)
        figure.text(LEFT, 0.95, "Accuracy and training cost", fontsize=13, fontweight="bold")
        how = "filled: our recipe, hollow: the report's; bars: 95% intervals; right: what the reports state"
        figure.text(LEFT, 0.918, how, fontsize=9, color="#555555")


def name(score: Score) -> str:
    """Return a run's name, with its number of seeds where it has several."""
    return f"{score.first.name} ({len(score.results)} seeds)" if len(score.results) > 1 else score.first.name


def _axes(axes: "Axes", scores: Sequence[Score], cost: Cost) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    costs = [cost_of(score, cost) for score in scores]
    axes.set_xscale("log")
    axes.set_xlim(min(costs) / ROOM, max(costs) * ROOM)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if cost == "seconds" else (1.0,), numticks=50))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}" if x < 1e6 else f"{x:.0e}".replace("+", "")))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(x_label(scores, cost))
    reached = [end for score in scores for end in (score.accuracy, *score.interval)]
    arches = {score.first.architecture for score in scores}
    reached += [p.accuracy for p in PUBLISHED if p.source == MNIST and p.architecture in arches]
    label = f"accuracy on the {OFFICIAL_MNIST_TEST:,} official MNIST test digits (log scale of the errors)"
    accuracy_axis(axes, label, reached)
    axes.grid(which="major", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def x_label(scores: Sequence[Score], cost: Cost) -> str:
    """Return what the x axis shows, and where it was measured."""
    if cost == "multiply-adds":
        return "multiply-adds of the training, all folds (3 x one network's x digits seen)"
    machines = {result.processor for score in scores for result in score.results}
    where = machines.pop() if len(machines) == 1 else f"{len(machines)} kinds of processor"
    return f"processor seconds of the training, all folds ({where})"


def _point(axes: "Axes", score: Score, x: float, y: float) -> None:
    colour = COLOUR[score.first.architecture]
    low, high = (error(end) for end in reversed(score.interval))  # of the error rate
    axes.plot([x, x], [low, high], color=colour, linewidth=1.6, alpha=0.4, solid_capstyle="butt", zorder=3)
    face = "white" if score.first.recipe == "report" else colour
    axes.plot([x], [y], marker="o", markersize=7.5, color=colour, markerfacecolor=face, markeredgewidth=1.8, zorder=4)


def _reports(axes: "Axes", architectures: set[str]) -> None:
    """Mark what the reports reached at the right edge; those that reached the same share a tick."""
    figures: dict[float, list[str]] = {}
    for one in PUBLISHED:
        if one.source == MNIST and one.architecture in architectures:
            figures.setdefault(one.accuracy, []).append(one.architecture)
    for accuracy, names in figures.items():
        y, colour = error(accuracy), COLOUR[names[0]] if len(names) == 1 else "#555555"
        edge = axes.get_yaxis_transform()  # x in 0..1 of the axes' width
        axes.plot([0.965, 1.0], [y, y], color=colour, linewidth=2.2, transform=edge, clip_on=False, zorder=4)
        text = "\n".join([f"{accuracy:.2%} {names[0]}", *names[1:]])
        axes.text(1.012, y, text, transform=edge, va="center", fontsize=8.5, color=colour)
