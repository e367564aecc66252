import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from scipy import stats

from pipeline import digits as digit_table
from pipeline import robustness
from pipeline.errors import BadInputError
from pipeline.learning.corruptions.kinds import KINDS
from tests.params_file import written
from tests.printed_digits import printed

SHEETS = {"collections": {"a": {"digits": 30, "simulated": True}, "b": {"digits": 20}}}


def table_of(counts: dict[str, int], split: str = "test", seed: int = 0) -> pa.Table:
    """Printed digits with noise of their own, so that ids differ."""
    labels = np.concatenate([np.arange(count) % 10 for count in counts.values()])
    noise = np.random.default_rng(seed).integers(0, 30, (len(labels), 28, 28), dtype=np.uint8)
    sources = [source for source, count in counts.items() for _ in range(count)]
    return digit_table.from_columns(np.maximum(printed()[labels], noise), labels, sources, split=split)


def test_at_most_so_many_test_digits_of_each_source_are_chosen_and_more_only_add() -> None:
    table = pa.concat_tables(
        [table_of({"mnist": 60, "a": 30, "b": 7}), table_of({"mnist": 50}, "train", 1)]
    ).unify_dictionaries()
    ten, twenty, everything = (robustness.chosen_rows(table, limit) for limit in (10, 20, 0))
    assert ten.column("source").value_counts().to_pylist() == [
        {"values": "mnist", "counts": 10},
        {"values": "a", "counts": 10},
        {"values": "b", "counts": 7},
    ]
    assert sorted(ten.column("label").to_pylist()[:10]) == list(range(10))
    ids = [rows.column("id").to_pylist() for rows in (ten, twenty, everything)]
    assert set(ids[0]) < set(ids[1]) < set(ids[2])
    assert ids[2] == table.column("id").to_pylist()[:97]
    with pytest.raises(BadInputError, match="at least one test digit"):
        robustness.chosen_rows(table_of({"mnist": 3}, "train"), 0)


@pytest.mark.slow
def test_accuracies_are_what_plain_counting_of_readings_gives() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 10, 80).astype(np.uint8)
    sources = ["mnist"] * 50 + ["a"] * 20 + ["b"] * 10
    names = ["clean", *KINDS]
    read = {name: np.where(generator.random(80) < 0.6, labels, (labels + 1) % 10).astype(np.uint8) for name in names}
    report = robustness.robustness(labels, sources, read)
    assert list(report) == ["mnist", "a", "b", "handwriting"]
    for source, found in report.items():
        wanted = [i for i in range(80) if sources[i] == source or (source == "handwriting" and sources[i] != "mnist")]
        assert found["n"] == len(wanted)
        shares = {}
        for name in names:
            errors = sum(int(read[name][i]) != int(labels[i]) for i in wanted)
            entry = found["clean"] if name == "clean" else found["corruption"][name]
            assert entry["errors"] == errors
            assert entry["accuracy"] == pytest.approx(1 - errors / len(wanted), abs=6e-7)
            interval = stats.binomtest(len(wanted) - errors, len(wanted)).proportion_ci(method="wilson")
            assert (entry["ci95_low"], entry["ci95_high"]) == pytest.approx(tuple(interval), abs=1e-6)
            shares[name] = entry["accuracy"]
        kinds = {name: shares[name] for name in KINDS}
        assert found["mean_accuracy"] == pytest.approx(sum(kinds.values()) / 15, abs=2e-6)
        assert found["worst"]["accuracy"] == min(kinds.values()) == kinds[found["worst"]["corruption"]]
        assert list(found["corruption"]) == list(KINDS)
        right = [[read[name][i] == labels[i] for name in KINDS] for i in wanted]
        means = np.mean(right, axis=1)
        resampled = [generator.choice(means, len(means)).mean() for _ in range(4000)]
        low, high = np.quantile(resampled, [0.025, 0.975])
        least, most = stats.binomtest(int(np.sum(right)), np.size(right)).proportion_ci(method="wilson")
        ends = (min(low, least), max(high, most))
        assert (found["mean_ci95_low"], found["mean_ci95_high"]) == pytest.approx(ends, abs=0.012)


def test_the_interval_of_the_mean_is_196_standard_errors_of_the_digits_shares_either_way() -> None:
    labels = np.zeros(60, np.uint8)
    hurt = np.where(np.arange(60) % 3 == 0, 1, 0).astype(np.uint8)  # a third is misread in 10 of the 15 ways
    read = {"clean": labels, **{kind: hurt if place < 10 else labels for place, kind in enumerate(KINDS)}}
    found = robustness.robustness(labels, ["mnist"] * 60, read)["mnist"]
    shares = np.where(hurt, 1 / 3, 1.0)
    reach = stats.norm.ppf(0.975) * shares.std() / np.sqrt(60)
    ends = (shares.mean() - reach, shares.mean() + reach)
    assert (found["mean_ci95_low"], found["mean_ci95_high"]) == pytest.approx(ends, abs=1e-6)


def test_of_what_is_read_the_clean_digits_are_as_they_are_and_the_others_are_not() -> None:
    images, ids = printed(), [f"{place:016x}" for place in range(10)]
    shown = robustness.variants(images, ids)
    assert list(shown) == ["clean", *KINDS]
    assert [kind for kind in shown if np.array_equal(shown[kind], images)] == ["clean"]


def test_a_name_with_a_comma_is_one_cell_of_the_table() -> None:
    entry = {"clean": {"accuracy": 1.0}, "corruption": {"fog": {"accuracy": 0.5}}}
    lines = list(csv.DictReader(robustness.accuracy_csv({"class 3, monday": entry}).splitlines()))
    assert [(line["source"], line["corruption"], line["accuracy"]) for line in lines] == [
        ("class 3, monday", "clean", "1.0"),
        ("class 3, monday", "fog", "0.5"),
    ]


@pytest.mark.parametrize("wrong", [0, 1])
def test_digits_that_are_all_read_alike_leave_the_mean_uncertain(wrong: int) -> None:
    """As much as so many independent readings would, by scipy."""
    labels = np.full(5, 3, np.uint8)
    read = dict.fromkeys(("clean", *KINDS), labels + wrong)
    found = robustness.robustness(labels, ["a"] * 5, read)["a"]
    interval = stats.binomtest(0 if wrong else 75, 75).proportion_ci(method="wilson")
    assert (found["mean_ci95_low"], found["mean_ci95_high"]) == pytest.approx(tuple(interval), abs=1e-6)
    assert found["mean_ci95_high"] - found["mean_ci95_low"] > 0.04


@pytest.mark.slow
def test_a_reader_of_clean_digits_alone_has_its_accuracies_in_the_right_order() -> None:
    """The nearest printed digit: all clean ones are right, noise hurts little, shifts and inversion much."""
    images, labels = np.repeat(printed(), 12, axis=0), np.repeat(np.arange(10, dtype=np.uint8), 12)
    ids = [hashlib.blake2b(bytes([place]), digest_size=8).hexdigest() for place in range(120)]
    known = printed().reshape(10, -1).astype(float)

    def nearest(shown: digit_table.Images) -> NDArray[np.float32]:
        flat = shown.reshape(len(shown), -1).astype(float)
        return np.asarray(-((flat[:, None] - known) ** 2).sum(axis=2), np.float32)

    read = robustness.predicted(robustness.variants(images, ids), nearest)
    found = robustness.robustness(labels, ["mnist"] * 120, read)["mnist"]
    accuracy = {"clean": found["clean"]["accuracy"], **{k: v["accuracy"] for k, v in found["corruption"].items()}}
    assert accuracy["clean"] == 1
    assert accuracy["shot_noise"] > 0.98
    assert accuracy["shot_noise"] > accuracy["rotate"] > accuracy["translate"]
    assert accuracy["translate"] < 0.6


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pipeline.learning.architectures import build
    from pipeline.learning.ensemble import save_ensemble
    from pipeline.learning.weights import weights_bytes
    from pipeline.params import Model

    folder = tmp_path_factory.mktemp("trained") / "models"
    save_ensemble(folder, Model(arch="mlp", activation="relu"), [weights_bytes(build("mlp", "relu", 0))])
    return folder


def run_in(folder: Path, models: Path, table: pa.Table, limit: int) -> dict[str, str]:
    """Run the stage and return each output's hash."""
    folder.mkdir()
    digit_table.save(table, folder / "digits.parquet")
    (folder / "sheets.json").write_text(json.dumps(SHEETS))
    out = folder / "out"
    robustness.main(
        written(folder, evaluate={"robustness_digits": limit}),
        digits=folder / "digits.parquet",
        models=models,
        sheets_metrics=folder / "sheets.json",
        metrics=out / "robustness.json",
        accuracies=out / "robustness.csv",
        picture=out / "robustness.png",
    )
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


@pytest.mark.slow
def test_stage_looks_at_no_train_row_and_writes_the_same_bytes_again(tmp_path: Path, models: Path) -> None:
    test = table_of({"mnist": 40, "a": 30, "b": 20})
    trained, other = (table_of({"mnist": 15}, "train", seed) for seed in (1, 2))
    first, second = (
        run_in(tmp_path / name, models, pa.concat_tables(parts).unify_dictionaries(), 12)
        for name, parts in (("1", [trained, test]), ("2", [test.slice(0, 50), other, test.slice(50)]))
    )
    assert first == second
    report = json.loads((tmp_path / "1/out/robustness.json").read_text())
    assert {source: found["n"] for source, found in report.items()} == {
        "mnist": 12,
        "a": 12,
        "b": 12,
        "handwriting": 24,
    }
    with (tmp_path / "1/out/robustness.csv").open() as stream:
        lines = list(csv.DictReader(stream))
    assert len(lines) == 4 * 16
    for line in lines:
        found = report[line["source"]]
        entry = found["clean"] if line["corruption"] == "clean" else found["corruption"][line["corruption"]]
        assert float(line["accuracy"]) == entry["accuracy"]


def test_the_picture_shows_ten_labels_from_both_kinds_of_source() -> None:
    rows = table_of({"mnist": 100, "a": 100})
    labels, ids, sources = (rows.column(name).to_pylist() for name in ("label", "id", "source"))
    places = robustness.shown_places(np.array(labels, np.uint8), sources, ids)
    assert sorted(labels[place] for place in places) == list(range(10))
    assert [sources[place] for place in places] == ["mnist"] * 5 + ["a"] * 5
    alone = robustness.shown_places(np.array(labels[:100], np.uint8), sources[:100], ids[:100])
    assert len(alone) == 5
