"""Simulated photos over layouts, severities and seeds: every digit is read right or rejected with a reason.

No label is ever wrong. What else may not be yet is stated here.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.params import Sheets
from pipeline.simulate.severity import Layout, Severity
from tests.reader.judge import Judgement, judged

SMALL = (900, 1200)


class Limits(NamedTuple):
    """What is asked of the reader over the seeds of the slow test."""

    coverage: float  # least share of the visible digits that is read right
    spoilt: float = 0.0  # largest share of the visible digits whose crop is accepted but not the digit whole and alone
    missed: float = 0.0  # largest share neither read nor rejected


# A stroke that lies upon a ruled line for its whole length may go with the line (lined, grid); at the brutal severity
# paper grain and a hard shadow's edge can look like strokes.
ASKED: dict[tuple[Layout, Severity], Limits] = {
    ("template", "gentle"): Limits(0.999),
    ("template", "ordinary"): Limits(0.999),
    ("template", "brutal"): Limits(0.7, spoilt=0.01),
    ("rows", "gentle"): Limits(0.98),
    ("rows", "ordinary"): Limits(0.9, spoilt=0.005),
    ("rows", "brutal"): Limits(0.1, spoilt=0.01, missed=0.03),
    ("lined", "gentle"): Limits(0.9, spoilt=0.03),
    ("lined", "ordinary"): Limits(0.8, spoilt=0.04),
    ("lined", "brutal"): Limits(0.05, spoilt=0.02, missed=0.03),
    ("grid", "gentle"): Limits(0.98, spoilt=0.002),
    ("grid", "ordinary"): Limits(0.5, spoilt=0.01, missed=0.005),
    ("grid", "brutal"): Limits(0.0, spoilt=0.02, missed=0.01),
}


@pytest.mark.first_quick
@pytest.mark.parametrize("layout", ["template", "rows", "lined", "grid"])
def test_a_gentle_photo_is_read_whole(layout: Layout, limits: Sheets, tmp_path: Path) -> None:
    verdict = judged(layout, "gentle", 9, limits, folder=tmp_path, size=SMALL)
    assert not verdict.faults
    assert verdict.coverage >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize(("layout", "severity"), ASKED)
def test_every_digit_is_right_or_rejected(layout: Layout, severity: Severity, limits: Sheets, tmp_path: Path) -> None:
    verdict = Judgement()
    for seed in range(100, 106):
        verdict.add(judged(layout, severity, seed, limits, folder=tmp_path))
    assert verdict.outcomes["wrong-label"] == 0, verdict.faults
    asked = ASKED[layout, severity]
    assert verdict.share("spoilt", "spoilt-blank") <= asked.spoilt, verdict.faults
    assert verdict.share("missed") <= asked.missed, verdict.faults
    assert verdict.coverage >= asked.coverage
