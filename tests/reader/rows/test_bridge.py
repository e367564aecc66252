import cv2
import numpy as np
import pytest

from pipeline.reader.rows.bridge import bridged
from tests.reader import drawn

LINE = 5


def ink_of(digits: str, level: float = 0.5) -> np.ndarray:
    """Digits with gaps, which a line bridges at ``level`` of their height."""
    paper = drawn.blank(120, 300)
    for place, digit in enumerate(digits):
        drawn.write_digit(paper, digit, 40 + 48 * place, 30)
    if len(digits) > 1:
        y = round(30 + level * drawn.HEIGHT)
        cv2.line(paper, (62, y), (92, y), drawn.PEN, LINE)
    ink = paper < 130
    rows, cols = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


@pytest.mark.parametrize(("pair", "level"), [("00", 0.5), ("23", 0.95), ("80", 0.5), ("66", 0.75)])
def test_two_digits_that_touch_fall_into_two(pair: str, level: float) -> None:
    ink = ink_of(pair, level)
    assert cv2.connectedComponents(ink.astype(np.uint8))[0] == 2, "they touch"
    assert bridged(ink, LINE) > 0.7


@pytest.mark.parametrize("digit", list("01236789"))
def test_one_digit_does_not(digit: str) -> None:
    assert bridged(ink_of(digit), LINE) < 0.7


def test_the_share_is_none_without_ink_and_at_most_one() -> None:
    assert bridged(np.zeros((20, 20), bool), LINE) == 0
    assert bridged(np.ones((20, 20), bool), LINE) == 0
    assert bridged(ink_of("00"), LINE) <= 1
