"""The reader of rows against random pages: what it reads has the right label, whatever is wrong on the page."""

from collections import Counter

import numpy as np
import pytest

from pipeline.params import Sheets
from pipeline.reader.rows.read import read_rows
from tests.reader.pages import FAULTS, Page, random_page

UNCOUNTED = ("missing", "struck", "broken", "tail", "cut")  # without strings, a 3 among 8s is an 8 to the reader


def read(page: Page, label: int | None, limits: Sheets) -> Counter[str]:
    rgb = np.repeat(page.grey[:, :, None], 3, axis=2)
    crops, _ = read_rows(rgb, label, tuple(page.expected) if label is None else None, limits)
    found = Counter(page.judge(crop) for crop in crops)
    found["written"] = sum(one is not None for one in page.labels)
    return found


def read_all(seeds: range, faults: tuple[str, ...], limits: Sheets, *, labelled: bool) -> Counter[str]:
    total: Counter[str] = Counter()
    for seed in seeds:
        label = seed % 10 if labelled else None
        found = read(random_page(seed, faults, label=label), label, limits)
        assert found["wrong"] + found["mixed"] + found["partial"] == 0, f"seed {seed}: {dict(found)}"
        total += found
    return total


@pytest.mark.first_quick
@pytest.mark.parametrize("labelled", [True, False])
def test_a_page_is_read_right(labelled: bool, limits: Sheets) -> None:
    assert read_all(range(2003, 2004), UNCOUNTED, limits, labelled=labelled)["right"] > 5


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_on_a_page_of_stated_rows_mislabels_a_digit(fault: str, limits: Sheets) -> None:
    total = read_all(range(3000, 3030), (fault,), limits, labelled=False)
    least = 0.5 if fault in ("missing", "extra") else 0.7  # half of the rows hold the fault: these are refused whole
    assert total["right"] >= least * total["written"]


@pytest.mark.slow
@pytest.mark.parametrize("fault", UNCOUNTED)
def test_no_fault_on_a_page_of_one_digit_mislabels_a_digit(fault: str, limits: Sheets) -> None:
    total = read_all(range(3000, 3030), (fault,), limits, labelled=True)
    assert total["right"] >= 0.85 * total["written"]  # a cut takes whole digits away


@pytest.mark.slow
@pytest.mark.parametrize("labelled", [True, False])
def test_pages_without_faults_are_read_nearly_completely(labelled: bool, limits: Sheets) -> None:
    total = read_all(range(4000, 4040), (), limits, labelled=labelled)
    assert total["right"] >= 0.95 * total["written"]  # blurred digits of 16 pixels are not
