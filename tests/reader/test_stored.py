from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import ReadDigit, Reading
from pipeline.reader.records import Reason, Reject
from pipeline.reader.stored import pack, unpack
from tests.laws import up_to

PHOTO = Photo(Path("raw/c/a.jpg"), "c/a.jpg", "c", Settings())
numbers = st.none() | st.integers(0, 99)
places = st.none() | st.lists(st.floats(-1e4, 1e4, width=32), min_size=8, max_size=8)


def corners(values: list[float] | None) -> np.ndarray | None:
    return None if values is None else np.array(values, np.float32).reshape(4, 2)


rejects = st.builds(
    Reject, st.sampled_from(Reason), st.text(), numbers, numbers, numbers, places.map(corners), advice=st.text()
)
digits = st.builds(
    lambda seed, label, row, col: ReadDigit(
        np.random.default_rng(seed).integers(0, 256, (28, 28), np.uint8),
        label, row, col, np.random.default_rng(seed).normal(0, 1000, (4, 2)).astype(np.float32),
    ),
    st.integers(0, 9), st.integers(0, 9), st.integers(0, 999), st.integers(0, 999),
)  # fmt: skip


@settings(max_examples=up_to(40))  # each a file of up to six pictures
@given(
    st.lists(digits, max_size=4),
    st.lists(rejects, max_size=4),
    st.none() | st.text(),
    st.binary(),
    st.lists(digits, max_size=2),
)
def test_a_reading_comes_back_as_it_was(
    found: list[ReadDigit], left: list[Reject], writer: str | None, picture: bytes, refused: list[ReadDigit]
) -> None:
    again = unpack(pack(Reading(PHOTO, found, left, writer, refused, (3, len(found)), 90), picture), PHOTO)
    assert again is not None
    reading, drawn = again
    assert drawn == picture
    assert (reading.photo, reading.writer, reading.shape, reading.turn) == (PHOTO, writer, (3, len(found)), 90)
    for one, other in zip(
        [*found, *left, *refused], [*reading.digits, *reading.rejects, *reading.refused], strict=True
    ):
        assert type(one) is type(other)
        for name, value in vars(one).items():
            kept = getattr(other, name)
            assert type(kept) is type(value)
            assert np.array_equal(kept, value) if isinstance(value, np.ndarray) else kept == value


@pytest.mark.parametrize("damage", [lambda _: b"", lambda whole: whole[:-200], lambda whole: b"PK" + whole[2:99]])
def test_damaged_bytes_are_no_reading(damage: object) -> None:
    assert callable(damage)
    assert unpack(damage(pack(Reading(PHOTO, [], []), b"")), PHOTO) is None
