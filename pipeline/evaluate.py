"""Stage `evaluate`: the ensemble reads every test digit; its errors are counted, listed and drawn.

Nothing here looks at a train row, and nothing that is decided here reaches the training.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline import digits as digit_table
from pipeline import params as parameters
from pipeline import scores
from pipeline.atomic import replacing, write_json
from pipeline.errors import BadInputError
from pipeline.learning.reading import read_digits
from pipeline.stage import run

KEPT = ("id", "source", "writer", "photo", "row", "col", "label")
SCHEMA = pa.schema(
    [
        *(digit_table.SCHEMA.field(name) for name in KEPT),
        pa.field("prediction", pa.uint8(), nullable=False),
        *(pa.field(f"p{digit}", pa.float32(), nullable=False) for digit in scores.DIGITS),
    ]
)

Probabilities = NDArray[np.float32]
"""(N, 10): for each digit image, the probability of each digit."""


def test_rows(table: pa.Table) -> pa.Table:
    """Return the test rows in the table's order.

    Raises
    ------
    BadInputError
        If there are none.
    """
    chosen = table.filter(pa.array([split == "test" for split in digit_table.strings(table, "split")], pa.bool_()))
    if not chosen.num_rows:
        raise BadInputError("expected at least one test digit, got none; raise `merge.test_fraction` or add photos")
    return chosen.combine_chunks()


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
    columns = [np.ascontiguousarray(column, dtype=np.float32) for column in probabilities.T]
    prediction = probabilities.argmax(axis=1).astype(np.uint8)
    return pa.Table.from_arrays([*kept, pa.array(prediction), *map(pa.array, columns)], schema=SCHEMA)


def confusion_csv(labels: scores.Digits, predictions: scores.Digits) -> str:
    """Return `actual,predicted`, a line a digit, as the confusion template of `dvc plots` reads it."""
    lines = (f"{actual},{prediction}" for actual, prediction in zip(labels, predictions, strict=True))
    return "\n".join(["actual,predicted", *lines]) + "\n"


def evaluated(predictions: pa.Table, tracked: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Return what `metrics/evaluate.json` holds, from the prediction table."""
    return scores.by_source(*_labels_and_predictions(predictions), _sources(predictions), tracked)


def save_predictions(predictions: pa.Table, path: Path) -> None:
    """Write the prediction table as parquet; the same rows give the same bytes."""
    with replacing(path) as draft:
        pq.write_table(predictions, draft, row_group_size=digit_table.ROW_GROUP, compression="lz4", store_schema=True)


def save_confusion(predictions: pa.Table, folder: Path) -> None:
    """Write a CSV a test source, in a folder that holds nothing else."""
    labels, read = _labels_and_predictions(predictions)
    with replacing(folder) as draft:
        draft.mkdir()
        for name, chosen in scores.groups(_sources(predictions)).items():
            text = confusion_csv(labels[chosen], read[chosen])
            (draft / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")


def save_pictures(predictions: pa.Table, images: digit_table.Images, folder: Path, sheets: dict[str, Any]) -> None:
    """Draw a confusion table a test source and the galleries, in a folder that holds nothing else."""
    from pipeline.pictures import confusion, gallery
    from pipeline.pictures.summary import shown_name

    labels, read = _labels_and_predictions(predictions)
    confidence = np.column_stack([predictions.column(f"p{digit}") for digit in scores.DIGITS]).max(axis=1)
    found = scores.groups(_sources(predictions))
    with replacing(folder) as draft:
        draft.mkdir()
        for name, chosen in found.items():
            counts = scores.confusion(labels[chosen], read[chosen])
            confusion.draw(draft / f"confusion-{name}.png", counts, shown_name(name, sheets))
        for name in (scores.MNIST, scores.HANDWRITING):
            chosen = found.get(name, np.zeros(len(labels), dtype=bool))
            shown = gallery.Read(images[chosen], labels[chosen], read[chosen], confidence[chosen])
            gallery.draw_wrong(draft / f"{name}-wrong.png", shown, shown_name(name, sheets))
            gallery.draw_right(draft / f"{name}-right.png", shown, shown_name(name, sheets))


def _labels_and_predictions(predictions: pa.Table) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return predictions.column("label").to_numpy(), predictions.column("prediction").to_numpy()


def _sources(predictions: pa.Table) -> list[str]:
    sources: list[str] = predictions.column("source").to_pylist()
    return sources


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        got = error.strerror if isinstance(error, OSError) else error
        raise BadInputError(f"{path}: expected a metrics file (JSON), got: {got}; run `dvc repro`") from error
    return content


def main(
    params: Path,
    *,
    digits: Path,
    models: Path,
    sheets_metrics: Path,
    merge_metrics: Path,
    metrics: Path,
    predictions: Path,
    confusion: Path,
    galleries: Path,
) -> None:
    """Read the test digits with the mean of the fold models and report how well that went."""
    from rich.console import Console

    from pipeline.pictures.summary import tables

    chosen = parameters.load(params)
    sheets, merge = _read_json(sheets_metrics), _read_json(merge_metrics)
    rows = test_rows(digit_table.load(digits))
    images = digit_table.images(rows)
    read = predicted(rows, read_digits(images, models, chosen.train.device, title="evaluate"))
    report = evaluated(read, chosen.evaluate.tracked_digits)
    save_predictions(read, predictions)
    save_confusion(read, confusion)
    save_pictures(read, images, galleries, sheets)
    write_json(metrics, report)
    Console().print(tables(sheets, merge, report))


if __name__ == "__main__":
    run(main)
