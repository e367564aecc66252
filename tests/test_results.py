import string
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline import params
from pipeline.errors import BadInputError
from pipeline.results import Epoch, Result, as_csv, from_csv, read, write
from tests.laws import up_to
from tests.made_results import PLAIN, epochs, result, scored

HERE = Path("results.csv")

lines = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).filter(lambda text: text == text.strip())
names = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8)
amounts = st.floats(0, 1e12)
counts = st.integers(1, 10**15)


@st.composite
def results(draw: st.DrawFn) -> Result:
    n = draw(st.integers(1, 70_000))
    fields = {
        "name": names,
        "architecture": st.sampled_from(get_args(params.Architecture)),
        **dict.fromkeys(("recipe", "trained_on", "normalize", "source", "precision", "device"), lines),
        **dict.fromkeys(("processor", "commit", "command"), lines),
        **dict.fromkeys(("folds_run", "epochs", "parameters", "multiply_adds", "digits_seen", "workers"), counts),
        "cores": counts,
        "processor_seconds": amounts,
        **dict.fromkeys(("seconds", "digits_per_second"), st.none() | amounts),
        "seed": st.integers(0, 2**32 - 1),
        "simulated": st.booleans(),
        "date": st.dates(),
    }
    values = draw(st.fixed_dictionaries(fields))
    return Result.model_validate(values | scored(n, draw(st.integers(0, n))))


@settings(max_examples=up_to(40))  # of up to five rows of 30 columns each
@given(st.lists(results(), max_size=5, unique_by=lambda row: row.key))
def test_results_come_back_as_they_were_written(rows: list[Result]) -> None:
    text = as_csv(rows, Result)
    again = from_csv(text, Result, HERE)
    assert sorted(again, key=lambda row: row.key) == sorted(rows, key=lambda row: row.key)
    assert as_csv(again, Result) == text


@given(
    st.lists(
        st.builds(
            Epoch,
            name=names,
            seed=st.integers(0, 2**32 - 1),
            fold=st.integers(0, 99),
            epoch=counts,
            processor_seconds=amounts,
            train_loss=amounts,
            validation_loss=amounts,
            validation_accuracy=st.floats(0, 1),
        ),
        max_size=5,
        unique_by=lambda row: row.key,
    )
)
def test_curves_come_back_as_they_were_written(rows: list[Epoch]) -> None:
    again = from_csv(as_csv(rows, Epoch), Epoch, HERE)
    assert again == sorted(rows, key=lambda row: row.key)


def test_order_is_by_name_seed_and_source_whatever_came_first() -> None:
    rows = [
        result(name=name, seed=seed, source=source)
        for name in "ba"
        for seed in (10, 9)
        for source in ("handwriting", "zhang", "abc", "mnist")
    ]
    found = from_csv(as_csv(rows, Result), Result, HERE)
    assert [row.source for row in found[:4]] == ["mnist", "abc", "zhang", "handwriting"]
    assert [(row.name, row.seed) for row in found[::4]] == [("a", 9), ("a", 10), ("b", 9), ("b", 10)]
    assert as_csv(rows[::-1], Result) == as_csv(rows, Result)


def test_files_are_written_whole_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "metrics" / "results-curves.csv"
    rows = epochs("a", 2, 0.99)
    write(path, rows, Epoch)
    assert read(path, Epoch) == rows
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert path.read_bytes().startswith(b"name,seed,fold,epoch,processor_seconds,train_loss,")
    assert b"\r" not in path.read_bytes()


def test_no_file_is_no_results(tmp_path: Path) -> None:
    assert read(tmp_path / "none.csv", Result) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"errors": 91}, "expected accuracy"),
        ({"accuracy": 0.9911}, "expected accuracy"),
        ({"ci95_high": 0.999}, "expected accuracy"),
        ({"errors": 10_001}, "at most 10000 errors"),
        ({"name": "a b"}, "name"),
        ({"architecture": "lenet"}, "architecture"),
        ({"command": "a\nb"}, "command"),
        ({"command": ""}, "command"),
        ({"seconds": float("nan")}, "seconds"),
        ({"processor_seconds": -1.0}, "processor_seconds"),
        ({"seed": "0"}, "seed"),
    ],
)
def test_what_cannot_be_is_no_result(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Result.model_validate(result(90).model_dump() | changes)


def test_every_column_that_the_readme_needs_is_there() -> None:
    assert set(PLAIN) | {"n", "errors", "accuracy", "ci95_low", "ci95_high"} == set(Result.model_fields)
    assert {"command", "processor", "cores", "seconds", "processor_seconds", "seed"} <= set(Result.model_fields)


def text_of(**changes: str) -> str:
    """A file of one row, cells changed."""
    header, row = as_csv([result(command="c")], Result).splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=True)) | changes
    return f"{header}\n{','.join(cells.values())}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "results.csv: expected the columns name,architecture,.*, got none"),
        ("name,architecture\n", "expected the columns .*, got name,architecture; `git checkout`"),
        (text_of(errors="x"), "results.csv, line 2, column `errors`: .*integer.*, got 'x'"),
        (text_of(architecture="lenet"), "line 2, column `architecture`: .*, got 'lenet'"),
        (text_of(cores=""), "line 2, column `cores`: Field required, got ''; `git checkout`"),
        (text_of(date="yesterday"), "line 2, column `date`: .*, got 'yesterday'"),
        (text_of(errors="80"), "line 2: .*expected accuracy"),
        (text_of(errors="80,90"), "line 2: expected 29 values, got 30"),
        (text_of() + text_of().splitlines()[1] + "\n", "results.csv: expected each row once, got .*lenet5-report"),
        (text_of(command='"c'), "expected CSV"),
        ('"name,architecture', "expected CSV"),
    ],
)
def test_a_file_that_was_spoilt_is_told_in_one_line(text: str, told: str) -> None:
    with pytest.raises(BadInputError, match=told) as caught:
        from_csv(text, Result, HERE)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInputError, match="expected a CSV file in UTF-8"):
        read(tmp_path / "a.csv", Result)


def test_dates_are_written_as_iso_says() -> None:
    assert ",2026-01-02," in as_csv([result(date=date(2026, 1, 2))], Result)
