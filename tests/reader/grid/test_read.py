from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.collection import Photo
from pipeline.reader.finding import find
from pipeline.reader.grid import lattice
from pipeline.reader.grid.read import find_grid, read_grid
from pipeline.reader.grid.table import Table
from pipeline.reader.normalize import normalize
from pipeline.reader.photo import decode
from pipeline.reader.records import Crop, Reason, Reject
from tests.reader.drawn_grid import SCALE, Drawn, Kind, Rgb, alike, anything, page

ROWS = ("12345", "67890", "31415")
PLAIN = Kind()
KINDS = {
    "plain": PLAIN,
    "by hand": Kind(wobble=0.3, uneven=0.05, width=0.7),
    "gapped": Kind(gaps=0.08),
    "dotted": Kind(dotted=True, width=0.4),
    "without a frame": Kind(framed=False),
    "pale": Kind(colour=(175, 180, 185), width=0.3),
    "coloured": Kind(colour=(60, 90, 190), astray=2.0),
    "turned": Kind(turn=11),
    "tilted": Kind(tilt=0.15),
    "in shadow": Kind(dark=0.7),
    "full": Kind(height=10, astray=1.0),
}


def read(drawn: Drawn, rows: tuple[str, ...], limits: Sheets) -> tuple[dict[tuple[int, int], Crop], list[Reject]]:
    """Read a drawn table; every digit must be the one that was drawn in its cell."""
    crops, rejects = read_grid(drawn.rgb, None, rows, limits)
    for crop in crops:
        assert crop.label == int(rows[crop.row][crop.col])
        assert alike(normalize(crop.ink, "mnist"), drawn.digits[crop.row, crop.col]), (crop.row, crop.col)
    return {(crop.row, crop.col): crop for crop in crops}, rejects


def only(rgb: Rgb, rows: tuple[str, ...], limits: Sheets) -> Reject:
    crops, (reject,) = read_grid(rgb, None, rows, limits)
    assert crops == []
    return reject


def cell_middle(table: Table, row: int, col: int) -> tuple[float, float]:
    x, y = table.in_photo[row, col].mean(axis=0).tolist()
    return x, y


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == "by hand" else pytest.mark.slow) for name in KINDS]
)
def test_every_digit_stands_in_its_cell_whatever_the_table_looks_like(name: str, limits: Sheets) -> None:
    crops, rejects = read(page(ROWS, KINDS[name], 3), ROWS, limits)
    assert len(crops) >= 14, rejects


@pytest.mark.slow
def test_one_label_for_the_whole_photo_is_every_cells(limits: Sheets) -> None:
    crops, rejects = read_grid(page(("7777", "7777", "7777"), PLAIN, 1).rgb, 7, None, limits)
    assert [crop.label for crop in crops] == [7] * 12
    assert rejects == []


@pytest.mark.slow
def test_a_column_of_ones_and_a_row_of_sevens_are_no_lines(limits: Sheets) -> None:
    rows = ("1171", "1171", "7777", "1171")
    crops, _ = read(page(rows, Kind(height=10), 5), rows, limits)
    assert len(crops) >= 14


@pytest.mark.slow
@pytest.mark.parametrize(
    "rows", [("12345", "67890"), ("12345", "67890", "31415", "11111"), ("1234", "6789", "3141"), ("123456",) * 3]
)
def test_other_counts_than_the_strings_are_rejected_with_both(rows: tuple[str, ...], limits: Sheets) -> None:
    reject = only(page(ROWS, PLAIN, 2).rgb, rows, limits)
    assert reject.reason == Reason.ROW_COUNT
    assert f"expected {len(rows)} rows and {len(rows[0])} columns (sheets.yaml), found 3 rows and 5" in reject.detail
    assert reject.advice


@pytest.mark.slow
def test_strings_of_several_lengths_are_no_table(limits: Sheets) -> None:
    reject = only(page(ROWS, PLAIN, 2).rgb, ("12345", "6789", "31415"), limits)
    assert reject.reason == Reason.ROW_COUNT
    assert "5, 4, 5" in reject.detail


@pytest.mark.slow
def test_a_line_that_is_missing_is_noticed(limits: Sheets) -> None:
    rows = ("1234", "5678", "9012", "3456", "7890")
    drawn = page(rows, PLAIN, 4, missing=2)
    assert only(drawn.rgb, rows, limits).reason == Reason.ROW_COUNT
    assert only(drawn.rgb, rows[1:], limits).reason == Reason.NOT_REGISTERED


@pytest.mark.slow
@pytest.mark.parametrize("name", ["by hand", "plain", "gapped", "dotted", "pale"])
def test_what_lines_leave_is_no_digit(name: str, limits: Sheets) -> None:
    rows = ("     ",) * 4
    crops, rejects = read_grid(page(rows, KINDS[name], 6).rgb, 1, None, limits)
    assert crops == []
    assert {reject.reason for reject in rejects} == {Reason.BLANK}
    assert len(rejects) == 20


@pytest.mark.slow
def test_blank_spoilt_and_joined_cells_are_rejected_by_name(limits: Sheets) -> None:
    rows = ("1 345", "67 90", "3  15")
    drawn = page(rows, PLAIN, 8)
    table = find_grid(drawn.rgb)
    assert isinstance(table, Table)
    picture = drawn.rgb.copy()
    x, y = cell_middle(table, 1, 2)
    zigzag = [(x + 4 * SCALE * (-1) ** step, y + (step - 6) * 0.6 * SCALE) for step in range(13)]
    cv2.polylines(picture, [np.round(zigzag).astype(np.int32)], False, (40, 40, 40), 4)
    (left, top), (right, _) = cell_middle(table, 2, 1), cell_middle(table, 2, 2)
    cv2.line(picture, (round(left), round(top)), (round(right), round(top)), (40, 40, 40), 4)
    crops, rejects = read_grid(picture, 1, None, limits)
    reasons = {(reject.row, reject.col): reject.reason for reject in rejects}
    assert reasons[0, 1] == Reason.BLANK
    assert reasons[2, 1] == reasons[2, 2] == Reason.TOUCHES_NEIGHBOUR
    assert reasons[1, 2] == Reason.TOO_MANY_PARTS
    assert len(crops) + len(rejects) == 15


def test_a_digit_too_faint_for_the_limit_is_rejected_and_the_others_have_full_ink(limits: Sheets) -> None:
    drawn = page(ROWS, PLAIN, 8)
    table = find_grid(drawn.rgb)
    assert isinstance(table, Table)
    picture = drawn.rgb.astype(float)
    x, y = (round(value) for value in cell_middle(table, 1, 2))
    reach = round(5 * SCALE)
    own = picture[y - reach : y + reach, x - reach : x + reach]
    own[:] = own.max() - 0.1 * (own.max() - own)
    crops, (faint,) = read_grid(picture.astype(np.uint8), None, ROWS, limits)
    assert (faint.row, faint.col, faint.reason) == (1, 2, Reason.TOO_FAINT)
    assert {int(crop.ink.max()) for crop in crops} == {255}


@pytest.mark.parametrize(("heights", "expected"), [([0, 10, 10.5, 20, 30], 1), ([0, 10, 14, 20, 30], None)])
def test_two_lines_nearer_than_a_quarter_of_a_row_are_one_ruled_twice(
    heights: list[float], expected: int | None
) -> None:
    assert lattice._double(np.array(heights)[:, None]) == expected


@pytest.mark.slow
def test_a_photo_without_labels_says_what_was_found(limits: Sheets) -> None:
    crops, (reject,) = read_grid(page(ROWS, PLAIN, 2).rgb, None, None, limits)
    assert crops == []
    assert reject.reason == Reason.NO_LABEL
    assert "3 rows and 5 columns" in reject.detail


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (300, 400)])
def test_a_picture_without_a_table_is_not_registered(shape: tuple[int, int], limits: Sheets) -> None:
    for level in (0, 255):
        reject = only(np.full((*shape, 3), level, np.uint8), ROWS, limits)
        assert reject.reason == Reason.NOT_REGISTERED
        assert reject.advice


@pytest.mark.slow
def test_cells_are_where_they_were_drawn() -> None:
    table = find_grid(page(ROWS, PLAIN, 2).rgb)
    assert isinstance(table, Table)
    assert table.in_photo.shape == (3, 5, 4, 2)
    expected = (12 + 14 * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])) * SCALE
    np.testing.assert_allclose(table.in_photo[0, 0], expected, atol=4)
    np.testing.assert_allclose(table.in_photo[2, 4], expected + np.array([4, 2]) * 14 * SCALE, atol=4)


@pytest.mark.slow
@pytest.mark.parametrize("severity", [0.3, 0.7, 1.0])
def test_every_digit_is_right_or_rejected_whatever_is_drawn(severity: float, limits: Sheets) -> None:
    counts: Counter[str] = Counter()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        rows = tuple("".join(map(str, rng.integers(0, 10, 6))) for _ in range(4))
        crops, rejects = read(page(rows, replace(anything(seed, severity)), seed), rows, limits)
        counts.update({"read": len(crops), "whole": sum(reject.row is None for reject in rejects)})
        assert len(crops) + len(rejects) == 24 or len(rejects) == 1
    assert counts["read"] >= 24 * 12 * (0.95 if severity < 0.5 else 0.6)


@pytest.mark.slow
def test_real_forms_have_ten_columns_and_fourteen_rows(real_photos: Path, limits: Sheets) -> None:
    forms = [entry for entry in find(real_photos) if isinstance(entry, Photo) and entry.collection == "persian_grid"]
    assert len(forms) == 2
    for form in forms:
        rgb = decode(form.path, limits.max_megapixels)
        assert not isinstance(rgb, Reject)
        table = find_grid(rgb)
        assert isinstance(table, Table)
        assert table.cells.shape == (14, 10, 4, 2)
