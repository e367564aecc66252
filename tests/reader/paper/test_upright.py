from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline import digits
from pipeline.params import Sheets
from pipeline.reader.paper import upright
from pipeline.reader.photo import Rgb, turned
from pipeline.reader.records import Crop, Findings, Reason, Reject
from pipeline.reader.rows.read import read_rows
from tests import bundled
from tests.laws import up_to
from tests.reader import drawn

STEP, LEADING = 84, 130  # pixels from a digit to the next, from a row to the next
ROWS = ("1354", "6792", "24685", "90171")

Mnist = tuple[NDArray[np.uint8], NDArray[np.uint8]]


@pytest.fixture(scope="module")
def written() -> Mnist:
    table = bundled.table()
    return digits.images(table), digits.labels(table)


def slow(value: object) -> pytest.ParameterSet:
    """Reading a page at every turn takes a second: most of the turns are tried by the slow tests."""
    return pytest.param(value, marks=pytest.mark.slow)


def page(rows: Sequence[str], written: Mnist, seed: int = 0) -> Rgb:
    """Rows of MNIST digits on white paper."""
    images, labels = written
    rng = np.random.default_rng(seed)
    paper = np.zeros((LEADING * (len(rows) + 1), STEP * (max(map(len, rows)) + 2)), np.uint8)
    for place, row in enumerate(rows):
        for col, digit in enumerate(row):
            image = images[rng.choice(np.flatnonzero(labels == int(digit)))]
            top, left = LEADING // 2 + place * LEADING, STEP + col * STEP
            paper[top : top + 56, left : left + 56] = np.kron(image, np.ones((2, 2), np.uint8))
    return drawn.rgb(np.asarray(235 - paper.astype(int) * 0.75, np.uint8))


def read(rgb: Rgb, limits: Sheets, label: int | None = None, strings: tuple[str, ...] | None = None) -> Findings:
    return upright.read_written(rgb, label, strings, limits, read_rows, any_turn=True)


def labels(crops: list[Crop], row: int) -> str:
    return "".join(str(crop.label) for crop in crops if crop.row == row)


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_row_strings_tell_the_turn(degrees: int, written: Mnist, limits: Sheets) -> None:
    rgb = page(ROWS, written)
    found = read(turned(rgb, degrees), limits, strings=ROWS)
    assert found.turn == -degrees % 360
    assert [labels(found.crops, row) for row in range(4)] == list(ROWS)
    straight = read(rgb, limits, strings=ROWS)
    for crop, there in zip(found.crops, straight.crops, strict=True):
        np.testing.assert_array_equal(crop.corners, there.corners)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [("1354",), ("05221859",), ("12345", "6879", "88888")])
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turn_at_which_no_row_fits_its_string_is_not_the_end(
    rows: tuple[str, ...], degrees: int, written: Mnist, limits: Sheets
) -> None:
    found = read(turned(page(rows, written), degrees), limits, strings=rows)
    assert found.turn == -degrees % 360
    assert [labels(found.crops, row) for row in range(len(rows))] == list(rows)


@pytest.mark.slow
@pytest.mark.parametrize("digit", [4, 6, 7, 9])
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_one_digit_on_the_whole_photo_tells_the_turn_unless_it_looks_alike(
    digit: int, degrees: int, written: Mnist, limits: Sheets
) -> None:
    found = read(turned(page([str(digit) * 10] * 2, written), degrees), limits, label=digit)
    if found.crops:
        assert found.turn == -degrees % 360
        assert len(found.crops) >= 16
    else:
        assert [reject.reason for reject in found.rejects] == [Reason.TURN_UNSURE]


@pytest.mark.parametrize("digit", [1, *(slow(digit) for digit in range(10) if digit != 1)])
def test_an_upright_photo_stays_so(digit: int, written: Mnist, limits: Sheets) -> None:
    found = read(page([str(digit) * 10] * 2, written), limits, label=digit)
    assert found.turn == 0
    assert len(found.crops) >= 16


@pytest.mark.slow
@settings(max_examples=up_to(25), deadline=None)
@given(
    rows=st.lists(st.text("0123456789", min_size=1, max_size=6), min_size=1, max_size=4),
    quarter=st.integers(0, 3),
    seed=st.integers(0, 99),
)
def test_every_digit_is_its_labels_or_rejected(
    rows: list[str], quarter: int, seed: int, written: Mnist, limits: Sheets
) -> None:
    rgb = page(rows, written, seed)
    found = read(turned(rgb, 90 * quarter), limits, strings=tuple(rows))
    upside_down = (found.turn + 90 * quarter) % 360 == 180
    for crop in found.crops:
        x, y = crop.corners.mean(axis=0)
        if upside_down:
            x, y = rgb.shape[1] - x, rgb.shape[0] - y
        elif (found.turn + 90 * quarter) % 360:
            continue  # a lone digit on its side, checked below
        assert rows[int((y - LEADING / 2 + 20) // LEADING)][round((x - 28 - STEP) / STEP)] == str(crop.label)


@pytest.mark.slow
def test_a_photo_whose_digits_are_not_their_labels_is_unsure(written: Mnist, limits: Sheets) -> None:
    found = read(page(["3" * 10] * 2, written), limits, label=7)
    assert found.crops == []
    assert {reject.reason for reject in found.rejects} <= {Reason.TURN_UNSURE, Reason.NO_DIGIT}


def test_a_stated_turn_is_believed(written: Mnist, limits: Sheets) -> None:
    rgb = turned(page(["6" * 8] * 2, written), 180)
    found = upright.read_written(rgb, 9, None, limits, read_rows, any_turn=False)
    assert found.turn == 0
    assert len(found.crops) >= 14


@pytest.mark.slow
def test_a_photo_that_fits_as_it_is_is_read_once(written: Mnist, limits: Sheets) -> None:
    calls = []

    def counted(
        rgb: Rgb, label: int | None, strings: tuple[str, ...] | None, stated: Sheets
    ) -> tuple[list[Crop], list[Reject]]:
        calls.append(rgb.shape)
        return read_rows(rgb, label, strings, stated)

    upright.read_written(page(ROWS, written), None, ROWS, limits, counted, any_turn=True)
    upright.read_written(page(["555555"], written), 5, None, limits, counted, any_turn=True)
    assert len(calls) == 2


def test_paper_without_ink_says_so(limits: Sheets) -> None:
    found = read(drawn.rgb(drawn.blank()), limits, label=4)
    assert [reject.reason for reject in found.rejects] == [Reason.NO_DIGIT]


@pytest.mark.parametrize(
    ("evidence", "tilted", "expected"),
    [
        ([0, 0, 0, 0], False, 0),  # nothing speaks for a turn: phones note how they are held
        ([0, 0, 20, 0], False, 180),
        ([0, 0, 9.3, 0], False, 180),  # 110 times as likely as upright, which is 100 times as likely from the outset
        ([0, 0, 9.1, 0], False, None),  # 90 times
        ([0, 0, 0, 0], True, None),  # a sheet that was straightened may have been photographed from three sides
        ([4.7, 0, 0, 0], True, 0),
        ([4.5, 0, 0, 0], True, None),
        ([0, 30, 0, 30], False, None),
    ],
)
def test_a_turn_is_taken_where_it_is_a_hundred_times_as_likely_as_any_other(
    evidence: list[float], tilted: bool, expected: int | None
) -> None:
    found = upright._decided(evidence, tilted=tilted)
    assert (None if isinstance(found, Reject) else found) == expected
