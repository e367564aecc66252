from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import BadInputError
from pipeline.reports import reading
from tests.reports.made_run import left, said

WRITTEN_BY = {
    "sheets": "sheets",
    "merge": "merge",
    "train": "train",
    "evaluate": "evaluate",
    "out_of_fold": "evaluate",
    "robustness": "robustness",
    "domain_gap": "domain_gap",
    "audit": "audit",
}


@pytest.mark.parametrize(("file", "stage"), WRITTEN_BY.items())
def test_a_missing_file_says_what_to_run(file: str, stage: str, tmp_path: Path) -> None:
    gone: Any = {file: None}
    files = left(tmp_path, **gone)
    with pytest.raises(BadInputError, match=rf"{file}\.json: expected .*; run `dvc repro {stage}`$") as raised:
        reading.load(files)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("file", "stage"), [("curves", "train"), ("models", "train"), ("audit_folder", "audit")])
def test_a_missing_table_or_model_says_what_to_run(file: str, stage: str, tmp_path: Path) -> None:
    files = replace(left(tmp_path), **{file: tmp_path / "nowhere"})
    with pytest.raises(BadInputError, match=rf"nowhere.*: expected .*; run `dvc repro {stage}`$"):
        reading.load(files)


@pytest.mark.parametrize("file", WRITTEN_BY)
def test_a_file_of_another_version_is_told_by_its_first_key(file: str, tmp_path: Path) -> None:
    other: Any = {file: {"x": {"y": "z"}}}
    files = left(tmp_path, **other)
    with pytest.raises(BadInputError, match=rf"{file}\.json: `.*`: expected what this version's `dvc repro` writes"):
        reading.load(files)


def test_broken_json_and_odd_tables_are_one_clear_line(tmp_path: Path) -> None:
    files = left(tmp_path)
    files.merge.write_text("{", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"merge\.json: expected a metrics file \(JSON\), got: .*dvc repro merge"):
        reading.load(files)
    files = left(tmp_path)
    files.curves.write_text("fold,epoch\n0,1\n", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"curves\.csv, line 2, column `train_loss`: expected a number, got None"):
        reading.load(files)
    files = left(tmp_path)
    files.curves.write_text(files.curves.read_text().replace("0.95", "much"), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"curves\.csv, line \d, column `validation_accuracy`: .*, got 'much'"):
        reading.load(files)
    files = left(tmp_path)
    with (files.audit_folder / "suspects.csv").open("a") as file:
        file.write("4,short\n")
    with pytest.raises(BadInputError, match=r"suspects\.csv, line 8: expected 14 values, got 2"):
        reading.load(files)


def test_more_keys_and_columns_than_are_read_do_no_harm(tmp_path: Path) -> None:
    merge = said()["merge"]
    files = left(tmp_path, merge={**merge, "later": 1})
    files.curves.write_text(files.curves.read_text().replace("\n", ",9\n").replace("accuracy,9", "accuracy,more"))
    assert reading.load(files).merge.total == 100
    assert reading.load(files).curves[0].train_loss == 0.5
