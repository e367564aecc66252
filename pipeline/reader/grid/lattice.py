"""Ruled lines become a table: which of them belong together, and how many rows and columns they make."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.reader.ruling.ridges import Line, Values

NEAR = 0.02  # of the photo's side: so far before its end a line may be missed by one that it would cross
BORDER = 0.012  # of the photo's side: a line nearer to the photo's edge is none of the table's
CROSSED = 0.75  # of the other family's lines must be crossed by a line of the table
FAINTEST = 0.3  # of the median line's ink: a paler line is a crease, a shadow or the paper's own ruling
BREAK = 0.15  # of a cell: beyond the table, a line ends at a wider gap
PATCHY = 0.85  # of the median line's share of ink: a line with less is a chain of digits
ARM = (0.04, 0.2)  # of the distance to the next line: where a line must go on beyond a crossing
ARMED = 0.65  # of what the median line has in there, at least, and
ARMS = 0.4  # of that stretch, on average, must be ink: a column of digits one below the other stays clear of the lines
DOUBLE = 0.25  # of the median distance: lines nearer than this are one line ruled twice


@dataclass(frozen=True)
class Lattice:
    """A table's lines, the frame where there is one among them; positions in pixels of the photo they were found on."""

    across: tuple[Line, ...]  # from left to right, from top to bottom
    down: tuple[Line, ...]  # from top to bottom, from left to right
    crossings: NDArray[np.float64]  # (len(across), len(down), 2): x, y
    beyond: NDArray[np.float64]  # (4,): how far, in cells, lines go on above, below, to the left, to the right
    border: tuple[tuple[Line, ...], tuple[Line, ...]]  # across and down: lines along the photo's edge


def find_lattice(across: list[Line], down: list[Line], shape: tuple[int, ...]) -> Lattice | None:
    """Choose the lines that make a table: those that cross nearly all of the others that were chosen.

    Parameters
    ----------
    across, down : list of Line
        As :func:`pipeline.reader.ruling.find_lines` gives them for the photo and its transpose.
    shape : height and width of that photo

    Returns
    -------
    Lattice, or None where no two lines cross two others
    """
    near = NEAR * max(shape)
    across, top_bottom = _inside(across, BORDER * max(shape), shape[0])
    down, left_right = _inside(down, BORDER * max(shape), shape[1])
    while True:
        across, down = _crossing_each_other(across, down, near)
        if len(across) < 2 or len(down) < 2:
            return None
        places = crossings(across, down)
        rows, columns = _worth(across, places), _worth(down, places.transpose(1, 0, 2)[:, :, ::-1])
        if min(rows.min(), columns.min()) >= 1:
            beyond = _beyond(across, down, places)
            return Lattice(tuple(across), tuple(down), places, beyond, (tuple(top_bottom), tuple(left_right)))
        if rows.min() <= columns.min():
            across = [line for place, line in enumerate(across) if place != rows.argmin()]
        else:
            down = [line for place, line in enumerate(down) if place != columns.argmin()]


def crossings(across: list[Line] | tuple[Line, ...], down: list[Line] | tuple[Line, ...]) -> NDArray[np.float64]:
    """Return (len(across), len(down), 2): x, y where each line meets each of the other family, both prolonged."""
    places = np.zeros((len(across), len(down), 2))
    middles = np.array([line.start + len(line.middle) / 2 for line in across])
    for column, line in enumerate(down):
        y = np.array([float(flat.at(middle)) for flat, middle in zip(across, middles, strict=True)])
        for _ in range(4):
            x = line.at(y)
            y = np.array([float(flat.at(place)) for flat, place in zip(across, x, strict=True)])
        places[:, column] = np.stack([line.at(y), y], axis=1)
    return places


def _inside(lines: list[Line], border: float, height: int) -> tuple[list[Line], list[Line]]:
    """Sort out lines along the photo's edge: a frame that is cut off, or the end of what the camera saw."""
    inner = [border < float(np.median(line.middle)) < height - 1 - border for line in lines]
    kept = [line for line, inside in zip(lines, inner, strict=True) if inside]
    return kept, [line for line, inside in zip(lines, inner, strict=True) if not inside]


def _worth(lines: list[Line], places: NDArray[np.float64]) -> Values:
    """Return how well each line, with its crossings at (lines, crossings, 2), suits the table: less than 1 does not."""
    shares = np.array([line.seen.mean() for line in lines])
    inks, arms = np.array([line.ink for line in lines]), _arms(lines, places[:, :, 0])
    worth = np.min(
        [
            arms / max(ARMS, ARMED * float(np.median(arms))),
            shares / (PATCHY * np.median(shares)),
            inks / (FAINTEST * np.median(inks)),
        ],
        axis=0,
    )
    first = _double(places[:, :, 1])
    if first is not None:
        weaker = min(first, first + 1, key=lambda place: len(lines[place].middle) * lines[place].ink)
        worth[weaker] = min(worth[weaker], 0.99)
    return np.asarray(worth)


def _crossing_each_other(across: list[Line], down: list[Line], near: float) -> tuple[list[Line], list[Line]]:
    """Leave out, one by one, the line that crosses fewest."""
    if not across or not down:
        return [], []
    places = crossings(across, down)
    inside_rows = np.array([_within(line, places[i, :, 0], near) for i, line in enumerate(across)])
    inside_columns = np.array([_within(line, places[:, j, 1], near) for j, line in enumerate(down)]).T
    crosses = inside_rows & inside_columns
    rows, columns = np.arange(len(across)), np.arange(len(down))
    while len(rows) and len(columns):
        chosen = crosses[np.ix_(rows, columns)]
        by_row, by_column = chosen.mean(axis=1), chosen.mean(axis=0)
        if min(by_row.min(), by_column.min()) >= CROSSED:
            break
        if by_row.min() <= by_column.min():
            rows = np.delete(rows, by_row.argmin())
        else:
            columns = np.delete(columns, by_column.argmin())
    kept = [across[i] for i in rows], [down[j] for j in columns]
    return _sorted(kept[0], kept[1])


def _sorted(across: list[Line], down: list[Line]) -> tuple[list[Line], list[Line]]:
    if not across or not down:
        return [], []
    places = crossings(across, down)
    rows, columns = np.argsort(places[:, :, 1].mean(axis=1)), np.argsort(places[:, :, 0].mean(axis=0))
    return [across[i] for i in rows], [down[j] for j in columns]


def _within(line: Line, places: Values, near: float) -> NDArray[np.bool_]:
    return np.asarray((places >= line.start - near) & (places < line.stop + near))


def _arms(lines: list[Line], places: NDArray[np.float64]) -> Values:
    """Return, for each line, how much of it is ink just beside its crossings, which are at (lines, crossings)."""
    shares = []
    for line, stations in zip(lines, np.sort(places, axis=1), strict=True):
        found = []
        for place, other in [*pairwise(stations), *pairwise(stations[::-1])]:
            reach = np.sort(place + (other - place) * np.array(ARM)) - line.start
            first, last = np.clip(np.round(reach).astype(int), 0, len(line.seen))
            if last > first:
                found.append(line.seen[first:last].mean())
        shares.append(float(np.mean(found)) if found else 0.0)
    return np.array(shares)


def _double(heights: NDArray[np.float64]) -> int | None:
    """Return the first of two neighbouring lines that are one line ruled twice; (lines, crossings) across them."""
    if len(heights) < 3:
        return None
    gaps = np.median(np.diff(heights, axis=0), axis=1)
    nearest = int(gaps.argmin())
    return nearest if gaps[nearest] < DOUBLE * np.median(gaps) else None


def _beyond(across: list[Line], down: list[Line], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far lines go on beyond the outermost of the other family, in cells: above, below, left, right."""
    gap_y, gap_x = (
        np.median(np.diff(places[:, :, 1], axis=0), axis=1),
        np.median(np.diff(places[:, :, 0], axis=1), axis=0),
    )
    ends = [_goes_on(line, places[[0, -1], j, 1], gap_y[[0, -1]]) for j, line in enumerate(down)]
    above, below = np.median(ends, axis=0)
    ends = [_goes_on(line, places[i, [0, -1], 0], gap_x[[0, -1]]) for i, line in enumerate(across)]
    left, right = np.median(ends, axis=0)
    return np.array([above, below, left, right])


def _goes_on(line: Line, outermost: Values, gaps: Values) -> tuple[float, float]:
    """Return how far a line goes on before and after its first and last crossing, without a break, in cells."""
    gap = max(round(BREAK * float(gaps.mean())), 1)
    inked = ndimage.binary_closing(np.pad(line.seen, gap), np.ones(gap + 1))[gap:-gap]
    first, last = np.clip(np.round(outermost).astype(int) - line.start, 0, len(inked) - 1)
    before, after = np.flatnonzero(~inked[: max(first - gap, 0)]), np.flatnonzero(~inked[last + gap :])
    start = int(before[-1]) + 1 if len(before) else 0
    stop = last + gap + int(after[0]) if len(after) else len(inked)
    return (outermost[0] - line.start - start) / gaps[0], (line.start + stop - 1 - outermost[1]) / gaps[1]
