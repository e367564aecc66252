import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import calibration, intervals, measures, out_of_fold, params, resampling, scores, selective
from pipeline import digits as digit_table
from pipeline.measures import Answers, Settled
from tests.measured_again import Records, assert_measured_again

ROOT = Path(__file__).parents[1]
TRACKED = (2, 5, 7, 9)


def answers_of(
    n: int, seed: int, *, wrong: float, writers: int = 6, sources: tuple[str, ...] = ("mnist", "a", "b")
) -> Answers:
    """Digits of which about a share ``wrong`` is read wrong, these with less confidence; some writers are unknown."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, n).astype(np.uint8)
    read = np.where(rng.random(n) < wrong, (labels + rng.integers(1, 10, n)) % 10, labels)
    sure = np.where(read == labels, rng.beta(30, 1, n), rng.beta(3, 2, n)) / 2 + 0.5
    probabilities = rng.dirichlet(np.ones(10), n)
    probabilities[np.arange(n), read] = 0
    probabilities *= ((1 - sure) / probabilities.sum(axis=1))[:, None]
    probabilities[np.arange(n), read] = sure
    whose = rng.choice(sources, n)
    numbers = rng.integers(0, writers + 1, n)  # the last one is unknown
    names = [f"{source}/{k}" if k < writers else None for source, k in zip(whose, numbers, strict=True)]
    return Answers(tuple(whose.tolist()), tuple(names), labels, probabilities.astype(np.float32))


def records_of(answers: Answers) -> Records:
    columns = {f"p{d}": answers.probabilities[:, d].tolist() for d in range(10)}
    columns |= {"label": answers.labels.tolist(), "prediction": answers.probabilities.argmax(axis=1).tolist()}
    columns |= {"source": list(answers.sources), "writer": list(answers.writers)}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def reported(read: Answers, unseen: Answers) -> tuple[dict[str, Any], dict[str, Any]]:
    settled = Settled.on(unseen)
    found, again = (json.loads(json.dumps(measures.by_source(a, TRACKED, settled))) for a in (read, unseen))
    return found, {"temperature": settled.temperature, "sources": again}


READ, UNSEEN = answers_of(400, 0, wrong=0.1), answers_of(6500, 1, wrong=0.01)
RECORDS = records_of(READ), records_of(UNSEEN)


@pytest.mark.slow
def test_every_metric_is_what_other_formulas_make_of_the_records() -> None:
    report, unseen = reported(READ, UNSEEN)
    assert unseen["sources"]["mnist"]["selective"]["n"] > 0, "no threshold was found: nothing is tested"
    assert "unknown" in report["a"]["writers"]
    assert_measured_again(report, unseen, *RECORDS)


def _by_digits(right: np.ndarray, n: np.ndarray, *, seed: int) -> tuple[float, float]:
    return scores.wilson(int(right.sum()), int(n.sum())) if seed == measures.SEED else (0, 1)


WRONG: dict[str, tuple[Any, str, Callable[..., Any] | int]] = {
    "errors counted twice": (scores, "confusion", lambda *a, f=scores.confusion: f(*a) + np.diag([0] * 9 + [1])),
    "labels and predictions changed over": (scores, "confusion", lambda a, b, f=scores.confusion: f(b, a)),
    "another interval": (scores, "wilson", lambda k, n, f=scores.wilson: f(k, n, confidence=0.9)),
    "best digit for worst": (
        measures,
        "worst_digit",
        lambda found: {"digit": 0, "recall": max(e.get("recall", 0) for e in found.values())},
    ),
    "digits resampled in place of writers": (intervals, "by_writers", _by_digits),
    "percentiles not widened": (resampling, "_tail", lambda writers: 0.2 + 0 * writers),
    "calibration error of squares": (
        calibration,
        "calibration_error",
        lambda found: sum((b.accuracy - b.confidence) ** 2 * b.n for b in found) / sum(b.n for b in found),
    ),
    "ten bins": (calibration, "BINS", 10),
    "bits for nats": (calibration, "log_loss", lambda *a, f=calibration.log_loss: f(*a) / np.log(2)),
    "bits for nats after the temperature": (
        calibration,
        "scaled_log_loss",
        lambda *a, f=calibration.scaled_log_loss: f(*a) / np.log(2),
    ),
    "temperature turned round": (calibration, "scaled", lambda p, t, f=calibration.scaled: f(p, 1 / t)),
    "temperature not the best": (
        calibration,
        "fitted_temperature",
        lambda *a, f=calibration.fitted_temperature: f(*a) + 0.01,
    ),
    "threshold by the share alone": (
        selective,
        "threshold",
        lambda c, r, f=selective.threshold: f(c, r, 0.998),
    ),
    "wrong ones not counted among those read": (
        selective,
        "read_from",
        lambda c, r, t, f=selective.read_from: f(c, r | True, t),
    ),
}


@pytest.mark.first_quick(4)
@pytest.mark.parametrize("what", WRONG)
def test_a_metric_that_is_wrong_on_purpose_is_caught(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*WRONG[what])
    report, unseen = reported(READ, UNSEEN)
    with pytest.raises(AssertionError):
        assert_measured_again(report, unseen, *RECORDS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("read", "unseen"),
    [
        (answers_of(50, 2, wrong=0.2, writers=1), answers_of(60, 3, wrong=0)),
        (answers_of(40, 4, wrong=0), answers_of(4000, 5, wrong=0, sources=("mnist",))),
        (answers_of(1, 6, wrong=0), answers_of(1, 7, wrong=1)),
        (answers_of(30, 8, wrong=1), answers_of(30, 9, wrong=1)),
        (answers_of(200, 10, wrong=0.3, writers=0), answers_of(200, 11, wrong=0.5, writers=2)),
    ],
    ids=["one writer", "no errors", "one digit", "all wrong", "no known writer"],
)
def test_small_and_odd_tables_have_their_metrics_too(read: Answers, unseen: Answers) -> None:
    assert_measured_again(*reported(read, unseen), records_of(read), records_of(unseen))


def test_probabilities_of_exactly_0_and_1_have_finite_metrics() -> None:
    labels = np.array([1, 2, 3, 4] * 5, np.uint8)
    probabilities = np.zeros((20, 10), np.float32)
    probabilities[np.arange(20), [1, 2, 3, 5] * 5] = 1
    answers = Answers(("a",) * 20, (None,) * 20, labels, probabilities)
    report, unseen = reported(answers, answers)
    assert unseen["temperature"] == pytest.approx(20, rel=1e-3)  # nothing is sure enough for three quarters right
    assert report["a"]["calibration"]["ece"] == 0.25
    assert_measured_again(report, unseen, records_of(answers), records_of(answers))


def test_a_missing_class_has_no_recall_and_is_never_the_worst() -> None:
    labels = np.array([3, 3, 4], np.uint8)
    probabilities = np.full((3, 10), 0.01, np.float32)
    probabilities[np.arange(3), [3, 0, 4]] = 0.91
    answers = Answers(("mnist",) * 3, (None,) * 3, labels, probabilities)
    entry = reported(answers, answers)[0]["mnist"]
    assert entry["by_digit"]["0"] == {"n": 0, "precision": 0.0}
    assert entry["worst_digit"] == {"digit": 3, "recall": 0.5}


def test_the_worst_digit_is_on_a_tie_the_smallest() -> None:
    recall = {"7": {"recall": 0.5}, "3": {"recall": 0.5}, "10": {"recall": 0.5}, "1": {"recall": 0.9}}
    assert measures.worst_digit(recall) == {"digit": 3, "recall": 0.5}


def test_the_worst_writer_is_on_a_tie_the_one_with_most_digits() -> None:
    right = np.array([True, False, True, True, False, False, True, True])
    found = measures.writers(right, ["a/1", "a/1", "a/2", "a/2", "a/2", "a/2", None, "a/3"])
    assert found["writers"]["worst"] == {"writer": "a/2", "n": 4, "errors": 2, "accuracy": 0.5}
    assert (found["writers"]["n"], found["writers"]["unknown"]) == (3, 1)


def test_out_of_fold_digits_decide_nothing_but_what_is_scaled_and_what_is_read_surely() -> None:
    def rest(settled: Settled) -> dict[str, Any]:
        found = measures.by_source(READ, TRACKED, settled)
        for entry in found.values():
            del entry["selective"], entry["calibration"]["ece_scaled"], entry["calibration"]["nll_scaled"]
        return found

    assert rest(Settled(0.5, None)) == rest(Settled(2.0, 0.9))


@pytest.mark.slow
def test_metrics_do_not_depend_on_the_order_of_the_rows() -> None:
    order = np.random.default_rng(5).permutation(len(READ.labels))
    places = READ.where(np.ones(len(order), bool))
    mixed = Answers(
        tuple(places.sources[k] for k in order),
        tuple(places.writers[k] for k in order),
        places.labels[order],
        places.probabilities[order],
    )
    assert reported(mixed, UNSEEN) == reported(READ, UNSEEN)


@pytest.mark.slow
def test_the_metrics_in_this_checkout_are_what_its_predictions_give() -> None:
    files = {
        name: ROOT / path
        for name, path in {
            "report": "metrics/evaluate.json",
            "unseen": "metrics/out_of_fold.json",
            "predictions": "data/predictions.parquet",
            "out_of_fold": "data/out_of_fold.parquet",
            "digits": "data/digits.parquet",
        }.items()
    }
    missing = [str(path) for path in files.values() if not path.is_file()]
    if missing:
        pytest.skip(f"not there before `dvc repro` or `dvc pull`: {missing}")
    unseen: pa.Table = out_of_fold.load(files["out_of_fold"], digit_table.load(files["digits"]))
    assert_measured_again(
        json.loads(files["report"].read_text()),
        json.loads(files["unseen"].read_text()),
        pq.read_table(files["predictions"]).to_pylist(),
        unseen.to_pylist(),
    )
    tracked = params.load(ROOT / "params.yaml").evaluate.tracked_digits
    assert set(json.loads(files["report"].read_text())["mnist"]["tracked"]) == set(map(str, tracked))
