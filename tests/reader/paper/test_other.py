from functools import cache

import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.paper.find import find_paper
from pipeline.reader.paper.other import other_paper
from pipeline.reader.paper.upright import Read, read_written
from pipeline.reader.records import Corners, Crop, Reason, Reject
from pipeline.reader.rows.read import read_rows
from tests.reader.paper.test_find import SIZE, photo

LEFT = np.array([(60, 100), (560, 110), (550, 800), (50, 780)], np.float64)
RIGHT = np.array([(640, 120), (1140, 100), (1150, 790), (650, 800)], np.float64)
STRINGS = ("1234567890", "0987654321", "5551234567")


@cache
def both() -> np.ndarray:
    one, other = photo(LEFT), photo(RIGHT)
    half = SIZE[0] // 2
    photos = np.concatenate([one[:, :half], other[:, half:]], axis=1)
    photos.flags.writeable = False  # shared
    return photos


def within(corners: Corners, outline: np.ndarray) -> bool:
    return bool(np.abs(corners.mean(axis=0) - outline.mean(axis=0)).max() < 0.02 * max(SIZE))


@pytest.mark.slow
def test_a_second_sheet_beside_the_first_is_found() -> None:
    first = find_paper(both())
    assert first is not None
    other = other_paper(both(), first.corners.astype(np.float64))
    assert other is not None
    outlines = (LEFT, RIGHT) if within(first.corners, LEFT) else (RIGHT, LEFT)
    assert within(first.corners, outlines[0])
    assert within(other, outlines[1])


def test_one_sheet_alone_has_no_other() -> None:
    assert other_paper(photo(LEFT), LEFT) is None


def nothing(*_: object) -> tuple[list[Crop], list[Reject]]:
    return [], []


@pytest.mark.parametrize("read", [nothing, pytest.param(read_rows, marks=pytest.mark.slow)])
def test_a_second_sheet_is_a_reject_at_its_place(read: Read, limits: Sheets) -> None:
    found = read_written(both(), None, STRINGS, limits, read, any_turn=read is read_rows)
    (reject,) = [one for one in found.rejects if one.reason is Reason.NOT_REGISTERED]
    assert reject.corners is not None
    assert within(reject.corners, LEFT) or within(reject.corners, RIGHT)
