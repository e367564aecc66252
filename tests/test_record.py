from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline import finished, record, results
from pipeline.errors import BadInputError
from pipeline.results import Epoch, Result
from tests import run_files
from tests.made_results import result

ORIGIN = record.Origin("a", "dvc exp run", "Imagined CPU", 2, date(2026, 11, 21), "0123456")


def run_of(folder: Path, **changes: dict[str, Any]) -> finished.Finished:
    return finished.load(run_files.left(folder, **changes))


def test_a_run_becomes_a_row_a_test_source(tmp_path: Path) -> None:
    mnist, students = record.results_of(run_of(tmp_path), ORIGIN)
    assert (mnist.source, mnist.n, mnist.errors) == ("mnist", 10_000, 90)
    assert (students.source, students.n, students.errors) == ("ptddigits", 498, 5)
    assert (mnist.recipe, mnist.folds_run, mnist.epochs, mnist.seed) == ("report+changes", 2, 3, 0)
    assert mnist.trained_on == "mnist+ptddigits"
    assert mnist.multiply_adds == 416_520
    assert (mnist.digits_seen, mnist.processor_seconds, mnist.seconds) == (10_000, 22.0, 12.5)
    assert (mnist.processor, mnist.command) == ("Imagined CPU", "dvc exp run")


def test_simulated_digits_are_called_so_and_so_is_handwriting_with_some_of_them(tmp_path: Path) -> None:
    sheets = {"collections": {"ptddigits": {"simulated": True}}}
    scores = run_of(tmp_path).scores["ptddigits"].model_dump()
    run = run_of(tmp_path, sheets=sheets, evaluate={"handwriting": scores})
    marked = {row.source: row.simulated for row in record.results_of(run, ORIGIN)}
    assert marked == {"mnist": False, "ptddigits": True, "handwriting": True}


def test_a_folds_processor_time_is_shared_out_over_its_own_epochs(tmp_path: Path) -> None:
    rows = record.epochs_of(run_of(tmp_path), "a")
    assert [(row.fold, row.epoch, row.processor_seconds) for row in rows] == [
        (0, 1, 5.0),
        (0, 2, 10.0),
        (1, 1, 4.0),
        (1, 2, 8.0),
        (1, 3, 12.0),
    ]
    assert rows[-1].validation_accuracy == 0.98


def test_wall_time_is_unknown_where_folds_were_trained_earlier(tmp_path: Path) -> None:
    timing = {"folds_trained_now": 1, "digits_per_second": None}
    mnist, _ = record.results_of(run_of(tmp_path, timing=timing), ORIGIN)
    assert (mnist.seconds, mnist.digits_per_second, mnist.processor_seconds) == (None, None, 22.0)


def test_accuracy_that_does_not_follow_from_errors_is_refused(tmp_path: Path) -> None:
    spoilt = {**run_of(tmp_path).scores["mnist"].model_dump(), "errors": 80}
    with pytest.raises(BadInputError, match="expected accuracy"):
        record.results_of(run_of(tmp_path, evaluate={"mnist": spoilt}), ORIGIN)


def test_the_same_name_and_seed_again_asks_for_replace_and_then_replaces_all_its_rows() -> None:
    known = [result(90), result(9, 498, source="ptddigits"), result(88, seed=1), result(50, name="other")]
    with pytest.raises(BadInputError, match=r"expected a new run, got `lenet5-report` with seed 0.*--replace"):
        record.added(known, [result(70)], replace=False, origin=Path("results.csv"))
    after = record.added(known, [result(70)], replace=True, origin=Path("results.csv"))
    assert sorted((row.name, row.seed, row.errors) for row in after) == [
        ("lenet5-report", 0, 70),
        ("lenet5-report", 1, 88),
        ("other", 0, 50),
    ]


def test_another_seed_joins_and_another_name_too() -> None:
    known = [result(90)]
    for new in (result(80, seed=1), result(80, name="b", recipe="ours")):
        assert record.added(known, [new], replace=False, origin=Path("r.csv")) == [*known, new]


def test_seeds_of_one_name_are_tested_on_as_many_digits_of_each_source() -> None:
    both = [result(), result(9, 498, source="ptddigits")]
    other = [result(80, seed=1), result(9, 498, source="ptddigits", seed=1)]
    assert record.added(both, other[::-1], replace=False, origin=Path("r.csv")) == [*both, *other[::-1]]
    told = "expected test digits 10,000 of mnist, 498 of ptddigits as with seed 0, got 10,000 of mnist"
    with pytest.raises(BadInputError, match=told):
        record.added(both, other[:1], replace=False, origin=Path("r.csv"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"recipe": "ours"}, "expected recipe report as with seed 0, got ours"),
        ({"epochs": 11}, "expected epochs 10 as with seed 0, got 11"),
        ({"normalize": "stretch"}, "expected normalize mnist as with seed 0, got stretch"),
        ({"precision": "bfloat16"}, "expected precision float32 as with seed 0, got bfloat16"),
        ({"n": 1000}, "expected test digits 10,000 of mnist as with seed 0, got 1,000 of mnist; one name is for"),
        ({"source": "ptddigits"}, "expected test digits 10,000 of mnist as with seed 0, got 10,000 of ptddigits"),
    ],
)
def test_one_name_is_for_one_kind_of_run(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInputError, match=told):
        record.added([result()], [result(seed=1, **changes)], replace=False, origin=Path("r.csv"))


def test_results_and_curves_are_kept_together(tmp_path: Path) -> None:
    place = tmp_path / "metrics" / "results.csv"
    run = run_of(tmp_path)
    new = record.keep(run, ORIGIN, place, replace=False)
    assert results.read(place, Result) == new
    assert results.read(place.with_name("results-curves.csv"), Epoch) == record.epochs_of(run, "a")
    before = place.read_bytes()
    with pytest.raises(BadInputError, match="--replace"):
        record.keep(run, ORIGIN, place, replace=False)
    record.keep(run, ORIGIN, place, replace=True)
    assert place.read_bytes() == before


def test_a_run_that_was_killed_between_both_files_can_be_added_again(tmp_path: Path) -> None:
    place = tmp_path / "results.csv"
    run = run_of(tmp_path)
    record.keep(run, ORIGIN, place, replace=False)
    place.unlink()
    record.keep(run, ORIGIN, place, replace=False)
    assert len(results.read(record.curves_beside(place), Epoch)) == 5


def test_results_are_written_after_their_curves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written: list[Path] = []
    monkeypatch.setattr(results, "write", lambda path, *_: written.append(path))
    record.keep(run_of(tmp_path), ORIGIN, tmp_path / "results.csv", replace=False)
    assert [path.name for path in written] == ["results-curves.csv", "results.csv"]


def test_handwriting_is_not_called_simulated_where_no_simulated_digit_was_tested(tmp_path: Path) -> None:
    sheets = {"collections": {"ptddigits": {}, "drawn": {"simulated": True}}}
    scores = run_of(tmp_path).scores["ptddigits"].model_dump()
    rows = record.results_of(run_of(tmp_path, sheets=sheets, evaluate={"handwriting": scores}), ORIGIN)
    assert {row.source: row.simulated for row in rows} == {"mnist": False, "ptddigits": False, "handwriting": False}


def test_a_run_without_scores_is_refused(tmp_path: Path) -> None:
    files = run_files.left(tmp_path)
    files.evaluate.write_text("{}")
    with pytest.raises(BadInputError, match="at least one test source"):
        record.keep(finished.load(files), ORIGIN, tmp_path / "r.csv", replace=False)


def test_a_name_that_is_no_name_is_told_in_one_short_line(tmp_path: Path) -> None:
    origin = record.Origin("a b", "dvc exp run", "CPU", 2, date(2026, 11, 21), "0")
    with pytest.raises(BadInputError, match=r"^NAME: expected letters, digits and \. _ \+ -, the first .*, got 'a b'$"):
        record.results_of(run_of(tmp_path), origin)
