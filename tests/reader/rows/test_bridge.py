import cv2
import numpy as np
import pytest

from pipeline.reader.rows import bridge
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


@pytest.mark.parametrize("seed", range(6))
def test_the_highest_side_is_found_however_many_lines_are_nearly_as_good(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(seed)
    ink = np.zeros((60, 120), bool)
    ink[28:33] = True
    for col in range(120):
        if not 45 < col < 75:
            ink[30 - draw.integers(0, 28) : 30 + draw.integers(1, 28), col] = True
    found = bridge.meetings(ink, 3.0)
    highest = bridge.bridged(ink, 3.0)
    monkeypatch.setattr(bridge, "NEARLY", 1.0)
    assert highest == bridge.bridged(ink, 3.0) == max(meeting.lower for meeting in found)
    for meeting in found:
        left = meeting.left(ink)
        assert 0 < left.sum() < ink.sum()
