import numpy as np
import pytest

from pipeline.reader.template.canvas import Canvas
from pipeline.reader.template.pieces import find_pieces
from pipeline.template import geometry

TEMPLATE = geometry()
SCALE = 2.0  # pixels a mm


@pytest.mark.parametrize(("grain", "expected"), [(10.0, 2), (200.0, 1), (257.0, 1), (600.0, 1)])
def test_ink_that_may_be_grain_is_no_stroke_however_coarse_the_grain(grain: float, expected: int) -> None:
    """Over a checked cloth the grain is more than all ink there is: then full ink alone is a stroke."""
    ink = np.zeros((600, 420), np.uint8)
    ink[100:120, 100:120] = 150
    ink[300:320, 100:120] = 255
    count = len(TEMPLATE.cells)
    levels, lowest = np.full(count, 50.0), np.full((2, count), grain)
    found = find_pieces(Canvas(ink, SCALE, (0.0, 0.0)), TEMPLATE, levels, lowest, smallest=10)
    assert len(found.area) == expected
