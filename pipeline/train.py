"""Stage `train`: one network a fold, and what each says about the digits that it never saw."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import digits as table_of
from pipeline import parallel, prediction_columns, stage
from pipeline import params as parameters
from pipeline.atomic import replacing, write_json, write_text
from pipeline.curves import Point, text_of
from pipeline.reader.normalizations import VERSIONS
from pipeline.scores import DECIMALS

if TYPE_CHECKING:
    from pipeline.learning.cross_validation import Training
    from pipeline.learning.folds import Folds
    from pipeline.learning.trained import TrainedFold


def out_of_fold_table(originals: pa.Table, folds: "Folds", trained: Sequence["TrainedFold"]) -> pa.Table:
    """Return id, fold, label, prediction and p0..p9: the originals that a trained fold validates, in table order."""
    gathered = np.zeros((len(folds), table_of.CLASSES), np.float32)
    for result in trained:
        gathered[folds == result.fold] = result.probabilities
    rows = np.flatnonzero(np.isin(folds, [result.fold for result in trained]))
    probabilities = gathered[rows]
    columns: dict[str, Any] = {
        "id": originals.column("id").take(rows),
        "fold": pa.array(folds[rows]),
        "label": pa.array(table_of.labels(originals)[rows]),
        "prediction": pa.array(probabilities.argmax(axis=1).astype(np.uint8)),
    }
    columns |= dict(zip(prediction_columns.NAMES, prediction_columns.columns_of(probabilities), strict=True))
    return pa.table(columns)


def accuracies(
    training: "Training", table: pa.Table, model: parameters.Model, settings: parameters.Train
) -> dict[str, Any]:
    """Return what metrics/train.json holds."""
    from pipeline.learning.recipes import recipe_name

    finals = [result.validation_accuracy for result in training.folds]
    right = pc.sum(pc.equal(table.column("label"), table.column("prediction"))).as_py()
    return {
        "architecture": model.arch,
        "parameters": training.parameters,
        "activation": model.activation,
        "seed": settings.seed,
        "recipe": {"name": recipe_name(model, settings), **asdict(training.recipe)},
        "validation_accuracy": {
            "mean": round(float(np.mean(finals)), DECIMALS),
            "std": round(float(np.std(finals, ddof=1)), DECIMALS) if len(finals) > 1 else None,
        },
        "out_of_fold": {"n": len(table), "errors": len(table) - right, "accuracy": round(right / len(table), DECIMALS)},
        "fold": {
            str(result.fold): {
                "digits_trained": result.digits_trained,
                "digits_validated": len(result.probabilities),
                "epochs": len(result.epochs),
                "validation_accuracy": round(final, DECIMALS),
            }
            for result, final in zip(training.folds, finals, strict=True)
        },
    }


def durations(training: "Training") -> dict[str, Any]:
    """Return what metrics/timing.json holds; a reused fold's times are those of the run that trained it.

    Of folds that took the same steps each has the seconds of all, and its share of their processor seconds.
    """
    seen = sum(result.digits_seen for result in training.folds)
    trained = len(training.folds) - training.reused
    rate = {} if training.reused else {"digits_per_second": round(seen / training.seconds, 1)}
    return {
        "seconds": round(training.seconds, 2),
        **rate,
        "digits_seen": seen,
        "processor_seconds": round(sum(result.processor_seconds for result in training.folds), 2),
        "precision": training.recipe.precision,
        "device": training.device,
        "workers": training.workers,
        "folds_trained_now": trained,
        "fold": {
            str(result.fold): {
                "seconds": round(result.seconds, 2),
                "processor_seconds": round(result.processor_seconds, 2),
                "digits_seen": result.digits_seen,
            }
            for result in training.folds
        },
    }


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
    from pipeline.learning import cross_validation, ensemble, folds, placement, recipes
    from pipeline.learning.training_set import TrainingSet

    recipe = recipes.recipe_for(settings.model.arch, settings.train)
    seed, workers = settings.train.seed, settings.parallel.workers
    with parallel.on(settings.parallel):
        place = placement.place_folds(
            settings.train.device, recipe.precision
        )  # what is absent stops the run before any work
        originals = table_of.of_split(table_of.load(digits), "train")
        copies = table_of.load(augmented) if recipe.distorts else table_of.SCHEMA.empty_table()
        fold_of = folds.assign_folds(originals, recipe.folds, seed)
        together = TrainingSet.of(originals, copies, fold_of)
        del copies  # whose pixels are in there too: 8 GB of a million digits with 12 copies each
        training = cross_validation.train_folds(
            together, settings.model, recipe, seed=seed, place=place, workers=workers
        )
    table = out_of_fold_table(originals, fold_of, training.folds)
    how_read = ensemble.HowRead(normalisation=VERSIONS[settings.sheets.normalize], sheets=settings.sheets)
    ensemble.save_ensemble(models, settings.model, [result.weights for result in training.folds], how_read)
    with replacing(out_of_fold) as draft:
        pq.write_table(table, draft, compression="lz4")
    write_json(metrics, accuracies(training, table, settings.model, settings.train))
    write_json(timing, durations(training))
    points = (Point(result.fold, **asdict(epoch)) for result in training.folds for epoch in result.epochs)
    write_text(curves, text_of(points))


if __name__ == "__main__":
    stage.run(main)
