import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pipeline.reader.page import ink_map
from pipeline.reader.strokes import GROW, parts, threshold
from tests.reader import drawn


@settings(deadline=None)
@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.sampled_from([0, 70, 200])),
    st.sampled_from([60.0, 100.0, 180.0]),
)
def test_every_pixel_of_ink_is_in_one_part_and_each_part_reaches_the_level(ink: np.ndarray, level: float) -> None:
    found, labels = parts(ink, level)
    assert [part.index for part in found] == list(range(len(found)))
    assert set(np.unique(labels)) - {0} == {part.index + 1 for part in found}
    assert (labels[ink >= level] > 0).all()
    assert (labels[ink < GROW * level] == 0).all()
    for part in found:
        own = labels == part.index + 1
        rows, cols = np.nonzero(own)
        assert own.sum() == part.area
        assert (part.y, part.bottom) == (rows.min(), rows.max() + 1)
        assert (part.x, part.right) == (cols.min(), cols.max() + 1)
        assert ink[own].max() >= level


def test_a_stroke_keeps_its_pale_end_and_paper_grain_is_no_stroke() -> None:
    ink = np.zeros((20, 40), np.uint8)
    ink[10, 5:20] = 200
    ink[10, 20:30] = 130  # the pen lifts
    ink[3, 3] = 130  # grain as pale as that, connected to nothing
    found, labels = parts(ink, 150)
    assert [(part.x, part.right) for part in found] == [(5, 30)]
    assert labels[3, 3] == 0


def test_diagonal_neighbours_are_connected() -> None:
    assert len(parts(np.eye(9, dtype=np.uint8) * 255, 100)[0]) == 1


def test_nothing_on_blank_paper() -> None:
    ink = ink_map(drawn.blank())
    found, labels = parts(ink, threshold(ink, 0.12))
    assert found == []
    assert not labels.any()


def test_the_level_lies_between_paper_and_pen_and_never_below_the_least_contrast() -> None:
    ink = ink_map(drawn.page(["12345"]))
    assert 0.12 * 255 < threshold(ink, 0.12) < 255 * (1 - drawn.PEN / drawn.PAPER)
    assert threshold(ink // 20, 0.12) == pytest.approx(0.12 * 255)
