import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import audit, params
from pipeline import digits as digit_table
from pipeline.auditing import judged, written
from pipeline.errors import BadInputError
from pipeline.prediction_columns import Probabilities
from pipeline.reader import corrections
from tests.auditing.readings import read_as

PARAMS = Path(__file__).parents[1] / "params.yaml"
ROW = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
SHIFTED = [7, *ROW[:-1]]
KNOWN = 200


def drawn(written: list[int]) -> digit_table.Images:
    """Return images of ink that differ from each other: what is read in them is said elsewhere."""
    return np.random.default_rng(len(written)).integers(0, 256, (len(written), 28, 28), dtype=np.uint8)


def digits_and_readings() -> tuple[pa.Table, list[int]]:
    """Return a digit table and what was written: MNIST, a train photo with a shifted row, a test photo with a slip."""
    mnist = np.random.default_rng(0).integers(0, 10, KNOWN).tolist()
    written = [*mnist, *ROW, *ROW, *ROW]
    labels = [*mnist, *SHIFTED, *ROW, *ROW[:4], 8, *ROW[5:]]
    labels[7] = (mnist[7] + 1) % 10
    places = [(f"b/{photo}.jpg", row, col) for photo, row in (("x", 0), ("x", 1), ("y", 0)) for col in range(10)]
    photo, row, col = zip(*[(None, None, None)] * KNOWN, *places, strict=True)
    table = digit_table.from_columns(
        drawn(written),
        labels,
        ["mnist"] * KNOWN + ["b"] * 30,
        writer=[None] * KNOWN + ["b/x"] * 20 + ["b/y"] * 10,
        photo=photo,
        row=row,
        col=col,
        split=["train"] * (KNOWN - 50) + ["test"] * 50 + ["train"] * 20 + ["test"] * 10,
    )
    return table, written


def sure_of(table: pa.Table, written: list[int]) -> Probabilities:
    """Return readings that are surer of what is labelled wrong than of what is labelled right on average."""
    right = np.array(written) == digit_table.labels(table)
    on_paper = np.array([photo is not None for photo in digit_table.strings(table, "photo")])
    return np.where((right & ~on_paper)[:, None], read_as(written, sure=0.9), read_as(written, sure=0.99)).astype(
        np.float32
    )


def save_readings(table: pa.Table, written: list[int], split: str, path: Path) -> None:
    probabilities = sure_of(table, written)
    chosen = [place for place, name in enumerate(digit_table.strings(table, "split")) if name == split][::-1]
    columns: dict[str, Any] = {"id": table.column("id").take(chosen), "label": table.column("label").take(chosen)}
    pq.write_table(pa.table(columns | {f"p{d}": pa.array(probabilities[chosen, d]) for d in range(10)}), path)


def prepared(folder: Path) -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    table, written = digits_and_readings()
    paths = {name: folder / f"{name}.parquet" for name in ("digits", "out_of_fold", "predictions")}
    digit_table.save(table, paths["digits"])
    save_readings(table, written, "train", paths["out_of_fold"])
    save_readings(table, written, "test", paths["predictions"])
    return paths


def audit_in(folder: Path) -> dict[str, str]:
    """Run the stage and return each output's hash."""
    out = folder / "out"
    audit.main(PARAMS, **prepared(folder), metrics=out / "audit.json", findings=out / "audit")
    files = [path for path in sorted(out.rglob("*")) if path.is_file()]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audited")
    first, second = audit_in(folder), audit_in(folder / "again")
    assert first == second
    assert set(first) == {
        "audit.json",
        *(f"audit/{name}.csv" for name in ("suspects", "corrections", "corrections-test", "duplicates")),
        *(f"audit/{name}.png" for name in ("mnist", "b")),
    }
    return folder / "out"


def suspects(out: Path) -> list[dict[str, str]]:
    with (out / "audit/suspects.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_was_done_to_the_labels_is_found_in_both_splits(out: Path) -> None:
    found = {(line["source"], line["split"], line["verdict"]) for line in suspects(out)}
    assert found == {
        ("mnist", "train", "other-digit"),
        ("b", "train", "row-shifted"),
        ("b", "test", "other-digit"),
    }


def test_metrics_equal_counting_the_list_of_suspects(out: Path) -> None:
    metrics, lines = json.loads((out / "audit.json").read_text()), suspects(out)
    for source, n in (("mnist", KNOWN), ("b", 30)):
        own = [line for line in lines if line["source"] == source]
        assert (metrics[source]["n"], metrics[source]["suspects"]) == (n, len(own))
        for verdict, number in metrics[source]["by_verdict"].items():
            assert number == sum(line["verdict"] == verdict for line in own)
        assert [line["rank"] for line in own] == [str(rank) for rank in range(1, len(own) + 1)]
        assert [float(line["score"]) for line in own] == sorted(float(line["score"]) for line in own)
        rows = [f"{line['photo']}, {line['explanation']}" for line in own if line["verdict"] == "row-shifted"]
        assert metrics[source]["rows"] == sorted(set(rows))
        assert metrics[source]["sheets_twice"] == []


def test_two_photos_of_one_sheet_are_told_once_for_each_source() -> None:
    table, ink = digits_and_readings()
    images = digit_table.images(table).copy()
    images[KNOWN + 10 : KNOWN + 20] = images[KNOWN + 20 :]  # row 1 of b/x.jpg and row 0 of b/y.jpg are one ink …
    images[KNOWN : KNOWN + 10] = images[KNOWN + 20 :]  # … and so is row 0 of b/x.jpg, at the same places
    columns = {name: table.column(name).to_pylist() for name in ("writer", "photo", "row", "col", "split")}
    again = digit_table.from_columns(images, digit_table.labels(table), table.column("source").to_pylist(), **columns)
    found = judged.judged(again, sure_of(again, ink).astype(float), unsure=0.5, near_spreads=5)
    (sheet,) = found.sheets
    assert (sheet.first, sheet.second, sheet.same, sheet.near) == ("b/x.jpg", "b/y.jpg", 20, 30)
    metrics = written.metrics(found)
    assert (metrics["mnist"]["sheets_twice"], metrics["b"]["sheets_twice"]) == ([], [str(sheet)])


def test_a_score_is_the_probability_of_the_label(out: Path) -> None:
    table, written = digits_and_readings()
    place_of = {name: place for place, name in enumerate(digit_table.strings(table, "id"))}
    probabilities = sure_of(table, written)
    for line in suspects(out):
        own = probabilities[place_of[line["id"]]]
        assert float(line["score"]) == pytest.approx(own[int(line["label"])], abs=1e-6)
        assert int(line["prediction"]) == own.argmax()
        assert float(line["probability"]) == pytest.approx(own.max(), abs=1e-6)


def test_proposals_are_lines_of_corrections_that_put_the_labels_right(out: Path) -> None:
    train = corrections.load(out / "audit/corrections.csv")
    assert {(c.photo, c.row, c.col): c.label for c in train} == {("b/x.jpg", 0, col): ROW[col] for col in range(10)}
    (test,) = corrections.load(out / "audit/corrections-test.csv")
    assert (test.photo, test.row, test.col, test.label) == ("b/y.jpg", 0, 4, 5)


def broken(folder: Path, name: str, change: Any) -> str:
    paths = prepared(folder)
    pq.write_table(change(pq.read_table(paths[name])), paths[name])
    with pytest.raises(BadInputError) as caught:
        audit.main(PARAMS, **paths, metrics=folder / "audit.json", findings=folder / "audit")
    assert not (folder / "audit.json").exists()
    return str(caught.value).removeprefix(f"{paths[name]}: ")


@pytest.mark.slow
def test_readings_of_another_table_are_refused(tmp_path: Path) -> None:
    def relabelled(table: pa.Table) -> pa.Table:
        return table.set_column(1, "label", pa.array((np.asarray(table.column("label")) + 1) % 10, pa.uint8()))

    def renamed(table: pa.Table) -> pa.Table:
        return table.set_column(0, "id", pa.array([f"{k:016x}" for k in range(len(table))]))

    def unsure(table: pa.Table) -> pa.Table:
        return table.set_column(2, "p0", pa.array(np.full(len(table), np.nan, np.float32)))

    assert broken(tmp_path, "out_of_fold", relabelled).startswith("expected the labels of the digit table, got others")
    assert broken(tmp_path, "predictions", renamed).startswith("expected test rows of the digit table, got id `000")
    assert broken(tmp_path, "predictions", lambda table: table[:-1]).startswith("expected each of 60 test rows once")
    assert broken(tmp_path, "out_of_fold", unsure).startswith("expected probabilities from 0 to 1, got others")
    assert broken(tmp_path, "out_of_fold", lambda table: table.drop_columns(["p3"])).startswith("expected a table of")


def test_train_rows_of_folds_that_were_not_trained_are_not_audited(tmp_path: Path) -> None:
    paths = prepared(tmp_path)
    pq.write_table(pq.read_table(paths["out_of_fold"])[:100], paths["out_of_fold"])
    found = audit.audited(**paths, settings=params.load(PARAMS).audit)
    assert len(found.read.labels) == 100 + 60
