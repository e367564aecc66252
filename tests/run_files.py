"""The files that a finished run leaves, made up, in a folder for a test."""

import json
from pathlib import Path
from typing import Any

from pipeline.finished import Files
from tests.made_results import scored
from tests.params_file import written

CURVES = (
    "fold,epoch,train_loss,validation_loss,validation_accuracy\n"
    "0,1,0.5,0.4,0.95\n0,2,0.3,0.2,0.97\n1,1,0.6,0.5,0.94\n1,2,0.3,0.25,0.965\n1,3,0.2,0.15,0.98\n"
)


def left(folder: Path, **changes: dict[str, Any]) -> Files:
    """Write a run of two folds of lenet5; ``train={"architecture": "mlp"}`` changes a file, None takes a key out."""
    fold = {"0": {"seconds": 5.0, "processor_seconds": 10.0}, "1": {"seconds": 6.0, "processor_seconds": 12.0}}
    said: dict[str, dict[str, Any]] = {
        "train": {
            "architecture": "lenet5",
            "parameters": 61_706,
            "seed": 0,
            "recipe": {"name": "report+changes", "folds": 5, "run_folds": 2, "epochs": 3, "optimizer": "adam"},
            "out_of_fold": {"n": 700, "errors": 9},
            "fold": {"0": {}, "1": {}},
        },
        "timing": {
            "seconds": 12.5,
            "digits_per_second": 800.0,
            "digits_seen": 10_000,
            "processor_seconds": 22.0,
            "precision": "float32",
            "device": "cpu",
            "workers": 2,
            "folds_trained_now": 2,
            "fold": fold,
        },
        "evaluate": {"mnist": {**scored(10_000, 90), "by_digit": {}}, "ptddigits": scored(498, 5)},
        "out_of_fold": {
            "sources": {
                "mnist": {"n": 500, "errors": 8},
                "ptddigits": {"n": 200, "errors": 1},
                "handwriting": {"n": 200, "errors": 1},
            }
        },
        "merge": {"digits": {"ptddigits": {"train": 698, "test": 498}, "mnist": {"train": 60_000, "test": 10_000}}},
        "sheets": {"collections": {"ptddigits": {"photos": 10}}},
    }
    for name, content in said.items():
        kept = {key: value for key, value in (content | changes.get(name, {})).items() if value is not None}
        (folder / f"{name}.json").write_text(json.dumps(kept), encoding="utf-8")
    (folder / "curves.csv").write_text(CURVES, encoding="utf-8")
    stated = {"recipe": "report", "folds": 5, "run_folds": 2, "epochs": 3} | changes.get("params_train", {})
    model, merge = {"arch": "lenet5"} | changes.get("model", {}), changes.get("params_merge", {})
    params = written(folder, model=model, merge=merge, train=stated)
    return Files(params=params, curves=folder / "curves.csv", **{name: folder / f"{name}.json" for name in said})
