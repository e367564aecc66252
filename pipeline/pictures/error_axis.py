"""An axis of accuracies near 1 on which halving the errors is always the same step."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

SHOWN = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)  # error rates at ticks
SMALLEST = SHOWN[-1]  # an error rate below this, 0 above all, is drawn here: a logarithm has no 0
MARGIN = 1.15  # of the smallest and the largest error rate


def error(accuracy: float) -> float:
    """Return where an accuracy in 0..1 stands: its error rate, at least 0.0001."""
    return max(1 - accuracy, SMALLEST)


def accuracy_axis(axes: "Axes", label: str, accuracies: list[float]) -> None:
    """Make the y axis logarithmic in the error rate, better upwards, ticks labelled with the accuracy.

    Parameters
    ----------
    axes : Axes
        On which accuracies are drawn at :func:`error` of each.
    label : str
        What the accuracies are of.
    accuracies : list of float
        All that must be within the axis, 0..1; at least one.
    """
    axes.set_yscale("log")
    rates = [error(accuracy) for accuracy in accuracies]
    axes.set_ylim(max(rates) * MARGIN, min(rates) / MARGIN)
    put_ticks(axes.yaxis, SHOWN, [percent(1 - rate) for rate in SHOWN])
    axes.set_ylabel(label)


def put_ticks(axis: "Axis", places: Sequence[float], texts: Sequence[str]) -> None:
    """Put ticks with these texts at these places, and no others, on a logarithmic axis."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    axis.set_major_locator(FixedLocator(places))
    axis.set_major_formatter(FixedFormatter(texts))
    axis.set_minor_locator(NullLocator())


def percent(share: float) -> str:
    """Return a share in percent with the decimals that it needs, at most two: 99%, 99.5%, 99.95%."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"
