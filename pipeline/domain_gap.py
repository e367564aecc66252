"""Stage `domain_gap`: how a collection's digits differ from MNIST's, and how well that tells them apart.

A bad setting of the reader shows here by name, before it shows as a lower accuracy. Train and test rows are looked at
alike, since nothing is chosen by what comes out: at most `evaluate.gap_digits` rows of each source, by their ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import digits as digit_table
from pipeline import metrics_json, scores, strata
from pipeline import params as parameters
from pipeline.atomic import write_json
from pipeline.errors import BadInputError
from pipeline.gap.differences import Differences, Measured, compared, sentences
from pipeline.gap.properties import PROPERTIES, Measures, measured
from pipeline.gap.separation import FOLDS, Auc, Side, principal_components, separation
from pipeline.stage import run

SEED = 0  # the same digits, folds and resamples in every run
FEWEST = 50  # digits of a collection below which no classifier is fitted


@dataclass(frozen=True)
class Sample:
    """N digits of all sources, and what was measured of them.

    Attributes
    ----------
    images : (N, 28, 28) uint8
    labels : (N,) uint8
    sources : N str
    writers : N str or None
    groups : N str
        The writer; or the photo, where he is not known; or the digit alone.
    measures : (N, 11) float64
    """

    images: digit_table.Images
    labels: NDArray[np.uint8]
    sources: Sequence[str]
    writers: Sequence[str | None]
    groups: Sequence[str]
    measures: Measures


def sampled(table: pa.Table, limit: int) -> Sample:
    """Choose at most ``limit`` digits of each source (0: all), each label with its share, and measure them.

    Raises
    ------
    BadInputError
        If there is no digit of MNIST.
    """
    if scores.MNIST not in digit_table.strings(table, "source"):
        raise BadInputError("expected digits of MNIST to compare with, got none; put `mnist` into merge.train_sources")
    rows = strata.of_each_source(table, limit, SEED)
    writers, photos, ids = (digit_table.strings(rows, name) for name in ("writer", "photo", "id"))
    named = zip(writers, photos, ids, strict=True)
    groups = [writer or (f"photo {photo}" if photo else f"digit {name}") for writer, photo, name in named]
    images, sources = digit_table.images(rows), rows.column("source").to_pylist()
    return Sample(images, digit_table.labels(rows), sources, writers, groups, measured(images))


def gaps(digits: Sample) -> dict[str, dict[str, Any]]:
    """Return what `metrics/domain_gap.json` holds: for each collection, and for all of them as ``handwriting``.

    ``auc`` is the chance that a classifier by the measured properties orders a pair right, one digit of the collection
    and one of MNIST with its label; ``auc_pixels`` the same by the pixels: where it is much more, something differs
    that is not measured. Both are left out below 50 digits or five known writers of the collection.
    """
    groups = scores.groups(digits.sources)
    mnist = groups.pop(scores.MNIST)
    pixels = digits.images.reshape(len(digits.labels), -1) / 255.0
    components = principal_components(pixels) if groups else pixels
    found = {}
    for name, chosen in groups.items():
        differences = compared(*(Measured(digits.measures[of], digits.labels[of]) for of in (chosen, mnist)))
        if differences is not None:
            known = {digits.writers[int(place)] for place in np.flatnonzero(chosen)} - {None}
            enough = chosen.sum() >= FEWEST and len(known) >= FOLDS
            told = _told_apart(digits, components, chosen, mnist) if enough else {}
            counts = {"n": int(chosen.sum()), "mnist_n": int(mnist.sum())}
            found[name] = {**counts, **told, "says": sentences(differences), "property": properties(differences)}
    return found


def properties(found: Differences) -> dict[str, dict[str, Any]]:
    """Return each property's means, difference, effect and unit."""
    columns = zip(PROPERTIES, found.collection, found.mnist, found.difference, found.effect, strict=True)
    names = ("collection", "mnist", "difference", "effect")
    return {
        entry.name: {**{name: _rounded(value) for name, value in zip(names, values, strict=True)}, "unit": entry.unit}
        for entry, *values in columns
    }


def _told_apart(
    digits: Sample, components: NDArray[np.float64], chosen: NDArray[np.bool_], mnist: NDArray[np.bool_]
) -> dict[str, float]:
    def auc(features: NDArray[np.float64]) -> Auc | None:
        ours, theirs = (
            Side(features[of], digits.labels[of], [digits.groups[int(place)] for place in np.flatnonzero(of)])
            for of in (chosen, mnist)
        )
        return separation(ours, theirs, SEED)

    measures, pixels = auc(digits.measures), auc(components)
    if measures is None or pixels is None:
        return {}
    named = {"auc": measures.value, "auc_ci95_low": measures.low, "auc_ci95_high": measures.high}
    return {name: _rounded(value) for name, value in {**named, "auc_pixels": pixels.value}.items()}


def _rounded(value: float) -> float:
    return round(float(value), scores.DECIMALS) + 0.0  # + 0.0: never -0.0


def main(params: Path, *, digits: Path, sheets_metrics: Path, metrics: Path, picture: Path) -> None:
    """Measure digits of every source and compare each collection with MNIST."""
    from pipeline.pictures import domain_gap as drawn
    from pipeline.pictures.summary import shown_name

    chosen = parameters.load(params)
    sheets = metrics_json.load(sheets_metrics)
    looked = sampled(digit_table.load(digits), chosen.evaluate.gap_digits)
    report = gaps(looked)
    groups = scores.groups(looked.sources)
    typical = {
        name: drawn.typical(looked.images[of], looked.measures[of], looked.labels[of]) for name, of in groups.items()
    }
    panels = [
        drawn.Panel(shown_name(name, sheets, report), report[name], typical[scores.MNIST], typical[name])
        for name in scores.distinct(report)
    ]
    drawn.draw(picture, panels)
    write_json(metrics, report)


if __name__ == "__main__":
    run(main)
