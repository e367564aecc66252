from pathlib import Path

import pytest

from pipeline import metrics_json
from pipeline.errors import BadInputError


def test_what_is_there_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"n": 1, "b": ["ü"]}', encoding="utf-8")
    assert metrics_json.load(tmp_path / "a.json") == {"n": 1, "b": ["ü"]}


@pytest.mark.parametrize("content", [None, "{"])
def test_a_file_that_is_missing_or_damaged_is_one_clear_line(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "a.json").write_text(content)
    with pytest.raises(BadInputError, match=r"a\.json: expected a metrics file.*dvc repro"):
        metrics_json.load(tmp_path / "a.json")


def test_the_stage_that_writes_the_file_is_named_where_it_is_known(tmp_path: Path) -> None:
    for stage, command in (("", "dvc repro"), ("merge", "dvc repro merge")):
        with pytest.raises(BadInputError, match=rf"a\.json: .*No such file.*; run `{command}`$"):
            metrics_json.load(tmp_path / "a.json", stage)
