from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline import digits
from pipeline.params import Sheets
from pipeline.reader import quick
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.grid.told import as_told, unlike
from pipeline.reader.read import Reading, read_photo
from pipeline.reader.records import UNLABELLED, Crop, Findings, Reason, Reject, whole_photo
from pipeline.simulate.photos import write
from tests import bundled

Labels = NDArray[np.int64]
TABLE = np.random.default_rng(3).integers(0, 10, (6, 10))


@cache
def looks_by_label() -> NDArray[np.float64]:
    """(10, 50, 10): what fifty MNIST digits of each class look like."""
    table = bundled.table()
    images, labels = digits.images(table), digits.labels(table)
    return np.stack([quick.log_probabilities(images[labels == digit][:50]) for digit in range(10)])


def looks_of(written: Labels) -> NDArray[np.float64]:
    rng = np.random.default_rng(0)
    return np.array([looks_by_label()[digit, rng.integers(50)] for digit in written.reshape(-1)])


def rejected(written: Labels, told: Labels) -> list[int]:
    """Return the rows that are rejected."""
    rows = np.repeat(np.arange(len(written)), written.shape[1])
    found = unlike(looks_of(written), told.reshape(-1).astype(np.int64), rows)
    return sorted({int(row) for row, why in zip(rows, found, strict=True) if why is not None})


def test_rows_as_they_were_written_are_all_kept() -> None:
    assert rejected(TABLE, TABLE) == []
    for digit in range(10):
        assert rejected(np.full((4, 10), digit), np.full((4, 10), digit)) == []


@pytest.mark.parametrize(
    "told",
    [TABLE[::-1], np.roll(TABLE, 1, axis=0), TABLE[:, ::-1], np.full_like(TABLE, 7)],
    ids=["bottom up", "rows shifted", "mirrored", "one label"],
)
def test_a_table_whose_rows_are_told_otherwise_is_rejected_whole(told: Labels) -> None:
    assert rejected(TABLE, told) == list(range(6))


def test_two_rows_that_change_places_are_rejected_and_the_others_kept() -> None:
    assert rejected(TABLE, TABLE[[0, 4, 2, 3, 1, 5]]) == [1, 4]
    short = TABLE[:, :4]
    assert rejected(short, short[[0, 4, 2, 3, 1, 5]]) == [1, 4]


def test_two_rows_of_one_digit_each_that_change_places_are_rejected() -> None:
    each = np.repeat(np.arange(10)[:, None], 8, axis=1)
    told = each[[0, 1, 5, 3, 4, 2, 6, 7, 8, 9]]
    assert rejected(each, told) == [2, 5]


def test_a_row_shifted_by_a_cell_is_rejected() -> None:
    told = TABLE.copy()
    told[2] = np.roll(told[2], 1)
    assert rejected(TABLE, told) == [2]


def test_one_digit_that_a_hand_writes_like_another_costs_nothing() -> None:
    """Ones with a flag and a foot look like twos, fours or sevens, in matoso_10x10: not one of ten like a one."""
    each = np.repeat(np.arange(10)[:, None], 10, axis=1)
    odd = np.full((10, 10), np.log(0.001))
    odd[:, 4], odd[np.arange(4), 7], odd[:, 1] = np.log(0.95), np.log(0.95), np.log(0.01)
    rows = np.repeat(np.arange(10), 10)
    looks = looks_of(each)
    looks[rows == 1] = odd
    assert unlike(looks, each.reshape(-1), rows) == [None] * 100
    assert all(unlike(odd, np.full(10, 1), np.full(10, 0))) is False


def test_one_digit_that_looks_otherwise_is_kept() -> None:
    written = TABLE.copy()
    written[:, 0] = (written[:, 0] + 3) % 10
    assert rejected(written, TABLE) == []


def test_a_reject_says_what_was_seen_and_keeps_the_ink_and_the_place() -> None:
    table = bundled.table()
    images, labels = digits.images(table), digits.labels(table)
    crops = [Crop(images[labels == 3][col], 8, 0, col, whole_photo(28, 28)) for col in range(8)]
    blank = Reject(Reason.BLANK, "", 0, 8, 8)
    found = as_told(Findings(crops, [blank], turn=90))
    assert found.crops == []
    assert found.turn == 90
    assert [(one.reason, one.col) for one in found.rejects] == [
        *((Reason.UNLIKE_LABELS, col) for col in range(8)),
        (Reason.BLANK, 8),
    ]
    assert "of the table's 8 digits look like their labels" in found.rejects[0].detail
    assert "`rows`" in found.rejects[0].advice
    assert "`turn`" in found.rejects[0].advice
    assert found.rejects[0].ink is crops[0].ink


def test_without_labels_nothing_is_rejected() -> None:
    crops = [Crop(np.zeros((9, 9), np.uint8), UNLABELLED, 0, col, whole_photo(9, 9)) for col in range(8)]
    found = Findings(crops, [])
    assert as_told(found) is found


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grid")
    write(folder, 1, 0, "gentle", layout="grid", size=(900, 1200))
    return folder


def read_as(folder: Path, rows: tuple[str, ...], limits: Sheets) -> Reading:
    path = folder / "writer-00.jpg"
    settings = Settings.model_validate({"layout": "grid", "rows": rows, "turn": 0})
    return read_photo(Photo(path, "grid/writer-00.jpg", "grid", settings), limits)[0]


@pytest.mark.slow
def test_a_photo_with_rows_listed_bottom_up_gives_no_digit_though_its_turn_is_stated(
    photo: Path, limits: Sheets
) -> None:
    import json

    rows = tuple(json.loads((photo / "writer-00.json").read_text())["rows"])
    right = read_as(photo, rows, limits)
    assert len(right.digits) >= 0.9 * sum(map(len, rows))
    wrong = read_as(photo, rows[::-1], limits)
    assert wrong.digits == []
    assert {reject.reason for reject in wrong.rejects} >= {Reason.UNLIKE_LABELS}
    assert len(wrong.refused) >= len(right.digits)
