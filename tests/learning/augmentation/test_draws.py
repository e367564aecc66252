import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.learning.augmentation import draws

IDS = np.arange(2000, dtype=np.uint64)
KEYS = draws.keys_of(IDS, 1, 0)


def test_uniform_numbers_are_uniform_and_independent_of_each_other() -> None:
    numbers = draws.uniform(KEYS, 20).astype(float)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    counts, _ = np.histogram(numbers, 20, (0, 1))
    assert np.abs(counts - 2000).max() < 5 * np.sqrt(2000)
    correlations = np.corrcoef(np.vstack([numbers.T, np.roll(numbers.T, 1, axis=1)])) - np.eye(40)
    assert np.abs(correlations).max() < 5 / np.sqrt(2000)


def test_normal_numbers_have_the_moments_of_the_normal_distribution() -> None:
    numbers = draws.normal_pairs(KEYS, 30).astype(float)
    assert numbers.shape == (2, 2000, 30)
    for moment, expected in ((1, 0), (2, 1), (3, 0), (4, 3)):
        assert abs((numbers**moment).mean() - expected) < 5 * np.sqrt([1, 2, 15, 96][moment - 1] / numbers.size)
    assert np.isfinite(numbers).all()
    assert abs(np.corrcoef(numbers[0].ravel(), numbers[1].ravel())[0, 1]) < 5 / np.sqrt(60000)


@given(st.integers(0, 2**64 - 1), st.integers(1, 100), st.integers(0, 2**32 - 1), st.integers(0, 1999))
def test_numbers_depend_on_id_copy_and_seed_alone(digit: int, number: int, seed: int, place: int) -> None:
    among = IDS.copy()
    among[place] = digit
    keys = draws.keys_of(among, number, seed)[place], draws.keys_of(np.array([digit], np.uint64), number, seed)[0]
    assert keys[0] == keys[1]
    alone = draws.normal_pairs(np.array([keys[1]]), 7)[:, 0]
    assert np.array_equal(draws.normal_pairs(np.append(KEYS, keys[0]), 7)[:, -1], alone)


def test_other_ids_copies_seeds_and_streams_give_other_numbers() -> None:
    keys = [
        draws.split(draws.keys_of(IDS, number, seed), stream)
        for number in (1, 2)
        for seed in (0, 1, 2**32 - 1)
        for stream in (0, 1)
    ]
    assert len(np.unique(np.concatenate([*keys, KEYS]))) == 13 * 2000


def test_what_is_skipped_is_not_drawn_again() -> None:
    both = np.concatenate([draws._bits(KEYS, 6), draws._bits(KEYS, 4, skip=6)], axis=1)
    assert np.array_equal(both, draws._bits(KEYS, 10))


def test_ids_are_read_as_hexadecimal_numbers() -> None:
    names = ["0123456789abcdef", "ffffffffffffffff", "0000000000000001"]
    assert draws.ids_of(names).tolist() == [int(name, 16) for name in names]
    assert draws.ids_of([]).shape == (0,)
