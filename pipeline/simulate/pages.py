"""Pages that people write without a template: what is asked of the writer, and the page that comes back."""

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.camera import Window
from pipeline.simulate.grids import write_table
from pipeline.simulate.marks import Drawn
from pipeline.simulate.rows import write_rows
from pipeline.simulate.severity import Conditions, Layout
from pipeline.simulate.streams import Streams

PAPERS: tuple[tuple[float, float], ...] = ((210, 297), (297, 210), (148, 210), (210, 148))  # mm: A4 and A5 (ISO 216)


@dataclass(frozen=True)
class Page:
    """A written page, and how it is to be photographed."""

    drawn: Drawn
    strings: tuple[str, ...]  # the digits of each row, as the writer was asked for them
    label: int | None  # the one digit of the whole page
    window: Window  # what should be in the photo
    endless: bool  # the paper's edges are out of view


def write_page(layout: Layout, writer_seed: int, scale_for: float, limits: Conditions, streams: Streams) -> Page:
    """Return a page of ``layout``; ``scale_for`` is how many pixels its longer side, or the window's, should have."""
    rng = streams["page"]
    page_mm = PAPERS[int(rng.choice(len(PAPERS), p=(0.4, 0.25, 0.15, 0.2)))]
    close = rng.random() < 0.5
    one_digit = layout != "grid" and rng.random() < 0.3
    scale = scale_for / max(page_mm)
    label = int(rng.integers(10)) if one_digit else None
    if layout == "grid":
        drawn, strings = write_table(page_mm, writer_seed, scale, limits, streams)
    else:
        lined = layout == "lined"
        drawn, strings = write_rows(
            page_mm, writer_seed, scale, label=label, limits=limits, streams=streams, lined=lined
        )
    window = _around(drawn, rng.uniform(0.5, 1.2)) if close else (0.0, 0.0, *page_mm)
    if close:
        window = _cut(window, page_mm, limits, streams["cut"])
    return Page(drawn, strings, label, window, close)


def _cut(window: Window, page_mm: tuple[float, float], limits: Conditions, rng: np.random.Generator) -> Window:
    """Let one side of the photo, now and then, cut off up to a third of the page."""
    if rng.random() >= limits.cut:
        return window
    sides, side = list(window), int(rng.integers(4))
    sides[side] += (1 if side < 2 else -1) * float(rng.uniform(0.1, 0.3)) * page_mm[side % 2]
    return sides[0], sides[1], sides[2], sides[3]


def _around(drawn: Drawn, margin: float) -> Window:
    """Return the box of all that was written, with a margin in heights of the average digit."""
    boxes = np.array([mark.corners for mark in drawn.marks])
    edge = margin * float(np.mean(boxes[:, 2, 1] - boxes[:, 0, 1]))
    low, high = boxes.min(axis=(0, 1)) - edge, boxes.max(axis=(0, 1)) + edge
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
