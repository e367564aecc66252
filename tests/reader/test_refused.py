"""Rejects that hold ink keep it as the digit that they would have been: a person may accept them."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader import quick
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import Reading, read_photo
from pipeline.reader.records import Reason
from pipeline.simulate.photos import write
from tests.reader import drawn


def read(paper: drawn.Grey, path: Path, limits: Sheets, **stated: object) -> Reading:
    drawn.save(paper, path)
    settings = Settings.model_validate({"layout": "rows", "turn": 0, **stated})
    return read_photo(Photo(path, "c/a.png", "c", settings), limits)[0]


@pytest.mark.slow
@pytest.mark.parametrize("stated", [{"rows": ("1234", "1234")}, {"label": 1}])
def test_a_digit_that_the_photos_edge_cuts_keeps_what_is_seen_of_it(
    stated: dict[str, object], tmp_path: Path, limits: Sheets
) -> None:
    texts = ["1234"] * 2 if "rows" in stated else ["1111"] * 2
    paper = drawn.page(texts)
    whole = read(paper, tmp_path / "a.png", limits, **stated)
    cut = read(paper[:, 47:], tmp_path / "b.png", limits, **stated)
    assert [(one.row, one.col) for one in cut.refused] == [(0, 0), (1, 0)]
    assert {one.reason for one in cut.rejects} == {Reason.TOUCHES_EDGE}
    assert all(one.ink is None for one in cut.rejects)  # kept once, as the digit
    assert [one.label for one in cut.refused] == [1, 1]
    for one in cut.refused:
        assert one.image.shape == (28, 28)
        assert one.image.max() == 255
    assert (len(whole.refused), len(whole.digits)) == (0, 8)


@pytest.mark.slow
def test_too_many_strokes_are_kept_all(tmp_path: Path, limits: Sheets) -> None:
    """The digit of a reject is the one that would have been read under a higher limit."""
    paper = drawn.page(["1235", "5678"])
    strict = read(paper, tmp_path / "a.png", limits.model_copy(update={"max_cell_parts": 1}), rows=("1235", "5678"))
    usual = read(paper, tmp_path / "a.png", limits, rows=("1235", "5678"))
    read_so = {(one.row, one.col): one.image for one in usual.digits}
    assert [(one.row, one.col) for one in strict.refused] == [(0, 3), (1, 0)]  # a 5 has its cap apart
    for one in strict.refused:
        assert np.array_equal(one.image, read_so[one.row, one.col])


def test_a_row_of_another_count_keeps_nothing(tmp_path: Path, limits: Sheets) -> None:
    found = read(drawn.page(["1234", "567"]), tmp_path / "a.png", limits, rows=("1234", "5678"))
    assert {one.reason for one in found.rejects} == {Reason.ROW_COUNT}
    assert found.refused == []


@pytest.mark.slow
def test_what_is_written_in_a_printed_box_can_be_accepted_though_it_is_pale(tmp_path: Path, limits: Sheets) -> None:
    """Most of what a bad photo leaves in doubt looks like its label to a classifier, and will to a person."""
    write(tmp_path, 3, 5, "brutal")  # of writer 1 and 2 most boxes are too pale to be certain
    pale = []
    for path in sorted(tmp_path.glob("*.jpg")):
        found, _ = read_photo(Photo(path, f"c/{path.name}", "c", Settings()), limits)
        pale += found.refused
        assert {(one.row, one.col) for one in found.refused} <= {(one.row, one.col) for one in found.rejects}
    assert len(pale) > 50
    seen = quick.log_probabilities(np.array([one.image for one in pale])).argmax(axis=1)
    assert (seen == [one.label for one in pale]).mean() > 0.6  # by chance 0.1
