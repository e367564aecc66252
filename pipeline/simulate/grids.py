"""Tables: ruled by hand or printed, with or without a frame, and digits that do not always keep to their boxes."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.simulate import paper
from pipeline.simulate.marks import Drawn, Mark, put, spoilt_places, strokes_at
from pipeline.simulate.pens import Bgr, Colour
from pipeline.simulate.severity import Conditions
from pipeline.simulate.streams import Streams
from pipeline.simulate.strokes import Points
from pipeline.simulate.writers import writer

Style = Literal["by hand", "printed", "dotted"]
MARGIN_MM = 14.0
INKS: tuple[Colour, ...] = ((52, 48, 46), (120, 78, 55), (110, 105, 102))  # of ruled lines: pen, blue pen, pencil


def write_table(
    page_mm: tuple[float, float], writer_seed: int, scale: float, limits: Conditions, streams: Streams
) -> tuple[Drawn, tuple[str, ...]]:
    """Return a page with a filled-in table, and the digits that each of its rows should hold."""
    rng = streams["layout"]
    side = rng.uniform(11, 20)
    shape = tuple(
        int(np.clip((length - 2 * MARGIN_MM) // (side * stretch), 3, 14))
        for length, stretch in zip(page_mm, (rng.uniform(0.85, 1.15), 1.0), strict=True)
    )
    style: Style = ("by hand", "by hand", "printed", "dotted")[int(rng.integers(4))]
    uneven = {"by hand": 0.02 + 0.04 * limits.touching / 0.03, "printed": 0.0, "dotted": 0.0}[style]
    crossings = _crossings(page_mm, shape, uneven, rng)
    picture = paper.sheet(page_mm, scale, streams["paper"])
    framed = rng.random() < 0.7
    _draw_lines(picture, crossings, style, scale, streams["lines"], framed=framed)
    marks, strings = _fill(crossings, writer_seed, limits, streams)
    put(picture, marks, scale, streams["ink"])
    paper.speckle(picture, scale, limits, streams["specks"])
    picture = paper.ghost(picture, limits, streams["ghost"])
    return Drawn(picture, scale, tuple(marks)), strings


def _crossings(
    page_mm: tuple[float, float], shape: tuple[int, ...], uneven: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return (rows + 1, cols + 1, 2): where the lines cross, mm; ``uneven`` is a share of a cell's side."""
    ends = []
    for length, count in zip(page_mm, shape, strict=True):
        steps = np.clip(1 + rng.normal(0, 2 * uneven, count), 0.7, 1.3)
        places = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
        ends.append(MARGIN_MM + places * (length - 2 * MARGIN_MM))
    crossings = np.stack(np.meshgrid(*ends), axis=-1)
    pitch = min(float(np.diff(end).mean()) for end in ends)
    slants = rng.normal(0, uneven, (2, 2)) * pitch  # a line that starts a little higher than it ends
    leans = rng.normal(0, uneven, (max(crossings.shape), 2)) * pitch
    along = np.linspace(-1, 1, crossings.shape[1])[None, :], np.linspace(-1, 1, crossings.shape[0])[:, None]
    crossings[:, :, 1] += along[0] * leans[: crossings.shape[0], :1] + slants[0, 0]
    crossings[:, :, 0] += along[1] * leans[: crossings.shape[1], 1:].T + slants[1, 0]
    return np.asarray(crossings, dtype=np.float64)


def _draw_lines(
    picture: Bgr, crossings: NDArray[np.float64], style: Style, scale: float, rng: np.random.Generator, *, framed: bool
) -> None:
    """Draw the table's lines; hand-drawn ones tremble and run past the frame or stop before it."""
    if style == "by hand":
        colour, width = INKS[int(rng.integers(len(INKS)))], rng.uniform(0.3, 0.7)
    else:
        grey = int(rng.integers(110, 190))
        colour, width = (grey, grey, grey), rng.uniform(0.2, 0.4)
    lines = [*crossings, *crossings.transpose(1, 0, 2)]
    outer = {0, len(crossings) - 1, len(crossings), len(lines) - 1}
    for place, line in enumerate(lines):
        if not framed and place in outer:
            continue
        path = _path(line, 0.15 if style == "by hand" else 0.0, rng)
        points = np.round((path * scale - 0.5) * 16).astype(np.int32)
        thickness = max(round(width * scale), 1)
        if style == "dotted":
            for point in points[::2]:
                cv2.circle(picture, point.tolist(), thickness * 8, colour, -1, cv2.LINE_AA, 4)
        else:
            cv2.polylines(picture, [points], False, colour, thickness, cv2.LINE_AA, 4)


def _path(line: Points, tremble: float, rng: np.random.Generator) -> Points:
    """Return a ruled line as points 0.5 mm apart that stray up to about ``tremble`` mm, and its ends further."""
    past = rng.normal(0, 6 * tremble, 2)
    along = line[-1] - line[0]
    length = float(np.linalg.norm(along))
    ends = line[0] - along / length * past[0], line[-1] + along / length * past[1]
    share = np.linspace(0, 1, max(int(length / 0.5), 2))[:, None]
    kernel = np.hanning(41) / np.hanning(41).sum()
    noise = rng.normal(0, 1, len(share) + 40)
    stray = np.convolve(noise, kernel, mode="valid")
    stray *= tremble / max(float(stray.std()), 1e-6)
    across = np.array([-along[1], along[0]]) / length
    return np.asarray(ends[0] * (1 - share) + ends[1] * share + stray[:, None] * across, dtype=np.float64)


def _fill(
    crossings: NDArray[np.float64], writer_seed: int, limits: Conditions, streams: Streams
) -> tuple[list[Mark], tuple[str, ...]]:
    """Write a digit into each cell: random ones, or each row's own."""
    rng = streams["filling"]
    rows, cols = crossings.shape[0] - 1, crossings.shape[1] - 1
    labels = rng.integers(0, 10, (rows, cols))
    if rng.random() < 0.4:
        labels = np.repeat(np.arange(rows)[:, None] % 10, cols, axis=1)
    sides = np.diff(crossings, axis=0)[:, :, 1].mean(), np.diff(crossings, axis=1)[:, :, 0].mean()
    height = min(sides[0], 1.3 * sides[1]) * rng.uniform(*limits.reach)
    who = writer(writer_seed, float(height))
    states = spoilt_places(rows * cols, round(limits.spoilt * rows * cols), streams["spoilt"])
    marks = []
    for place, state in enumerate(states):
        row, col = divmod(place, cols)
        quad = np.array([crossings[row + j, col + i] for j, i in ((0, 0), (0, 1), (1, 1), (1, 0))])
        stray = rng.normal(0, 0.06 * limits.reach[1], 2) * sides[::-1]
        strokes = strokes_at(who, int(labels[row, col]), state, quad.mean(axis=0) + stray, rng)
        marks.append(Mark(row, col, int(labels[row, col]), state, who.pen, strokes, quad))
    return marks, tuple("".join(map(str, line)) for line in labels)
