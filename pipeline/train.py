"""Stage `train`: one network a fold, and what each says about the digits that it never saw."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import digits as table_of
from pipeline import params as parameters
from pipeline import stage
from pipeline.atomic import replacing, write_json, write_text
from pipeline.errors import BadInputError

if TYPE_CHECKING:
    from pipeline.learning.folds import Folds
    from pipeline.learning.loop import TrainedFold, TrainingSet
    from pipeline.learning.predict import Probabilities

PLACES = 6  # of metrics: enough for one digit in a million


def train_rows(table: pa.Table) -> pa.Table:
    """Return the rows whose split is train."""
    return table.filter(pc.equal(table.column("split").cast(pa.string()), "train")).combine_chunks()


def training_set(originals: pa.Table, copies: pa.Table, folds: "Folds") -> "TrainingSet":
    """Put originals and copies together, each copy in its parent's fold.

    Raises
    ------
    BadInputError
        If a copy's parent is not among the originals.
    """
    from pipeline.learning.loop import TrainingSet

    fold_of = dict(zip(table_of.strings(originals, "id"), folds.tolist(), strict=True))
    parents = table_of.strings(copies, "parent")
    orphan = next((parent for parent in parents if parent not in fold_of), "")
    if orphan != "":
        raise BadInputError(
            f"augmented digits: expected parents among the {len(folds)} train digits, got parent {orphan}; "
            "run `dvc repro augment`"
        )
    return TrainingSet(
        images=np.concatenate([table_of.images(originals), table_of.images(copies)]),
        labels=np.concatenate([table_of.labels(originals), table_of.labels(copies)]),
        folds=np.concatenate([folds, np.array([fold_of[parent] for parent in parents], np.int8)]),
        original=np.arange(len(originals) + len(copies)) < len(originals),
    )


def gather(folds: "Folds", trained: Sequence["TrainedFold"]) -> "Probabilities":
    """Return (N, 10) float32: each original's probabilities by the network that never saw it."""
    gathered = np.zeros((len(folds), table_of.CLASSES), np.float32)
    for result in trained:
        gathered[folds == result.fold] = result.probabilities
    return gathered


def out_of_fold_table(originals: pa.Table, folds: "Folds", probabilities: "Probabilities") -> pa.Table:
    """Return id, fold, label, prediction and p0..p9, one row per original in table order."""
    columns: dict[str, Any] = {
        "id": originals.column("id"),
        "fold": pa.array(folds),
        "label": originals.column("label"),
        "prediction": pa.array(probabilities.argmax(axis=1).astype(np.uint8)),
    }
    columns |= {f"p{digit}": pa.array(probabilities[:, digit]) for digit in range(table_of.CLASSES)}
    return pa.table(columns)


def accuracies(
    trained: Sequence["TrainedFold"], table: pa.Table, model: parameters.Model, count: int
) -> dict[str, Any]:
    """Return what metrics/train.json holds. ``count`` is the network's number of parameters."""
    finals = [result.epochs[-1].validation_accuracy for result in trained]
    right = pc.sum(pc.equal(table.column("label"), table.column("prediction"))).as_py()
    return {
        "architecture": model.arch,
        "parameters": count,
        "validation_accuracy": {
            "mean": round(float(np.mean(finals)), PLACES),
            "std": round(float(np.std(finals, ddof=1)), PLACES),
        },
        "out_of_fold": {"n": len(table), "errors": len(table) - right, "accuracy": round(right / len(table), PLACES)},
        "fold": {
            str(result.fold): {
                "digits_trained": result.digits_trained,
                "digits_validated": len(result.probabilities),
                "validation_accuracy": round(final, PLACES),
            }
            for result, final in zip(trained, finals, strict=True)
        },
    }


def durations(trained: Sequence["TrainedFold"], seconds: float, device: str, workers: int) -> dict[str, Any]:
    """Return what metrics/timing.json holds. ``seconds`` is the wall time of all folds together."""
    return {
        "seconds": round(seconds, 2),
        "digits_per_second": round(sum(result.digits_seen for result in trained) / seconds, 1),
        "device": device,
        "workers": workers,
        "fold": {str(result.fold): {"seconds": round(result.seconds, 2)} for result in trained},
    }


def curves_csv(trained: Sequence["TrainedFold"]) -> str:
    """Return what metrics/curves.csv holds: a row per fold and epoch."""
    lines = ["fold,epoch,train_loss,validation_loss,validation_accuracy"]
    for result in trained:
        for row in result.epochs:
            losses = f"{row.train_loss:.{PLACES}f},{row.validation_loss:.{PLACES}f}"
            lines.append(f"{result.fold},{row.epoch},{losses},{row.validation_accuracy:.{PLACES}f}")
    return "\n".join(lines) + "\n"


def main(
    params: Path,
    *,
    digits: Path,
    augmented: Path,
    models: Path,
    out_of_fold: Path,
    metrics: Path,
    timing: Path,
    curves: Path,
) -> None:
    """Train the fold networks on the train digits and their augmented copies."""
    import pyarrow.parquet as pq

    settings = parameters.load(params)
    from pipeline.learning import device, ensemble, folds, loop

    device.choose_device(settings.train.device)  # an absent one stops the run before any work
    originals, copies = train_rows(table_of.load(digits)), train_rows(table_of.load(augmented))
    fold_of = folds.assign_folds(originals, settings.train.folds, settings.train.seed)
    together = training_set(originals, copies, fold_of)
    run = loop.train_folds(together, settings.model, settings.train, workers=settings.parallel.workers)
    table = out_of_fold_table(originals, fold_of, gather(fold_of, run.folds))
    ensemble.save_ensemble(models, settings.model, [result.weights for result in run.folds])
    with replacing(out_of_fold) as draft:
        pq.write_table(table, draft, compression="lz4")
    write_json(metrics, accuracies(run.folds, table, settings.model, run.parameters))
    write_json(timing, durations(run.folds, run.seconds, run.device, run.workers))
    write_text(curves, curves_csv(run.folds))


if __name__ == "__main__":
    stage.run(main)
