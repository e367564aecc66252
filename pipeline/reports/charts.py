"""Drawings in SVG that take the page's own colours, so that they can be read in the dark too."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.reports.markup import Html, text

WIDTH, HEIGHT = 360, 220  # as wide as a phone: its letters are as large there as the page's small print
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 10, 34  # margins
ROW = 46  # height of a row of intervals


@dataclass(frozen=True)
class Interval:
    """A share and its intervals, 0..1."""

    name: str
    value: float
    wilson: tuple[float, float]
    writers: tuple[float, float] | None


def curves(lines: Mapping[str, Sequence[tuple[float, float]]], label: str, says: str) -> Html:
    """Return lines over epochs on a logarithmic scale; values of 0 stand on the lowest one above 0.

    Parameters
    ----------
    lines : dict of (epoch, value) pairs
        By name; at least one point in all.
    label : str
        What the values are, beside the axis.
    says : str
        What the drawing shows, for those who do not see it.
    """
    points = [point for line in lines.values() for point in line]
    above = [value for _, value in points if value > 0] or [1.0]
    low, high = math.log10(min(above)) - 0.05, math.log10(max(above)) + 0.05
    last = max(epoch for epoch, _ in points)

    def across(epoch: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (epoch - 1) / max(last - 1, 1)

    def down(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - math.log10(max(value, min(above)))) / (high - low)

    drawn = [_tick(tick, down(tick)) for tick in _ticks(low, high)]
    for place, (name, line) in enumerate(lines.items()):
        path = " ".join(f"{across(epoch):.1f},{down(value):.1f}" for epoch, value in line)
        drawn.append(f'<polyline class="line l{place % 8}" points="{path}"><title>{text(name)}</title></polyline>')
    bottom = HEIGHT - BOTTOM
    drawn.append(f'<line class="axis" x1="{LEFT}" y1="{bottom}" x2="{WIDTH - RIGHT}" y2="{bottom}"/>')
    for epoch in sorted({1.0, float(math.ceil(last / 2)), last}):
        drawn.append(f'<text x="{across(epoch):.1f}" y="{bottom + 14}" text-anchor="middle">{epoch:.0f}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    drawn.append(f'<text x="{middle}" y="{HEIGHT - 4}" text-anchor="middle">epoch</text>')
    return _svg(HEIGHT, drawn, f"{label}, logarithmic scale. {says}")


def intervals(rows: Sequence[Interval]) -> Html:
    """Return accuracies as points on lines, the interval of digits thick, that of writers thin below it."""
    ends = [end for row in rows for end in (*row.wilson, *(row.writers or ()))]
    low: float = min(math.floor(min(ends) * 100) / 100, 0.99)

    def across(value: float) -> float:
        return 10 + (WIDTH - 30) * (value - low) / (1 - low)

    height, drawn = ROW * len(rows) + 24, []
    for tick in (low, (low + 1) / 2, 1.0):
        at = across(tick)
        drawn.append(f'<line class="grid" x1="{at:.1f}" y1="4" x2="{at:.1f}" y2="{height - 18}"/>')
        anchor = {low: "start", 1.0: "end"}.get(tick, "middle")
        drawn.append(f'<text x="{at:.1f}" y="{height - 5}" text-anchor="{anchor}">{tick:.1%}</text>')
    for place, row in enumerate(rows):
        y = ROW * place + 30
        drawn.append(f'<text class="name" x="10" y="{y - 12}">{text(row.name)}</text>')
        spans = [("wilson", row.wilson, y)] + ([("writers", row.writers, y + 9)] if row.writers else [])
        for kind, (start, end), at in spans:
            drawn.append(f'<line class="{kind}" x1="{across(start):.1f}" y1="{at}" x2="{across(end):.1f}" y2="{at}"/>')
        drawn.append(f'<circle class="dot" cx="{across(row.value):.1f}" cy="{y}" r="5"/>')
    return _svg(height, drawn, "Accuracy with its intervals, by source; the numbers are in the table.")


def _ticks(low: float, high: float) -> list[float]:
    steps: tuple[float, ...] = (
        (1,) if high - low >= 2 else (1, 2, 5) if high - low >= 0.7 else (1, 1.5, 2, 3, 4, 5, 6, 8)
    )
    exponents = range(math.floor(low), math.ceil(high) + 1)
    return [
        step * 10.0**power for power in exponents for step in steps if low <= math.log10(step * 10.0**power) <= high
    ]


def _tick(value: float, at: float) -> str:
    return (
        f'<line class="grid" x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}"/>'
        f'<text x="{LEFT - 5}" y="{at + 4:.1f}" text-anchor="end">{value:g}</text>'
    )


def _svg(height: int, drawn: Sequence[str], says: str) -> Html:
    label = text(says)
    return Html(
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">\n' + "\n".join(drawn) + "\n</svg>"
    )
