import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.records import Reason
from pipeline.reader.rows.read import read_rows
from tests.reader import drawn

ROWS = ("1234567", "7654321", "1357902")
PALEST = 0.15  # contrast of the faintest pencil below, beside black ink of 0.85


def page(contrast: float) -> drawn.Grey:
    """A page whose second row is as much darker than its paper as ``contrast``."""
    dark = drawn.page(ROWS)
    paper = int(np.median(dark))
    pale = paper - (paper - dark.astype(float)) * contrast * paper / (paper - dark.min())
    middle = np.flatnonzero((dark < paper / 2).any(axis=1))
    gaps = middle[np.flatnonzero(np.diff(middle) > 1)]
    nexts = middle[np.flatnonzero(np.diff(middle) > 1) + 1]
    top, bottom = (int(gaps[0]) + int(nexts[0])) // 2, (int(gaps[1]) + int(nexts[1])) // 2
    mixed = dark.copy()
    mixed[top:bottom] = pale[top:bottom].astype(np.uint8)
    return mixed


@pytest.mark.slow
@pytest.mark.parametrize("contrast", [0.3, 0.45])
@pytest.mark.parametrize("label", [None, 3])
def test_pencil_beside_a_marker_is_read(contrast: float, label: int | None, limits: Sheets) -> None:
    crops, rejects = read_rows(drawn.rgb(page(contrast)), label, None if label else ROWS, limits)
    assert len(crops) + sum(reject.corners is not None for reject in rejects) >= len("".join(ROWS))
    if label is None:
        assert rejects == []
        assert "".join(str(crop.label) for crop in crops) == "".join(ROWS)


def test_writing_too_pale_beside_the_rest_is_said_to_be_so(limits: Sheets) -> None:
    crops, rejects = read_rows(drawn.rgb(page(PALEST)), None, ROWS, limits)
    assert {crop.row for crop in crops} == {0, 2}
    (faint,) = [reject for reject in rejects if reject.reason is Reason.TOO_FAINT]
    assert "7 pieces" in faint.detail
    assert faint.advice


@pytest.mark.slow
def test_paper_grain_beside_writing_is_neither_read_nor_rejected(limits: Sheets) -> None:
    grain = np.random.default_rng(0).normal(0, 4, drawn.page(ROWS).shape)
    noisy = np.clip(drawn.page(ROWS) + grain, 0, 255).astype(np.uint8)
    crops, rejects = read_rows(drawn.rgb(noisy), None, ROWS, limits)
    assert (len(crops), rejects) == (len("".join(ROWS)), [])
