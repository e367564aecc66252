import csv
import io
import json
from collections.abc import Iterator

import numpy as np
from ruamel.yaml import YAML

from pipeline import measures, plot_tables
from tests.params_file import ROOT
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


def named_columns(spec: object) -> Iterator[str]:
    """Yield the columns that a plot's template names beside those that dvc.yaml gives it."""
    if isinstance(spec, list):
        for part in spec:
            yield from named_columns(part)
    elif isinstance(spec, dict):
        field = spec.get("field")
        if isinstance(field, str) and not field.startswith("<DVC"):
            yield field
        for name, part in spec.items():
            if name != "layer" or not isinstance(part, list):
                yield from named_columns(part)
                continue
            yield from named_columns([layer for layer in part if "data" not in layer])  # one with points of its own


def test_every_column_that_a_plot_draws_is_in_its_table() -> None:
    """DVC and Vega say nothing of a column that is not there: the plot is empty."""
    plots = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
    drawn = [(name, one) for plot in plots if isinstance(plot, dict) for name, one in plot.items()]
    seen = set()
    for name, one in drawn:
        template = ROOT / ".dvc" / "plots" / f"{one['template']}.json"
        if not isinstance(one["y"], dict):
            continue  # a folder of tables, by a template of DVC's own
        ((path, y),) = one["y"].items()
        columns = (ROOT / path).read_text(encoding="utf-8").splitlines()[0].split(",")
        wanted = {one["x"], *([y] if isinstance(y, str) else y), *named_columns(json.loads(template.read_text()))}
        assert wanted - {"rev"} <= set(columns), name
        seen.add(template.name)
    assert seen == {path.name for path in (ROOT / ".dvc" / "plots").iterdir()}
