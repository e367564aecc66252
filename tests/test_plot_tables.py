import csv
import io

import numpy as np

from pipeline import measures, plot_tables
from tests.test_measures import READ, TRACKED


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_reliability_holds_each_digit_once_before_and_once_after_the_temperature() -> None:
    rows = rows_of(plot_tables.reliability_csv(READ, 2.0))
    for source, group in READ.groups.items():
        before, after = (
            [row for row in rows if (row["source"], row["temperature"]) == (source, when)]
            for when in ("before", "after")
        )
        for bins in (before, after):
            n = np.array([int(row["n"]) for row in bins])
            shares = np.array([float(row["accuracy"]) for row in bins])
            assert n.sum() == len(group.labels)
            assert round(float(shares @ n)) == group.right.sum()
        confidence = sum(float(row["confidence"]) * int(row["n"]) for row in before) / len(group.labels)
        assert abs(confidence - group.confidence.mean()) < 1e-5
        assert sum(float(row["confidence"]) * int(row["n"]) for row in after) < confidence * len(group.labels)


def test_by_digit_holds_what_the_metrics_say() -> None:
    report = measures.by_source(READ, TRACKED, measures.Settled(1.0, None))
    rows = rows_of(plot_tables.by_digit_csv(report))
    assert len(rows) == sum(entry["n"] > 0 for source in report.values() for entry in source["by_digit"].values())
    for row in rows:
        entry = report[row["source"]]["by_digit"][row["digit"]]
        assert {key: float(row[key]) for key in ("recall", "precision", "n")} == entry


def test_a_digit_without_rows_has_no_line_and_one_never_predicted_no_precision() -> None:
    report = {"a, b": {"by_digit": {"0": {"n": 0, "precision": 0.0}, "1": {"n": 3, "recall": 0.0}}}}
    assert plot_tables.by_digit_csv(report) == 'source,digit,recall,precision,n\n"a, b",1,0.0,,3\n'
