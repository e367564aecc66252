import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.learning.trained import Epoch, TrainedFold

FOLD = TrainedFold(
    fold=3,
    epochs=[Epoch(1, 0.1 + 0.2, 1 / 3, 2 / 3), Epoch(2, 1e-300, 0.25, 1.0)],
    weights=bytes(range(256)),
    probabilities=np.random.default_rng(0).random((7, 10), np.float32),
    digits_trained=20,
    digits_seen=40,
    seconds=1.5,
    processor_seconds=1.25,
)
CONTENT = FOLD.to_bytes()


def test_what_is_kept_comes_back_to_the_last_bit() -> None:
    found = TrainedFold.from_bytes(CONTENT)
    for name, value in vars(FOLD).items():
        np.testing.assert_array_equal(getattr(found, name), value)
    assert found.probabilities.dtype == np.float32
    assert found.to_bytes() == CONTENT


def test_the_accuracy_is_that_of_the_last_epoch_whose_weights_are_kept() -> None:
    assert FOLD.validation_accuracy == 1.0


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused(place: int, change: int) -> None:
    damaged = bytearray(CONTENT)
    damaged[place] ^= change
    with pytest.raises(ValueError, match="not a whole trained fold"):
        TrainedFold.from_bytes(bytes(damaged))


@given(st.integers(0, len(CONTENT) - 1))
def test_a_part_of_it_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="not a whole trained fold"):
        TrainedFold.from_bytes(CONTENT[:length])
