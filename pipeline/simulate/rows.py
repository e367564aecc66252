"""Rows of digits on plain or lined paper: slanted and curved, of any size, now and then too close."""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.simulate import paper
from pipeline.simulate.marks import Drawn, Mark, put, strokes_at
from pipeline.simulate.severity import Conditions
from pipeline.simulate.streams import Streams
from pipeline.simulate.strokes import FORMS, Points
from pipeline.simulate.writers import Writer, writer

MARGIN_MM = 14.0
RULING_MM = (7.0, 9.0)  # notebooks: 7 mm (ISO college ruled) to 9 mm (wide ruled)


@dataclass(frozen=True)
class Plan:
    """What the writer of a page means to do; lengths in mm."""

    who: Writer
    width: float  # of the page
    label: int | None  # the one digit of the page
    slope: float  # of all rows
    lined: bool
    limits: Conditions


def write_rows(
    page_mm: tuple[float, float],
    writer_seed: int,
    scale: float,
    *,
    label: int | None,
    limits: Conditions,
    streams: Streams,
    lined: bool,
) -> tuple[Drawn, tuple[str, ...]]:
    """Return a page of rows and the digits of each; all are ``label`` if that is stated."""
    rng = streams["layout"]
    height = float(np.clip(rng.normal(9.0, 1.8), 6.0, 14.0))
    leading = height * rng.uniform(1.7, 2.4)
    spacing = float(rng.uniform(*RULING_MM))
    if lined:
        lines = 2 if height > 0.85 * spacing else 1
        leading, height = spacing * lines, min(height, 0.8 * spacing * lines)
    titled = rng.random() < limits.words
    top = MARGIN_MM + (12 if titled else 0) + height
    picture = paper.sheet(page_mm, scale, streams["paper"])
    if lined:
        paper.rule(picture, spacing, top % spacing, scale, darkness=limits.ruling, rng=streams["ruling"])
    room = int((page_mm[1] - MARGIN_MM - top) // leading) + 1
    count = int(rng.integers(min(3, room), room + 1))
    plan = Plan(writer(writer_seed, height), page_mm[0], label, 0.0 if lined else rng.normal(0, 0.012), lined, limits)
    marks = [mark for row in range(count) for mark in _row(row, top + row * leading, plan, streams[f"row {row}"])]
    if titled:
        paper.print_words(picture, (MARGIN_MM, MARGIN_MM + 4), 4, scale, streams["words"])
    put(picture, marks, scale, streams["ink"])
    paper.speckle(picture, scale, limits, streams["specks"])
    strings = tuple("".join(str(mark.label) for mark in marks if mark.row == row) for row in range(count))
    return Drawn(paper.ghost(picture, limits, streams["ghost"]), scale, tuple(marks)), strings


def _row(row: int, baseline: float, plan: Plan, rng: np.random.Generator) -> list[Mark]:
    """Write one row from the left margin as far as it goes."""
    unit, pen = plan.who.height, plan.who.pen
    slope = plan.slope + rng.normal(0, 0.004 if plan.lined else 0.008)
    hang = 0.0 if plan.lined else rng.normal(0, 0.15) * unit
    gap = unit * rng.uniform(0.35, 1.1)
    hand = replace(plan.who, height=unit * float(np.clip(np.exp(rng.normal(0, 0.08)), 0.8, 1.2)))
    longest = int(rng.integers(5, 17))
    x, marks = MARGIN_MM + rng.uniform(0, 0.6) * unit, list[Mark]()
    while len(marks) < longest:
        digit = int(rng.integers(10)) if plan.label is None else plan.label
        strokes = _cap_apart(strokes_at(hand, digit, "digit", np.zeros(2), rng), digit, hand, plan.limits, rng)
        ink = np.concatenate(strokes)
        share = (x - MARGIN_MM) / (plan.width - 2 * MARGIN_MM)
        sag = hang * np.sin(np.pi * share) + slope * (x - MARGIN_MM)
        place = (x - ink[:, 0].min(), baseline + sag - ink[:, 1].max() + rng.normal(0, 0.04) * unit)
        x += float(np.ptp(ink[:, 0]))
        if x > plan.width - MARGIN_MM and len(marks) >= 2:
            break
        marks.append(Mark(row, len(marks), digit, "digit", pen, tuple(path + place for path in strokes)))
        free = max(gap * np.exp(rng.normal(0, 0.25)), 0.2 * unit + 0.5 * pen.width) + pen.width
        x += -0.06 * unit if rng.random() < plan.limits.touching else free
    return marks


def _cap_apart(
    strokes: tuple[Points, ...], digit: int, who: Writer, limits: Conditions, rng: np.random.Generator
) -> tuple[Points, ...]:
    """Set the cap of a 5 further from its belly than it was meant to be."""
    two_strokes = len(strokes) == 2 and digit == 5 and "cap" in FORMS[5][who.forms[5]].name
    if not two_strokes or rng.random() >= 0.3:
        return strokes
    away = np.abs(rng.normal(0, 0.06 if limits.touching < 0.01 else 0.1, 2)) * (1, -1) * who.height
    return strokes[0], strokes[1] + away
