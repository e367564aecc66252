"""Photos of whose digits nothing is said, in every layout."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.params import Sheets
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import read_photo
from pipeline.reader.records import UNLABELLED, Reason
from tests.params_file import ROOT
from tests.reader import drawn, drawn_grid
from tests.reader.paper.test_upright import ROWS, Mnist, page, written  # noqa: F401 -- `written` is a fixture


def unlabelled(path: Path, **settings: Any) -> Photo:
    return Photo(path, f"c/{path.name}", "c", Settings(**settings)).unlabelled()


@pytest.mark.parametrize("said", [{"rows": ("12",)}, {"label": "from-name"}])
def test_what_sheets_yaml_says_of_labels_is_forgotten(said: dict[str, Any], tmp_path: Path) -> None:
    photo = unlabelled(tmp_path / "7.jpg", layout="rows", turn=90, writer="row", **said)
    assert photo.label() == UNLABELLED
    assert photo.settings == Settings(layout="rows", turn=90, writer="row").model_copy(update={"label": UNLABELLED})


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [0, 90, 270])
def test_looks_tell_the_turn(degrees: int, written: Mnist, limits: Sheets, tmp_path: Path) -> None:  # noqa: F811 -- the fixture
    rows = ROWS * 5  # of few digits nobody could tell
    path = tmp_path / "a.png"
    Image.fromarray(np.ascontiguousarray(np.rot90(page(rows, written), -degrees // 90))).save(path)
    reading, _ = read_photo(unlabelled(path, layout="rows"), limits)
    per_row = [sum(digit.row == row for digit in reading.digits) for row in range(len(rows))]
    assert np.abs(np.subtract(per_row, [len(row) for row in rows])).sum() <= 2  # some look like none


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_few_digits_that_lie_are_not_taken_for_others(
    degrees: int,
    written: Mnist,  # noqa: F811 -- the fixture
    limits: Sheets,
    tmp_path: Path,
) -> None:
    Image.fromarray(np.rot90(page(ROWS, written), -degrees // 90)).save(tmp_path / "a.png")
    reading, _ = read_photo(unlabelled(tmp_path / "a.png", layout="rows"), limits)
    assert reading.digits == []
    assert [reject.reason for reject in reading.rejects] == [Reason.TURN_UNSURE]


def test_a_crop_needs_no_label(limits: Sheets, tmp_path: Path) -> None:
    paper = drawn.blank(100, 100)
    drawn.write_digit(paper, "7", 30, 20)
    reading, _ = read_photo(unlabelled(drawn.save(paper, tmp_path / "a.png"), layout="crops"), limits)
    (digit,) = reading.digits
    assert digit.label == UNLABELLED


@pytest.mark.slow
def test_a_grid_needs_no_label(limits: Sheets, tmp_path: Path) -> None:
    Image.fromarray(drawn_grid.page(("12345", "67890"), drawn_grid.Kind(), 3).rgb).save(tmp_path / "a.png")
    reading, _ = read_photo(unlabelled(tmp_path / "a.png", layout="grid"), limits)
    assert [(digit.row, digit.col) for digit in reading.digits] == list(np.ndindex(2, 5))


def test_a_template_tells_no_label_to_who_asks_for_none(limits: Sheets) -> None:
    photo = Photo(ROOT / "raw/samples/writer-00.jpg", "samples/writer-00.jpg", "samples", Settings()).unlabelled()
    reading, _ = read_photo(photo, limits)
    assert len(reading.digits) > 90
    assert {digit.label for digit in reading.digits} == {UNLABELLED}
    assert {reject.label for reject in reading.rejects} <= {None}
