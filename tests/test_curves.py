from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import curves
from pipeline.curves import COLUMNS, PLACES, Point
from pipeline.errors import BadInputError
from tests.laws import up_to

LOSSES = st.integers(0, 10 * 10**PLACES).map(lambda millionths: millionths / 10**PLACES)
POINTS = st.builds(Point, st.integers(0, 99), st.integers(1, 999), LOSSES, LOSSES, LOSSES)
HEADER = ",".join(COLUMNS)


@settings(max_examples=up_to(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(POINTS, min_size=1, max_size=5))
def test_points_come_back_as_they_were_written(tmp_path: Path, points: list[Point]) -> None:
    path = tmp_path / "curves.csv"
    path.write_text(curves.text_of(points))
    assert curves.load(path) == tuple(points)
    assert path.read_text().splitlines()[0] == "fold,epoch,train_loss,validation_loss,validation_accuracy"


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "curves.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInputError, match=r"expected the curves \(CSV\), got: 'utf-8' codec"):
        curves.load(tmp_path / "curves.csv")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "expected the curves .CSV., got: No such file"),
        ("", "expected a line a fold and epoch, got none"),
        (f"{HEADER}\n", "expected a line a fold and epoch, got none"),
        (f"{HEADER}\n\n0,1,1,1,nan\n", "line 3, column `validation_accuracy`: expected a number, got 'nan'"),
        ("fold,epoch\n0,1\n", "line 2, column `train_loss`: expected a number, got None"),
        (f"{HEADER}\n0,1,1,1,1\n0.5,2,1,1,1\n", "line 3, column `fold`: expected a number, got '0.5'"),
        (f"{HEADER}\n0,1,x,1,1\n", "line 2, column `train_loss`: expected a number, got 'x'"),
        (f"{HEADER}\n0,1,1\n", "line 2, column `validation_loss`: expected a number, got None"),
    ],
)
def test_what_is_no_curve_is_told_with_its_place(text: str | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadInputError, match=f"{told}.*; run `dvc repro train`"):
        curves.load(path)
