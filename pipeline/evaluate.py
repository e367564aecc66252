"""Stage `evaluate`: the ensemble reads every test digit; its errors are counted, listed and drawn.

Nothing that is decided here reaches the training. What is settled at all, a temperature and a threshold, is settled on
out-of-fold predictions of train digits; test digits are only measured with it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import digits as digit_table
from pipeline import measures, metrics_json, plot_tables, scores, splits
from pipeline import out_of_fold as held_back
from pipeline import params as parameters
from pipeline.atomic import replacing, write_json, write_text
from pipeline.learning.reading import read_digits
from pipeline.prediction_columns import FIELDS, Probabilities, columns_of
from pipeline.stage import run

KEPT = ("id", "source", "writer", "photo", "row", "col", "label")
SCHEMA = pa.schema(
    [
        *(digit_table.SCHEMA.field(name) for name in KEPT),
        pa.field("prediction", pa.uint8(), nullable=False),
        *FIELDS,
    ]
)


def predicted(rows: pa.Table, probabilities: Probabilities) -> pa.Table:
    """Return the prediction table: each test row with the most probable digit (the smallest on a tie) and p0..p9.

    Parameters
    ----------
    rows : pyarrow.Table
        N rows of the digit table.
    probabilities : (N, 10) float32

    Raises
    ------
    ValueError
        If the probabilities have another shape or are not finite.
    """
    if probabilities.shape != (rows.num_rows, len(scores.DIGITS)) or not np.isfinite(probabilities).all():
        raise ValueError(f"expected finite ({rows.num_rows}, 10) probabilities, got {probabilities.shape}")
    source = pa.array(digit_table.strings(rows, "source"), pa.string()).dictionary_encode()
    kept = [source if name == "source" else rows.column(name) for name in KEPT]
    prediction = pa.array(probabilities.argmax(axis=1).astype(np.uint8))
    return pa.Table.from_arrays([*kept, prediction, *columns_of(probabilities)], schema=SCHEMA)


def confusion_csv(labels: scores.Digits, predictions: scores.Digits) -> str:
    """Return `actual,predicted`, a line a digit, as the confusion template of `dvc plots` reads it."""
    lines = (f"{actual},{prediction}" for actual, prediction in zip(labels, predictions, strict=True))
    return "\n".join(["actual,predicted", *lines]) + "\n"


def evaluated(predictions: pa.Table, tracked: Sequence[int], settled: measures.Settled) -> dict[str, dict[str, Any]]:
    """Return what `metrics/evaluate.json` holds, from the prediction table."""
    return measures.by_source(measures.Answers.of(predictions), tracked, settled)


def save_predictions(predictions: pa.Table, path: Path) -> None:
    """Write the prediction table as parquet; the same rows give the same bytes."""
    with replacing(path) as draft:
        pq.write_table(predictions, draft, row_group_size=digit_table.ROW_GROUP, compression="lz4", store_schema=True)


def save_confusion(predictions: pa.Table, folder: Path) -> None:
    """Write a CSV a test source, in a folder that holds nothing else."""
    with replacing(folder) as draft:
        draft.mkdir()
        for name, group in measures.Answers.of(predictions).groups.items():
            text = confusion_csv(group.labels, group.predictions)
            (draft / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")


def main(
    params: Path,
    *,
    digits: Path,
    models: Path,
    out_of_fold: Path,
    sheets_metrics: Path,
    merge_metrics: Path,
    metrics: Path,
    out_of_fold_metrics: Path,
    predictions: Path,
    confusion: Path,
    reliability: Path,
    by_digit: Path,
    galleries: Path,
) -> None:
    """Read the test digits with the mean of the fold models and report how well that went."""
    from rich.console import Console

    from pipeline.pictures import summary, tested

    chosen = parameters.load(params)
    tracked = chosen.evaluate.tracked_digits
    sheets, merge = metrics_json.load(sheets_metrics), metrics_json.load(merge_metrics)
    table = digit_table.load(digits)
    rows, unseen = splits.test_rows(table), held_back.load(out_of_fold, table)
    settled = measures.Settled.on(measures.Answers.of(unseen))
    images = digit_table.images(rows)
    read = predicted(rows, read_digits(images, models, chosen.train.device, title="evaluate"))
    answers, report = measures.Answers.of(read), evaluated(read, tracked, settled)
    of_unseen = {"temperature": settled.temperature, "sources": evaluated(unseen, tracked, settled)}
    save_predictions(read, predictions)
    save_confusion(read, confusion)
    write_text(reliability, plot_tables.reliability_csv(answers, settled.temperature))
    write_text(by_digit, plot_tables.by_digit_csv(report))
    tested.draw(galleries, answers, images, tracked=tracked, temperature=settled.temperature, sheets=sheets)
    write_json(metrics, report)
    write_json(out_of_fold_metrics, of_unseen)
    Console().print(summary.tables(sheets, merge, report, of_unseen))


if __name__ == "__main__":
    run(main)
