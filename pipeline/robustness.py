"""Stage `robustness`: the ensemble reads test digits that are corrupted in the 15 ways of MNIST-C.

Nothing is chosen by what comes out. To compare networks, give `--models` the folder of each: digits and corruptions
are the same for all, and so are the errors to be counted.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import digits as digit_table
from pipeline import metrics_json, scores, splits, strata
from pipeline import params as parameters
from pipeline.atomic import write_json, write_text
from pipeline.csv_text import csv_text
from pipeline.learning.corruptions.kinds import KINDS, corrupted
from pipeline.learning.reading import read_digits
from pipeline.stage import run

SEED = 0  # the same digits and the same corruptions in every run, so that runs and networks compare
CLEAN = "clean"
PER_SOURCE = 5  # digits in the picture, of MNIST and of handwriting each
TWO_SIDED = NormalDist().inv_cdf(0.975)  # standard deviations on either side that hold 95% of a normal distribution

Predictions = Mapping[str, NDArray[np.uint8]]
"""By corruption, `clean` first: (N,) digits that were read."""


def chosen_rows(table: pa.Table, limit: int) -> pa.Table:
    """Return test rows in the table's order, at most ``limit`` of each source (0: all), each label with its share.

    Raises
    ------
    BadInputError
        If there is no test row.
    """
    return strata.of_each_source(splits.test_rows(table), limit, SEED)


def variants(images: digit_table.Images, ids: Sequence[str]) -> dict[str, digit_table.Images]:
    """Return the digits as they are, as ``clean``, and corrupted in each way."""
    return {CLEAN: images, **{kind: corrupted(kind, images, ids, SEED) for kind in KINDS}}


def predicted(
    shown: Mapping[str, digit_table.Images], read: Callable[[digit_table.Images], NDArray[np.float32]]
) -> Predictions:
    """Return what is read: the most probable digit of each image, the smallest on a tie."""
    best = read(np.concatenate(list(shown.values()))).argmax(axis=1).astype(np.uint8)
    return dict(zip(shown, np.split(best, len(shown)), strict=True))


def robustness(labels: scores.Digits, sources: Sequence[str], predictions: Predictions) -> dict[str, dict[str, Any]]:
    """Return what `metrics/robustness.json` holds: by source, how many corrupted digits are read right.

    ``mean_accuracy`` is that of the 15 corruptions; its interval is that of a mean over digits, each with the share of
    its corruptions that were read right, and never narrower than Wilson's for as many independent readings: where all
    digits have one share nothing varies, which does not make it certain. All other intervals are Wilson's.
    """
    right = {name: read == labels for name, read in predictions.items()}
    return {name: _of_source({kind: r[of] for kind, r in right.items()}) for name, of in scores.groups(sources).items()}


def _of_source(right: Mapping[str, NDArray[np.bool_]]) -> dict[str, Any]:
    by_kind = {kind: _accuracy(column) for kind, column in right.items() if kind != CLEAN}
    readings = np.array([right[kind] for kind in by_kind])
    share = readings.mean(axis=0)
    mean, reach = float(share.mean()), TWO_SIDED * float(share.std()) / math.sqrt(len(share))
    least, most = scores.wilson(int(readings.sum()), readings.size)
    worst = min(by_kind, key=lambda kind: by_kind[kind]["accuracy"])  # the first on a tie
    return {
        "n": len(share),
        "clean": _accuracy(right[CLEAN]),
        "mean_accuracy": round(mean, scores.DECIMALS),
        "mean_ci95_low": round(max(min(mean - reach, least), 0), scores.DECIMALS),
        "mean_ci95_high": round(min(max(mean + reach, most), 1), scores.DECIMALS),
        "worst": {"corruption": worst, "accuracy": by_kind[worst]["accuracy"]},
        "corruption": by_kind,
    }


def _accuracy(right: NDArray[np.bool_]) -> dict[str, Any]:
    n, count = len(right), int(right.sum())
    low, high = (round(end, scores.DECIMALS) for end in scores.wilson(count, n))
    return {"errors": n - count, "accuracy": round(count / n, scores.DECIMALS), "ci95_low": low, "ci95_high": high}


def accuracy_csv(report: Mapping[str, Mapping[str, Any]]) -> str:
    """Return `source,corruption,accuracy`, for `dvc plots`: a line for each source and corruption, `clean` first."""
    return csv_text(
        ("source", "corruption", "accuracy"),
        (
            (source, kind, entry["accuracy"])
            for source, found in report.items()
            for kind, entry in {CLEAN: found["clean"], **found["corruption"]}.items()
        ),
    )


def shown_places(labels: NDArray[np.uint8], sources: Sequence[str], ids: Sequence[str]) -> NDArray[np.intp]:
    """Return the places of some digits of MNIST, then some of handwriting, for the picture; of ten labels if it can."""
    found, places = scores.groups(sources), list[int]()
    for name in (scores.MNIST, scores.HANDWRITING):
        members = np.flatnonzero(found.get(name, False))
        ordered = strata.chosen([ids[int(place)] for place in members], labels[members], 2 * len(scores.DIGITS), SEED)
        odd = len(places) > 0  # the second five show the labels that the first five do not
        by_label = sorted(members[ordered], key=lambda place: ((labels[place] + odd) % 2, labels[place]))
        seen = dict[int, int]()
        for place in by_label:
            seen.setdefault(int(labels[place]), int(place))
        places += list(seen.values())[:PER_SOURCE]
    return np.array(places, np.intp)


def main(
    params: Path,
    *,
    digits: Path,
    models: Path,
    sheets_metrics: Path,
    metrics: Path,
    accuracies: Path,
    picture: Path,
) -> None:
    """Corrupt some test digits of each source, read them with the mean of the fold models and count the errors."""
    from pipeline.pictures import robustness as drawn
    from pipeline.pictures.summary import shown_name

    chosen = parameters.load(params)
    sheets = metrics_json.load(sheets_metrics)
    rows = chosen_rows(digit_table.load(digits), chosen.evaluate.robustness_digits)
    labels, ids, sources = digit_table.labels(rows), rows.column("id").to_pylist(), rows.column("source").to_pylist()
    shown = variants(digit_table.images(rows), ids)
    read = predicted(shown, lambda images: read_digits(images, models, chosen.train.device, title="robustness"))
    report = robustness(labels, sources, read)
    places = shown_places(labels, sources, ids)
    tiles = {kind: drawn.Tiles(shown[kind][places], read[kind][places]) for kind in shown}
    both = [name for name in (scores.MNIST, scores.HANDWRITING) if name in report]
    columns = {shown_name(name, sheets, report): report[name] for name in both}
    drawn.draw(picture, tiles, labels[places], columns)
    write_text(accuracies, accuracy_csv(report))
    write_json(metrics, report)


if __name__ == "__main__":
    run(main)
