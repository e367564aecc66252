import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import digits as digit_table
from pipeline import evaluate, measures, out_of_fold, scores
from pipeline.errors import BadInputError
from pipeline.pictures import tested
from pipeline.prediction_columns import Probabilities
from tests.counting import assert_same_numbers, counted_again
from tests.laws import up_to
from tests.measured_again import assert_measured_again

PARAMS = Path(__file__).parents[1] / "params.yaml"
TRACKED = (2, 5, 7, 9)
SETTLED = measures.Settled(temperature=1.5, threshold=0.6)
SHEETS = {
    "photos": 1,
    "digits": 60,
    "rejects": 2,
    "reasons": {"blank": 2},
    "collections": {
        "samples": {"photos": 1, "digits": 60, "rejects": 2, "reasons": {"blank": 2}, "writers": 2, "simulated": True}
    },
}


def table_of(sources: list[str], labels: list[int], split: str = "test", seed: int = 0) -> pa.Table:
    images = np.random.default_rng(seed).integers(0, 256, (len(labels), 28, 28), dtype=np.uint8)
    return digit_table.from_columns(images, labels, sources, split=split)


def probabilities_for(predictions: list[int]) -> Probabilities:
    """Each row sums to 1 and is highest at its prediction."""
    probabilities = np.random.default_rng(1).dirichlet(np.ones(10), len(predictions)) / 2
    probabilities[np.arange(len(predictions)), predictions] += 0.5
    return probabilities.astype(np.float32)


a_digit = st.integers(0, 9)


@settings(max_examples=up_to(50), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["mnist", "a", "b"]), a_digit, a_digit), min_size=1, max_size=80))
def test_metrics_equal_plain_counting_of_the_prediction_table(
    tmp_path_factory: pytest.TempPathFactory, read: list[tuple[str, int, int]]
) -> None:
    sources, labels, predictions = (list(column) for column in zip(*read, strict=True))
    table = evaluate.predicted(table_of(sources, labels), probabilities_for(predictions))
    path = tmp_path_factory.mktemp("data") / "predictions.parquet"
    evaluate.save_predictions(table, path)
    records = pq.read_table(path).to_pylist()
    assert [(r["source"], r["label"], r["prediction"]) for r in records] == read
    assert_same_numbers(evaluate.evaluated(table, TRACKED, SETTLED), counted_again(records, TRACKED))


def test_prediction_is_the_most_probable_digit_and_the_smallest_on_a_tie() -> None:
    probabilities = np.zeros((2, 10), np.float32)
    probabilities[0, [4, 9]] = 0.5
    probabilities[1, 8] = 1
    table = evaluate.predicted(table_of(["mnist"] * 2, [1, 8]), probabilities)
    assert table.column("prediction").to_pylist() == [4, 8]
    assert table.column("p9").to_pylist() == [0.5, 0]


def test_prediction_table_keeps_each_digits_place() -> None:
    images = np.zeros((1, 28, 28), np.uint8)
    rows = digit_table.from_columns(images, [3], "a", writer=["a/1"], photo=["a/x.jpg"], row=[2], col=[4], split="test")
    (record,) = evaluate.predicted(rows, probabilities_for([3])).to_pylist()
    kept = {name: record[name] for name in ("id", "source", "writer", "photo", "row", "col", "label", "prediction")}
    place = {"source": "a", "writer": "a/1", "photo": "a/x.jpg", "row": 2, "col": 4, "label": 3, "prediction": 3}
    assert kept == {"id": digit_table.digit_id("a", "a/x.jpg", 2, 4, images[0]), **place}
    assert list(record)[8:] == [f"p{d}" for d in range(10)]


@pytest.mark.parametrize("bad", [np.full((1, 10), np.nan, np.float32), np.ones((2, 10), np.float32)])
def test_probabilities_that_cannot_be_are_refused(bad: Probabilities) -> None:
    with pytest.raises(ValueError, match="finite"):
        evaluate.predicted(table_of(["mnist"], [1]), bad)


def test_confusion_files_hold_a_line_a_digit_and_none_is_left_over(tmp_path: Path) -> None:
    folder = tmp_path / "confusion"
    table = evaluate.predicted(table_of(["mnist", "a", "a"], [1, 2, 3]), probabilities_for([1, 7, 3]))
    evaluate.save_confusion(evaluate.predicted(table_of(["gone"], [1]), probabilities_for([1])), folder)
    evaluate.save_confusion(table, folder)
    written = {path.name: path.read_text() for path in folder.iterdir()}
    read = "actual,predicted\n2,7\n3,3\n"
    assert written == {"mnist.csv": "actual,predicted\n1,1\n", "a.csv": read, "handwriting.csv": read}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pipeline.learning.architectures import build
    from pipeline.learning.ensemble import save_ensemble
    from pipeline.learning.weights import weights_bytes
    from pipeline.params import Model

    folder = tmp_path_factory.mktemp("trained") / "models"
    save_ensemble(
        folder, Model(arch="mlp", activation="relu"), [weights_bytes(build("mlp", "relu", k)) for k in (0, 1)]
    )
    return folder


def out_of_fold_table(table: pa.Table) -> pa.Table:
    """What `train` would say of the train rows: each third one read as the next digit."""
    rows = digit_table.of_split(table, "train")
    labels = digit_table.labels(rows)
    read = [int(label + 1) % 10 if place % 3 == 0 else int(label) for place, label in enumerate(labels)]
    probabilities = probabilities_for(read)
    columns = {"id": rows.column("id"), "fold": pa.array([0] * len(read), pa.int8()), "label": pa.array(labels)}
    columns |= {"prediction": pa.array(read, pa.uint8())}
    return pa.table(columns | {f"p{d}": pa.array(probabilities[:, d]) for d in range(10)})


def evaluate_in(folder: Path, models: Path, table: pa.Table) -> dict[str, str]:
    """Run the stage and return each output's hash."""
    folder.mkdir()
    digit_table.save(table, folder / "digits.parquet")
    pq.write_table(out_of_fold_table(table), folder / "out_of_fold.parquet")
    (folder / "sheets.json").write_text(json.dumps(SHEETS))
    counts = {"mnist": {"train": 40, "test": 1010}, "samples": {"train": 0, "test": 60}}
    (folder / "merge.json").write_text(json.dumps({"digits": counts, "removed": {}}))
    out = folder / "out"
    evaluate.main(
        PARAMS,
        digits=folder / "digits.parquet",
        models=models,
        out_of_fold=folder / "out_of_fold.parquet",
        sheets_metrics=folder / "sheets.json",
        merge_metrics=folder / "merge.json",
        metrics=out / "evaluate.json",
        out_of_fold_metrics=out / "out_of_fold.json",
        predictions=out / "predictions.parquet",
        confusion=out / "confusion",
        reliability=out / "reliability.csv",
        by_digit=out / "by_digit.csv",
        galleries=out / "galleries",
    )
    files = [path for path in sorted(out.rglob("*")) if path.is_file()]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_temperature_and_threshold_are_settled_on_out_of_fold_digits_alone(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.arange(60) % 10
    test, trained = (
        table_of(["mnist"] * 20, labels[:20].tolist()),
        table_of(["mnist"] * 40, labels[20:].tolist(), "train"),
    )
    seen: list[measures.Answers] = []

    def on(answers: measures.Answers) -> measures.Settled:
        seen.append(answers)
        return measures.Settled(1.25, 0.0625)

    monkeypatch.setattr(measures.Settled, "on", on)
    monkeypatch.setattr(tested, "draw", lambda *_, **__: None)
    evaluate_in(tmp_path / "run", models, pa.concat_tables([trained, test]).unify_dictionaries())
    (answers,) = seen
    unseen = out_of_fold_table(trained)
    assert answers.labels.tolist() == unseen.column("label").to_pylist()
    assert answers.probabilities[:, 3].tolist() == unseen.column("p3").to_pylist()
    report, said = (
        json.loads((tmp_path / "run/out" / name).read_text()) for name in ("evaluate.json", "out_of_fold.json")
    )
    assert said["temperature"] == 1.25
    assert {found["mnist"]["selective"]["threshold"] for found in (report, said["sources"])} == {0.0625}


@pytest.mark.slow
def test_stage_looks_at_no_train_image_and_writes_the_same_bytes_again(
    tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = np.random.default_rng(2).integers(0, 10, 1110).tolist()
    test = table_of(["mnist"] * 1010 + ["samples"] * 60, labels[:1070])
    trained = table_of(["mnist"] * 40, labels[1070:], split="train", seed=3)
    redrawn = table_of(["mnist"] * 40, labels[1070:], split="train", seed=4)
    parts = [[trained, test], [test.slice(0, 500), redrawn, test.slice(500)]]
    first, second = (
        evaluate_in(tmp_path / str(k), models, pa.concat_tables(part).unify_dictionaries())
        for k, part in enumerate(parts)
    )
    assert first == second
    names = ("handwriting", "mnist", "samples")
    kinds = [f"galleries/{name}-{how}.png" for name in names[:2] for how in ("wrong", "right")]
    kinds += [f"galleries/{what}-{name}.png" for name in names for what in ("confusion", "reliability", "by-digit")]
    assert set(first) == {
        "evaluate.json",
        "out_of_fold.json",
        "reliability.csv",
        "by_digit.csv",
        "predictions.parquet",
        *(f"confusion/{name}.csv" for name in names),
        *kinds,
    }
    report = json.loads((tmp_path / "0/out/evaluate.json").read_text())
    records = pq.read_table(tmp_path / "0/out/predictions.parquet").to_pylist()
    assert [record["label"] for record in records] == labels[:1070]
    assert_same_numbers(report, counted_again(records, TRACKED))
    assert list(report) == ["mnist", "samples", "handwriting"]
    unseen = out_of_fold.load(tmp_path / "0/out_of_fold.parquet", digit_table.load(tmp_path / "0/digits.parquet"))
    said = json.loads((tmp_path / "0/out/out_of_fold.json").read_text())
    assert list(said["sources"]) == ["mnist"]
    assert_measured_again(report, said, records, unseen.to_pylist())
    assert "samples (simulated)" in capsys.readouterr().out


def test_missing_metrics_of_an_earlier_stage_are_one_clear_line(tmp_path: Path) -> None:
    names = "digits models out_of_fold metrics out_of_fold_metrics predictions confusion reliability by_digit galleries"
    nowhere = {name: tmp_path / name for name in names.split()}
    with pytest.raises(BadInputError, match=r"sheets\.json: expected a metrics file.*dvc repro"):
        evaluate.main(PARAMS, sheets_metrics=tmp_path / "sheets.json", merge_metrics=tmp_path / "merge.json", **nowhere)


def test_scores_and_stage_agree_on_the_digits() -> None:
    assert len(scores.DIGITS) == digit_table.CLASSES
