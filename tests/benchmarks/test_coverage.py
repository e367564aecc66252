"""How many digits of simulated photos are read, by layout and severity: the table in docs/photos.md."""

from pathlib import Path
from typing import get_args

import pytest

from pipeline.params import Sheets
from pipeline.simulate.severity import Layout, Severity
from tests.reader.judge import Judgement, judged

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
SEEDS = range(7000, 7012)  # photos that no limit was ever tried on


@pytest.mark.benchmark
def test_coverage_against_severity(limits: Sheets, tmp_path: Path) -> None:
    print(f"\nSimulated photos, {len(SEEDS)} each: digits read right, of those a person can see\n")
    print("| layout | severity | digits | read right | wrong label | spoilt | missed | rejected, by reason |")
    print("|---|---|--:|--:|--:|--:|--:|---|")
    for layout in LAYOUTS:
        for severity in SEVERITIES:
            verdict = Judgement()
            for seed in SEEDS:
                verdict.add(judged(layout, severity, seed, limits, folder=tmp_path))
            print(_line(layout, severity, verdict))


def _line(layout: Layout, severity: Severity, verdict: Judgement) -> str:
    counts = verdict.outcomes
    ours = ("right", "wrong-label", "spoilt", "spoilt-blank", "missed", "unseen")
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.most_common() if reason not in ours)
    spoilt = counts["spoilt"] + counts["spoilt-blank"]
    return (
        f"| {layout} | {severity} | {verdict.written:,} | {verdict.coverage:.2%} | {counts['wrong-label']} "
        f"| {spoilt} | {counts['missed']} | {reasons or 'none'} |"
    )
