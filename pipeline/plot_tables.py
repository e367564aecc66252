"""CSV tables that `dvc plots` draws and compares between commits: reliability, and recall and precision by digit."""

from collections.abc import Mapping
from typing import Any

from pipeline.csv_text import csv_text
from pipeline.measures import Answers
from pipeline.scores import DECIMALS


def reliability_csv(answers: Answers, temperature: float) -> str:
    """Return `source,temperature,confidence,accuracy,n`, a line for each bin with digits.

    ``temperature`` is ``before`` or ``after``: whether the probabilities are the networks' own or scaled.
    """
    return csv_text(
        ("source", "temperature", "confidence", "accuracy", "n"),
        (
            (source, when, round(one.confidence, DECIMALS), round(one.accuracy, DECIMALS), one.n)
            for source, group in answers.groups.items()
            for when, used in (("before", 1.0), ("after", temperature))
            for one in group.bins(used)
        ),
    )


def by_digit_csv(report: Mapping[str, Mapping[str, Any]]) -> str:
    """Return `source,digit,recall,precision,n`, from what `metrics/evaluate.json` holds.

    A digit without rows has no line; where a digit was never predicted, ``precision`` is empty.
    """
    return csv_text(
        ("source", "digit", "recall", "precision", "n"),
        (
            (source, digit, shares["recall"], shares.get("precision", ""), shares["n"])
            for source, entry in report.items()
            for digit, shares in entry["by_digit"].items()
            if shares["n"]
        ),
    )
