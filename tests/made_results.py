"""Made-up results, for tests of what is done with them."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from pipeline import scores
from pipeline.results import Epoch, Result

PLAIN: dict[str, Any] = {
    "name": "lenet5-report",
    "architecture": "lenet5",
    "recipe": "report",
    "trained_on": "mnist",
    "normalize": "mnist",
    "seed": 0,
    "folds_run": 5,
    "epochs": 10,
    "source": "mnist",
    "simulated": False,
    "parameters": 61_706,
    "multiply_adds": 416_520,
    "digits_seen": 2_400_000,
    "processor_seconds": 180.5,
    "seconds": 95.25,
    "digits_per_second": 25_196.8,
    "precision": "float32",
    "device": "cpu",
    "workers": 2,
    "processor": "Imagined CPU",
    "cores": 2,
    "date": date(2026, 11, 21),
    "commit": "0123456789",
    "command": "dvc exp run -S model.arch=lenet5 -S train.recipe=report",
}


def scored(n: int, errors: int) -> dict[str, float]:
    """What metrics/evaluate.json says of so many errors, as far as results go."""
    low, high = scores.wilson(n - errors, n)
    shares = {"accuracy": (n - errors) / n, "ci95_low": low, "ci95_high": high}
    return {"n": n, "errors": errors, **{key: round(share, scores.DECIMALS) for key, share in shares.items()}}


def result(errors: int = 90, n: int = 10_000, **changes: Any) -> Result:
    return Result.model_validate(PLAIN | scored(n, errors) | changes)


def epochs(name: str, count: int, best: float, *, folds: Sequence[int] = (0, 1), seconds: float = 10) -> list[Epoch]:
    """Curves that fall from 0.9 below 1 to ``best`` in ``count`` epochs of ``seconds`` each."""
    rows = []
    for fold in folds:
        for epoch in range(1, count + 1):
            error = (1 - best) * (1 + 8 * math.exp(-epoch * (1 + 0.05 * fold)))
            stated = {"name": name, "seed": 0, "fold": fold, "epoch": epoch, "processor_seconds": epoch * seconds}
            losses = {"train_loss": 2 * error, "validation_loss": 3 * error, "validation_accuracy": 1 - error}
            rows.append(Epoch.model_validate(stated | losses))
    return rows
