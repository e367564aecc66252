import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline import digits as digit_table
from pipeline import domain_gap
from pipeline.errors import BadInputError
from pipeline.gap.properties import NAMES
from tests.gap.hands import written
from tests.params_file import written as params_written

SHEETS = {"collections": {"a": {"digits": 100, "simulated": True}, "b": {"digits": 20}}}


def table_of(source: str, count: int, seed: int, paler: float = 1.0, writers: int = 5) -> pa.Table:
    images, labels = written(count, seed)
    named = [f"{source}/{place % writers}" for place in range(count)]
    split = ["train" if place % 3 else "test" for place in range(count)]
    return digit_table.from_columns((images * paler).astype(np.uint8), labels, source, writer=named, split=split)


@pytest.fixture(scope="module")
def table() -> pa.Table:
    parts = [table_of("mnist", 300, 0), table_of("a", 100, 1, paler=0.5), table_of("b", 20, 3)]
    return pa.concat_tables(parts).unify_dictionaries()


@pytest.mark.slow
def test_each_collection_and_all_together_are_compared_with_mnist(table: pa.Table) -> None:
    report = domain_gap.gaps(domain_gap.sampled(table, 0))
    assert list(report) == ["a", "b", "handwriting"]
    assert [(found["n"], found["mnist_n"]) for found in report.values()] == [(100, 300), (20, 300), (120, 300)]
    assert report["a"]["says"][0].startswith("ink 1")
    assert report["a"]["says"][0].endswith("paler than MNIST's")
    assert report["a"]["auc"] > 0.99
    assert report["a"]["auc_ci95_low"] <= report["a"]["auc"] <= report["a"]["auc_ci95_high"] <= 1
    assert 0.5 < report["handwriting"]["auc"] < report["a"]["auc"]
    assert not any(key.startswith("auc") for key in report["b"])  # 20 digits are too few
    for found in report.values():
        assert list(found["property"]) == list(NAMES)
        for entry in found["property"].values():
            assert entry["difference"] == pytest.approx(entry["collection"] - entry["mnist"], abs=2e-6)


def test_at_most_so_many_digits_of_each_source_are_sampled_whatever_the_order_of_rows(table: pa.Table) -> None:
    turned = table.take(pa.array(np.random.default_rng(0).permutation(len(table))))
    few, again = (domain_gap.sampled(rows, 50) for rows in (table, turned))
    assert {name: few.sources.count(name) for name in ("mnist", "a", "b")} == {"mnist": 50, "a": 50, "b": 20}
    assert {image.tobytes() for image in few.images} == {image.tobytes() for image in again.images}
    assert (np.bincount(few.labels[np.array(few.sources) == "mnist"]) == 5).all()


def test_without_mnist_there_is_nothing_to_compare_with() -> None:
    with pytest.raises(BadInputError, match="expected digits of MNIST"):
        domain_gap.sampled(table_of("a", 20, 1), 0)


def run_in(folder: Path, table: pa.Table) -> dict[str, str]:
    """Run the stage and return each output's hash."""
    folder.mkdir()
    digit_table.save(table, folder / "digits.parquet")
    (folder / "sheets.json").write_text(json.dumps(SHEETS))
    out = folder / "out"
    domain_gap.main(
        params_written(folder, evaluate={"gap_digits": 0}),
        digits=folder / "digits.parquet",
        sheets_metrics=folder / "sheets.json",
        metrics=out / "domain_gap.json",
        picture=out / "domain_gap.png",
    )
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


@pytest.mark.slow
def test_stage_writes_the_same_bytes_again(tmp_path: Path, table: pa.Table) -> None:
    first, second = (run_in(tmp_path / name, table) for name in ("1", "2"))
    assert first == second
    assert set(first) == {"domain_gap.json", "domain_gap.png"}
    assert set(json.loads((tmp_path / "1/out/domain_gap.json").read_text())) == {"a", "b", "handwriting"}


def test_stage_says_so_where_there_is_no_collection(tmp_path: Path, table: pa.Table) -> None:
    run_in(tmp_path / "1", table.slice(0, 300))
    assert json.loads((tmp_path / "1/out/domain_gap.json").read_text()) == {}


@pytest.mark.slow
def test_without_five_known_writers_nothing_is_said_of_telling_apart() -> None:
    """Crops of one person, of whom nobody said so, are no many people."""
    mnist = table_of("mnist", 300, 0)
    for known in (4, 5):
        ours = table_of("a", 100, 1, paler=0.5, writers=known)
        report = domain_gap.gaps(domain_gap.sampled(pa.concat_tables([mnist, ours]).unify_dictionaries(), 0))
        assert ("auc" in report["a"]) == (known == 5)
    nobody = ours.set_column(4, "writer", pa.nulls(100, pa.string()))
    report = domain_gap.gaps(domain_gap.sampled(pa.concat_tables([mnist, nobody]).unify_dictionaries(), 0))
    assert "auc" not in report["a"]
