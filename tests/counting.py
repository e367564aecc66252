"""The metrics of a prediction table again, by plain counting: what `metrics/evaluate.json` must say."""

from collections import Counter
from typing import Any

import pytest


def counted_again(records: list[dict[str, Any]], tracked: tuple[int, ...]) -> dict[str, Any]:
    """What evaluate.json must say, by plain counting over data/predictions.parquet."""
    kinds = {record["source"]: [r for r in records if r["source"] == record["source"]] for record in records}
    handwriting = [r for r in records if r["source"] != "mnist"]
    if handwriting:
        kinds["handwriting"] = handwriting
    found: dict[str, Any] = {}
    for kind, rows in kinds.items():
        pairs = Counter((r["label"], r["prediction"]) for r in rows)
        right = sum(count for (label, prediction), count in pairs.items() if label == prediction)
        found[kind] = {"n": len(rows), "errors": len(rows) - right, "accuracy": right / len(rows)}
        for d in range(10):
            given_n = sum(count for (label, _), count in pairs.items() if label == d)
            read_n = sum(count for (_, prediction), count in pairs.items() if prediction == d)
            digit: dict[str, float] = {"n": given_n}
            if given_n:
                digit["recall"] = pairs[d, d] / given_n
            if read_n:
                digit["precision"] = pairs[d, d] / read_n
            found[kind][f"by_digit.{d}"] = digit
        for d in tracked:
            misread = sorted((-count, p) for (label, p), count in pairs.items() if label == d and p != d)
            top = (
                {"top_confusion": misread[0][1], "top_confusion_n": -misread[0][0]}
                if misread
                else {"top_confusion_n": 0}
            )
            shares = {key: value for key, value in found[kind][f"by_digit.{d}"].items() if key != "n"}
            found[kind][f"tracked.{d}"] = {**shares, **top}
    return found


def assert_same_numbers(report: dict[str, Any], again: dict[str, Any]) -> None:
    assert set(report) == set(again)
    for kind, expected in again.items():
        found = report[kind]
        flat = {key: found[key] for key in ("n", "errors", "accuracy")}
        flat |= {f"{part}.{d}": entry for part in ("by_digit", "tracked") for d, entry in found[part].items()}
        assert set(flat) == set(expected)
        for key, value in expected.items():
            assert flat[key] == pytest.approx(value, abs=6e-7), (kind, key)
        assert found["ci95_low"] <= found["accuracy"] <= found["ci95_high"]
