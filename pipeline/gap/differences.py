"""By how much a collection's digits differ from MNIST's in each measured property, label by label, and in words."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.gap.properties import NAMES, PROPERTIES, Measures, Property

SMALL = 0.2  # of a spread: what J. Cohen, "Statistical Power Analysis for the Behavioral Sciences" (1988), calls small
SURE = 2.0  # standard errors that a difference must have to be said
ONE_WAY = 0.8  # of how far digits are off the centre: if they are off to one side by this, the side alone is said
NOTHING = "no measured property differs from MNIST's by a fifth of its spread"

Column = NDArray[np.float64]
"""(11,): a number for each property."""


@dataclass(frozen=True)
class Measured:
    """N digits of one source.

    Attributes
    ----------
    measures : (N, 11) float64
    labels : (N,) integers in 0..9
    """

    measures: Measures
    labels: NDArray[np.integer]


@dataclass(frozen=True)
class Differences:
    """How a collection's digits differ from MNIST's digits of the same labels.

    Attributes
    ----------
    collection, mnist : (11,) float64
        Means, MNIST's with the collection's share of each label.
    effect : (11,) float64
        The difference over the spread within labels, or over the property's grain where that is more.
    errors : (11,) float64
        The difference over its standard error, digits taken as independent.
    """

    collection: Column
    mnist: Column
    effect: Column
    errors: Column

    @property
    def difference(self) -> Column:
        """(11,): the collection's mean less MNIST's."""
        return self.collection - self.mnist


def compared(collection: Measured, mnist: Measured) -> Differences | None:
    """Return how the collection differs, by the labels that both have, or None where they share none.

    The spread is that of Cohen's d: the root of the mean of both variances, here within labels.
    """
    shared = np.intersect1d(collection.labels, mnist.labels)
    if not shared.size:
        return None
    parts = [[source.measures[source.labels == label] for source in (collection, mnist)] for label in shared]
    counts = np.array([[len(part) for part in pair] for pair in parts], np.float64)
    share = (counts[:, 0] / counts[:, 0].sum())[:, None]
    means = np.array([[part.mean(axis=0) for part in pair] for pair in parts])
    variances = np.array([[part.var(axis=0) for part in pair] for pair in parts])
    ours, theirs = (share * means[:, 0]).sum(axis=0), (share * means[:, 1]).sum(axis=0)
    grain = np.array([entry.grain for entry in PROPERTIES])
    spread = np.maximum(np.sqrt((share * variances.mean(axis=1)).sum(axis=0)), grain)
    error = np.sqrt((share[:, None] ** 2 * variances / counts[:, :, None]).sum(axis=(0, 1)))
    difference = ours - theirs
    # A label with a single digit has no spread of its own: the common one stands for it.
    error = np.maximum(error, spread / np.sqrt(counts[:, 0].sum()))
    return Differences(ours, theirs, difference / spread, difference / error)


def sentences(found: Differences) -> list[str]:
    """Return what differs in words, the largest effect first; one sentence where nothing does."""
    difference = dict(zip(NAMES, found.difference, strict=True))
    one_way = np.hypot(difference["centre_right"], difference["centre_down"]) >= ONE_WAY * difference["off_centre"]
    said = [
        _sentence(PROPERTIES[place], found.difference[place])
        for place in np.argsort(-np.abs(found.effect), kind="stable")
        if abs(found.effect[place]) >= SMALL and abs(found.errors[place]) >= SURE
        if not (PROPERTIES[place].name == "off_centre" and one_way)
    ]
    return said or [NOTHING]


def amount(entry: Property, value: float) -> str:
    """Return a difference with its unit and as many decimals as it needs, without its sign."""
    size = abs(value)
    if entry.unit == "px":
        return f"{size:.1f} px" if size >= 0.15 else f"{size:.2f} px"
    if entry.unit == "degrees":
        return f"{size:.0f} degrees" if size >= 2 else f"{size:.1f} degrees"
    if entry.unit == "of 255":
        return f"{size:.0f} levels of 255"
    return f"{size:.1f}%" if entry.unit == "%" else f"{size:.2f}"


def _sentence(entry: Property, difference: float) -> str:
    return (entry.more if difference > 0 else entry.less).format(amount(entry, difference))
