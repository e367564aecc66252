"""All metrics of read digits again, from the records alone and by other formulas: loops, scipy and scikit-learn."""

import bisect
import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import softmax
from scipy.stats import binomtest, norm, t
from sklearn.metrics import log_loss, precision_score, recall_score

Records = list[dict[str, Any]]
TINY = float(np.finfo(np.float32).tiny)
EXACT = 1.5e-6  # of shares with 6 decimals


def assert_measured_again(report: dict[str, Any], unseen: dict[str, Any], read: Records, out_of_fold: Records) -> None:
    """Compare evaluate.json and out_of_fold.json with what the records of both tables give."""
    assert_temperature(unseen["temperature"], out_of_fold)
    lowest = lowest_confidence(out_of_fold)
    for found, records in ((report, read), (unseen["sources"], out_of_fold)):
        groups = grouped(records)
        assert list(found) == list(groups)
        for source, rows in groups.items():
            assert_source(found[source], rows, unseen["temperature"], lowest)


def grouped(records: Records) -> dict[str, Records]:
    names = sorted({r["source"] for r in records}, key=lambda name: (name != "mnist", name))
    groups = {name: [r for r in records if r["source"] == name] for name in names}
    handwriting = [r for r in records if r["source"] != "mnist"]
    return {**groups, "handwriting": handwriting} if handwriting else groups


def assert_source(found: dict[str, Any], rows: Records, temperature: float, lowest: float | None) -> None:
    labels, predictions = [r["label"] for r in rows], [r["prediction"] for r in rows]
    probabilities = np.array([[r[f"p{d}"] for d in range(10)] for r in rows], np.float64)
    right = [label == prediction for label, prediction in zip(labels, predictions, strict=True)]
    n, wrong = len(rows), right.count(False)
    assert (found["n"], found["errors"]) == (n, wrong)
    assert found["accuracy"] == pytest.approx(1 - wrong / n, abs=EXACT)
    wilson = binomtest(n - wrong, n).proportion_ci(method="wilson")
    assert (found["ci95_low"], found["ci95_high"]) == pytest.approx(tuple(wilson), abs=EXACT)
    _assert_digits(found, labels, predictions)
    _assert_writers(found, rows, right)
    after = softmax(np.log(np.maximum(probabilities, TINY)) / temperature, axis=1)
    confidence = probabilities.max(axis=1).tolist()
    scaled = after[np.arange(n), predictions].tolist()
    assert found["calibration"] == pytest.approx(
        {
            "ece": _gap(confidence, right),
            "ece_scaled": _gap(scaled, right),
            "nll": -sum(math.log(max(p[label], TINY)) for p, label in zip(probabilities, labels, strict=True)) / n,
            "nll_scaled": _nll(after, labels),
        },
        abs=EXACT,
    )
    _assert_selective(found["selective"], confidence, right, lowest)


def _assert_digits(found: dict[str, Any], labels: list[int], predictions: list[int]) -> None:
    shares = {"labels": list(range(10)), "average": None, "zero_division": np.nan}
    recall = recall_score(labels, predictions, **shares)
    precision = precision_score(labels, predictions, **shares)
    for d in range(10):
        expected = {"n": labels.count(d), "recall": recall[d], "precision": precision[d]}
        kept = {key: value for key, value in expected.items() if not math.isnan(value)}
        assert found["by_digit"][str(d)] == pytest.approx(kept, abs=EXACT), d
    worst = found["worst_digit"]
    assert worst["recall"] == pytest.approx(np.nanmin(recall), abs=EXACT)
    assert recall[worst["digit"]] == np.nanmin(recall)


def _assert_writers(found: dict[str, Any], rows: Records, right: list[bool]) -> None:
    tally: dict[str, list[bool]] = {}
    for r, good in zip(rows, right, strict=True):
        if r["writer"] is not None:
            tally.setdefault(r["writer"], []).append(good)
    if len(tally) < 2:
        assert "writers" not in found
        return
    entry, unknown = found["writers"], [r["writer"] for r in rows].count(None)
    assert (entry["n"], entry.get("unknown", 0)) == (len(tally), unknown)
    accuracy = {name: sum(goods) / len(goods) for name, goods in tally.items()}
    worst = tally[entry["worst"]["writer"]]
    assert entry["worst"]["accuracy"] == pytest.approx(min(accuracy.values()), abs=EXACT)
    assert (entry["worst"]["n"], entry["worst"]["errors"]) == (len(worst), worst.count(False))
    assert sum(worst) / len(worst) == min(accuracy.values())
    low, high, slack = resampled(list(tally.values()))
    assert entry["ci95_low"] == pytest.approx(low, abs=slack)
    assert entry["ci95_high"] == pytest.approx(high, abs=slack)


def resampled(tally: list[list[bool]]) -> tuple[float, float, float]:
    """The ends and how far chance may move them: all draws where these are few, else other draws."""
    count = len(tally)
    good, n = np.array([sum(goods) for goods in tally]), np.array([len(goods) for goods in tally])
    if count <= 5:
        draws = np.array(list(product(range(count), repeat=count)))
    else:
        rng = np.random.default_rng(12345)
        draws = rng.integers(0, count, (4000, count))
    shares = good[draws].sum(axis=1) / n[draws].sum(axis=1)
    tail = norm.cdf(-math.sqrt(count / (count - 1)) * t.ppf(0.975, count - 1))
    wilson = binomtest(int(good.sum()), int(n.sum())).proportion_ci(method="wilson")
    low, high = min(np.quantile(shares, tail), wilson.low), max(np.quantile(shares, 1 - tail), wilson.high)
    return float(low), float(high), EXACT + 0.25 * float(shares.std())


def _gap(confidence: list[float], right: list[bool]) -> float:
    bins: dict[int, list[float]] = {}
    for sure, good in zip(confidence, right, strict=True):
        number = bisect.bisect_left([k / 15 for k in range(1, 15)], sure)
        bins.setdefault(number, []).append(good - sure)
    return sum(abs(math.fsum(gaps)) for gaps in bins.values()) / len(right)


def _nll(probabilities: np.ndarray, labels: list[int]) -> float:
    if probabilities.min() < 1e-15:  # which scikit-learn would cut off
        return float(np.mean([-math.log(p[label]) for p, label in zip(probabilities, labels, strict=True)]))
    return float(log_loss(labels, probabilities, labels=list(range(10))))


def assert_temperature(found: float, rows: Records) -> None:
    """At the best temperature the mean of log p is the same at the labels as expected under the scaled p."""
    labels = [r["label"] for r in rows]
    logs = np.log(np.maximum([[r[f"p{d}"] for d in range(10)] for r in rows], TINY))
    given = logs[np.arange(len(rows)), labels].mean()

    def slope(inverse: float) -> float:
        return float((softmax(logs * inverse, axis=1) * logs).sum(axis=1).mean() - given)

    if all(r["label"] == r["prediction"] for r in rows):
        assert found == 1
    elif slope(1 / 20) * slope(20) > 0:  # no minimum inside: at the end where the slope leads
        assert found == pytest.approx(20 if slope(1) > 0 else 0.05, rel=1e-3)
    else:
        assert found == pytest.approx(1 / brentq(slope, 1 / 20, 20), abs=2e-4)


def lowest_confidence(rows: Records) -> float | None:
    """The lowest confidence from which on Wilson's low end is at least 0.999, all tried; scipy has the last word."""
    sure = sorted((max(r[f"p{d}"] for d in range(10)), r["label"] == r["prediction"]) for r in rows)
    n = np.arange(len(sure), 0, -1)
    good = np.cumsum([good for _, good in reversed(sure)])[::-1]
    z, share = norm.ppf(0.975), good / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    low = middle - z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    first = np.array([not place or sure[place - 1][0] < confidence for place, (confidence, _) in enumerate(sure)])
    passed = np.flatnonzero(first & (low >= 0.999))
    for place in passed[:1]:
        assert binomtest(int(good[place]), int(n[place])).proportion_ci(method="wilson").low >= 0.999
        return float(sure[place][0])
    return None


def _assert_selective(found: dict[str, Any], confidence: list[float], right: list[bool], lowest: float | None) -> None:
    kept = [] if lowest is None else [good for sure, good in zip(confidence, right, strict=True) if sure >= lowest]
    n, wrong = len(kept), kept.count(False)
    assert found["target"] == 0.999
    assert (found["n"], found["errors"]) == (n, wrong)
    assert found["read"] == pytest.approx(n / len(right), abs=EXACT)
    assert found.get("threshold") == (None if lowest is None else pytest.approx(lowest, abs=1.1e-8))
    assert found.get("accuracy") == (pytest.approx(1 - wrong / n, abs=EXACT) if n else None)
