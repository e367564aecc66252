"""All that a finished run leaves for the report, made up, in a folder for a test."""

import csv
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image

from pipeline import digits as digit_table
from pipeline.reports.reading import SUSPECT_COLUMNS, Files
from tests.made_results import scored
from tests.params_file import written

HOSTILE = "<b>x & \u738b|`y"  # a collection's name
CURVES = (
    "fold,epoch,train_loss,validation_loss,validation_accuracy\n"
    "0,1,0.5,0.4,0.95\n0,2,0.3,0.2,0.97\n1,1,0.6,0.5,0.94\n1,2,0.3,0.25,0.965\n1,3,0.2,0.15,1.0\n"
)
PICTURES = ("handwriting-wrong", "mnist-wrong", "confusion-handwriting", "confusion-mnist")  # in galleries/


def source(n: int, errors: int, **changes: Any) -> dict[str, Any]:
    """One source of evaluate.json, of whose digits the nines are read worst."""
    by_digit = {str(d): {"n": n // 10, "recall": round(1 - d / 1000, 6), "precision": 0.987654} for d in range(10)}
    one: dict[str, Any] = {
        **scored(n, errors),
        "by_digit": by_digit,
        "tracked": {
            "7": {"recall": 0.993, "precision": 0.987654, "top_confusion_n": 0},
            "9": {"recall": 0.991, "precision": 0.987654, "top_confusion": 4, "top_confusion_n": 3},
        },
        "worst_digit": {"digit": 9, "recall": 0.991},
        "writers": {
            "n": 3, "ci95_low": 0.912345, "ci95_high": 0.998765,
            "worst": {"writer": "w/<i>1", "n": 20, "errors": 2, "accuracy": 0.9},
        },
        "calibration": {"ece": 0.0471, "ece_scaled": 0.0013, "nll": 0.123456, "nll_scaled": 0.012345},
        "selective": {
            "target": 0.999, "threshold": 0.98765432, "read": 0.9012, "n": 45, "errors": 1, "accuracy": 0.977778,
        },
    }  # fmt: skip
    return {key: value for key, value in (one | changes).items() if value is not None}


def said(name: str = HOSTILE, *, simulated: bool = False) -> dict[str, Any]:
    """The JSON files, by the name of their argument."""
    collection = {
        "photos": 2, "digits": 40, "rejects": 3, "reasons": {"blank": 2, "row-count": 1}, "writers": 4,
        **({"simulated": True} if simulated else {}), "license": "CC BY 4.0 <u>", "origin": "our *class*",
        "by_writer": {},
    }  # fmt: skip
    robust = {
        "n": 20, "clean": {"errors": 1, "accuracy": 0.95}, "mean_accuracy": 0.87,
        "mean_ci95_low": 0.81, "mean_ci95_high": 0.93,
        "worst": {"corruption": "motion_blur", "accuracy": 0.75},
        "corruption": {"fog": {"errors": 2, "accuracy": 0.9}, "motion_blur": {"errors": 5, "accuracy": 0.75}},
    }  # fmt: skip
    stroke = {"collection": 2.1, "mnist": 3.5, "difference": -1.4, "effect": -0.8, "unit": "px"}
    gap = {
        "n": 20, "mnist_n": 20, "auc": 0.812, "auc_ci95_low": 0.734, "auc_ci95_high": 0.876, "auc_pixels": 0.901,
        "says": ["strokes 1.4 px thinner than <MNIST's>"], "property": {"stroke_width": stroke},
    }  # fmt: skip
    audited = {
        "n": 30,
        "suspects": 2,
        "by_verdict": {"slip-of-the-pen": 1, "row-shift": 1},
        "near_duplicates": 1,
        "rows": [],
    }
    whole = {"rows": ["x.jpg, row 3: shifted by <1>"], "sheets_twice": ["x.jpg and y.jpg, perhaps <1> sheet"]}
    tested = {"mnist": source(20, 1), name: source(20, 2), "handwriting": source(20, 2)}
    held = {"mnist": source(30, 2), name: source(30, 3), "handwriting": source(30, 3)}
    return {
        "sheets": {**collection, "collections": {name: collection}},
        "merge": {
            "total": 100, "digits": {"mnist": {"train": 30, "test": 20}, name: {"train": 30, "test": 20}},
            "writers": {"mnist": {"train": 0, "test": 0}, name: {"train": 2, "test": 3}},
            "removed": {"duplicates": 4, "conflicting_labels": 0},
        },
        "train": {
            "architecture": "lenet5", "parameters": 61_706, "seed": 0,
            "recipe": {"name": "report", "folds": 2, "epochs": 3, "learning_rate": 0.001},
            "validation_accuracy": {"mean": 0.98125, "std": 0.002}, "fold": {},
        },
        "evaluate": tested,
        "out_of_fold": {"temperature": 0.5702, "sources": held},
        "robustness": {"mnist": robust, name: robust, "handwriting": robust},
        "domain_gap": {name: gap, "handwriting": gap},
        "audit": {"mnist": {**audited, "suspects": 1, "outliers": 0}, name: {**audited, "outliers": 3, **whole}},
    }  # fmt: skip


def table(name: str) -> pa.Table:
    """100 digits: 30 to train on and 20 to test on, of MNIST and of the collection."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (100, 28, 28)).astype(np.uint8)
    labels = np.arange(100) % 10
    train = np.arange(100) % 50 < 30
    writers = [None] * 50 + [
        f"{name}/{'ab'[place % 2] if train[place] else 'cde'[place % 3]}" for place in range(50, 100)
    ]
    return digit_table.from_columns(
        images,
        labels,
        ["mnist"] * 50 + [name] * 50,
        ids=[f"{place:016x}" for place in range(100)],
        writer=writers,
        split=["train" if one else "test" for one in train],
    )


def suspect(rank: int, place: int, source: str, **changes: str) -> dict[str, str]:
    """A line of suspects.csv about a digit of the table."""
    known = {
        "rank": str(rank), "id": f"{place:016x}", "source": source, "split": "train", "writer": f"{source}/a",
        "photo": f"{source}/<i>.jpg", "row": "3", "col": "4", "label": "1", "prediction": "7",
        "probability": "0.987654", "score": "0.9", "verdict": "slip-of-the-pen",
        "explanation": "the row says <em>17</em>,\nnot 11",
    }  # fmt: skip
    return known | changes


@cache
def _params() -> str:
    with tempfile.TemporaryDirectory() as folder:
        return written(Path(folder), model={"arch": "lenet5"}).read_text(encoding="utf-8")


def left(folder: Path, name: str = HOSTILE, *, simulated: bool = False, **changes: dict[str, Any] | None) -> Files:
    """Write a run; ``evaluate={...}`` replaces a JSON file, None leaves it out."""
    for file, content in (said(name, simulated=simulated) | changes).items():
        if content is not None:
            (folder / f"{file}.json").write_text(json.dumps(content), encoding="utf-8")
    for place in ("models", "audit", "galleries", "sheets"):
        (folder / place).mkdir(exist_ok=True)
    model = {
        "architecture": "lenet5",
        "activation": "relu",
        "parameters": 61_706,
        "weights": {"fold-0.safetensors": "0f"},
    }
    (folder / "models" / "model.json").write_text(json.dumps(model), encoding="utf-8")
    (folder / "curves.csv").write_text(CURVES, encoding="utf-8")
    digit_table.save(table(name), folder / "digits.parquet")
    rows = [
        suspect(1, 60, name),
        suspect(2, 61, name, verdict="row-shift"),
        suspect(3, 5, "mnist", photo="", row="", col=""),
    ]
    with (folder / "audit" / "suspects.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, SUSPECT_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for picture in PICTURES:
        Image.linear_gradient("L").resize((200, 80)).save(folder / "galleries" / f"{picture}.png")
    for picture in ("robustness", "domain_gap"):
        Image.radial_gradient("L").resize((90, 60)).save(folder / f"{picture}.png")
    (folder / "params.yaml").write_text(_params(), encoding="utf-8")
    names = ("sheets", "merge", "train", "evaluate", "out_of_fold", "robustness", "domain_gap", "audit")
    return Files(
        params=folder / "params.yaml",
        digits=folder / "digits.parquet",
        models=folder / "models",
        curves=folder / "curves.csv",
        audit_folder=folder / "audit",
        galleries=folder / "galleries",
        robustness_picture=folder / "robustness.png",
        domain_gap_picture=folder / "domain_gap.png",
        **{file: folder / f"{file}.json" for file in names},
    )
