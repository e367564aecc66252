"""Lined and squared paper: its long ruled lines are taken out before what is written on it is read."""

import numpy as np

from pipeline.reader.page import ink_map
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Ink
from pipeline.reader.ruling.erasing import erase
from pipeline.reader.ruling.hidden import Hidden
from pipeline.reader.ruling.ridges import Line
from pipeline.reader.ruling.ruled import REACH, find_lines, reduced

LONG = 0.4  # of the photo's length along a line: the largest digits that are read are a quarter as large
SOLID = 0.85  # of a ruled line must be ink: a row of digits has gaps
FLAT = 0.02  # of a line's length: it strays no further from the parabola that suits it best


def without_ruled_lines(ink: Ink, rgb: Rgb | None = None) -> tuple[Ink, Hidden | None]:
    """Return the ink without ruled lines; strokes that touch or cross them stay whole.

    Parameters
    ----------
    ink : (H, W) uint8
    rgb : (H, W, 3) uint8, optional
        The picture of that ink: a coloured line is pale in one of its colours, and strokes upon it are not.

    Returns
    -------
    (H, W) uint8
        ``ink`` itself where there are no ruled lines.
    (H, W) uint8, or None where there are none
        Where a line may hide a stroke along it, see ``Hidden``.
    """
    small, factor = reduced(ink)
    across = [line for line in find_lines(small) if _is_ruled(line, small.shape[1])]
    down = [line for line in find_lines(np.ascontiguousarray(small.T)) if _is_ruled(line, small.shape[0])]
    if not across and not down:
        return ink, None
    full = [[line.scaled(1 / factor) for line in lines] for lines in (across, down)]
    shades = () if rgb is None else tuple(ink_map(np.ascontiguousarray(rgb[:, :, colour])) for colour in range(3))
    window = round(max(ink.shape) * REACH)
    erased, _, hidden = erase(ink, full[0], full[1], factor=1 / factor, window=window, shades=shades)
    return erased, hidden


def _is_ruled(line: Line, length: int) -> bool:
    """Tell a ruled line from a row of strokes that happen to stand in line."""
    if len(line.middle) < LONG * length or line.seen.mean() < SOLID:
        return False
    along = np.linspace(-1, 1, len(line.middle))
    away = line.middle - np.polyval(np.polyfit(along, line.middle, 2), along)
    return bool(np.abs(away).max() <= FLAT * len(line.middle))
