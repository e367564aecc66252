"""Ruled lines become a table: which of them belong together, and how many rows and columns they make."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.reader.ruling import Line, Values

NEAR = 0.02  # of the photo's side: so far before its end a line may be missed by one that it would cross
CROSSED = 0.6  # of the other family's lines must be crossed by a line of the table
FAINTEST = 0.3  # of the median line's ink: a paler line is a crease, a shadow or the paper's own ruling
ARM = (0.04, 0.2)  # of the distance to the next line: where a line must go on beyond a crossing
ARMS = 0.4  # of that stretch, on average, must be ink: a column of digits one below the other stays clear of the lines
DOUBLE = 0.25  # of the median distance: lines nearer than this are one line ruled twice
OPEN = (0.3, 0.6)  # of a cell: lines that go on less far end at the frame; further, and there is a cell without frame


@dataclass(frozen=True)
class Lattice:
    """A table's lines, the frame where there is one among them; positions in pixels of the photo they were found on."""

    across: tuple[Line, ...]  # from left to right, from top to bottom
    down: tuple[Line, ...]  # from top to bottom, from left to right
    crossings: NDArray[np.float64]  # (len(across), len(down), 2): x, y
    beyond: NDArray[np.float64]  # (4,): how far, in cells, lines go on above, below, to the left, to the right


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
    across, down = _strong(across), _strong(down)
    while True:
        across, down = _crossing_each_other(across, down, near)
        if len(across) < 2 or len(down) < 2:
            return None
        places = crossings(across, down)
        rows, columns = _arms(across, places[:, :, 0]), _arms(down, places[:, :, 1].T)
        doubles = _double(places[:, :, 1]), _double(places[:, :, 0].T)
        if min(rows.min(), columns.min()) < ARMS:
            drop_row, drop = (
                (True, int(rows.argmin())) if rows.min() <= columns.min() else (False, int(columns.argmin()))
            )
        elif doubles[0] is not None or doubles[1] is not None:
            drop_row = doubles[0] is not None
            pair = doubles[0] if doubles[0] is not None else doubles[1]
            assert pair is not None
            family = across if drop_row else down
            drop = min(pair, pair + 1, key=lambda place: len(family[place].middle) * family[place].ink)
        else:
            return Lattice(tuple(across), tuple(down), places, _beyond(across, down, places))
        across = [line for place, line in enumerate(across) if not drop_row or place != drop]
        down = [line for place, line in enumerate(down) if drop_row or place != drop]


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


def _strong(lines: list[Line]) -> list[Line]:
    usual = np.median([line.ink for line in lines]) if lines else 0.0
    return [line for line in lines if line.ink >= FAINTEST * usual]


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
    """Return, for each line, how much of it is ink just beside its crossings; (len(lines), crossings) places along it."""
    shares = []
    for line, stations in zip(lines, places, strict=True):
        stations = np.sort(stations)
        found = []
        for place, other in [
            *zip(stations[:-1], stations[1:], strict=True),
            *zip(stations[1:], stations[:-1], strict=True),
        ]:
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
    above = np.median([places[0, j, 1] - line.start for j, line in enumerate(down)]) / gap_y[0]
    below = np.median([line.stop - 1 - places[-1, j, 1] for j, line in enumerate(down)]) / gap_y[-1]
    left = np.median([places[i, 0, 0] - line.start for i, line in enumerate(across)]) / gap_x[0]
    right = np.median([line.stop - 1 - places[i, -1, 0] for i, line in enumerate(across)]) / gap_x[-1]
    return np.array([above, below, left, right])
