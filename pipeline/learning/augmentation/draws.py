"""Random numbers of many digits at once, each digit's from a key of its own.

A number depends on its key and its place alone, as if each digit had a generator, but without making one a digit:
SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014), whose n-th output is
a function of seed and n.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
"""(N,) uint64: what all randomness of N tiles comes from."""

_STEP = np.uint64(0x9E3779B97F4A7C15)  # this and what follows: the paper's GOLDEN_GAMMA and its mix64variant13
_FACTORS = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFTS = np.uint64(30), np.uint64(27), np.uint64(31)


def ids_of(names: Sequence[str]) -> Keys:
    """Return ids of 16 hexadecimal characters as (N,) numbers."""
    return np.frombuffer(bytes.fromhex("".join(names)), dtype=">u8").astype(np.uint64)


def keys_of(ids: Keys, number: int, seed: int) -> Keys:
    """Return the keys of the ``number``-th copies of the digits with these (N,) ids."""
    start = _mixed(np.array([seed], np.uint64) + _STEP)
    return _mixed(_mixed(ids ^ start) + np.array([number], np.uint64) * _STEP)  # an array: scalars warn of overflow


def split(keys: Keys, stream: int) -> Keys:
    """Return other keys from the same ones, so that two transforms of one tile share no number."""
    return _mixed(keys ^ _mixed(np.array([stream + 1], np.uint64) * _STEP))


def uniform(keys: Keys, count: int) -> NDArray[np.float32]:
    """Return (N, count) float32, uniform in [0, 1) in steps of 2**-24: ``count`` numbers for each key."""
    return _fraction(_bits(keys, count) >> np.uint64(40))


def normal_pairs(keys: Keys, count: int, skip: int = 0) -> NDArray[np.float32]:
    """Return (2, N, count) float32 of the standard normal distribution, all independent.

    They come from what lies behind ``skip`` uniform numbers, two from each 64 bits: Box and Muller, "A Note on the
    Generation of Random Normal Deviates", Annals of Mathematical Statistics 1958.
    """
    bits = _bits(keys, count, skip)
    made = np.empty((2, *bits.shape), np.float32)
    # 1 - u instead of u, so that there is no logarithm of 0.
    length = np.sqrt(np.float32(-2) * np.log(np.float32(1) - _fraction(bits >> np.uint64(40))))
    angle = np.float32(2 * math.pi) * _fraction(bits & np.uint64(2**24 - 1))
    np.multiply(length, np.cos(angle), out=made[0])
    np.multiply(length, np.sin(angle), out=made[1])
    return made


def _fraction(bits: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Return 24 bits, as many as a float32 has, as a number in 0..1."""
    return bits.astype(np.float32) * np.float32(2.0**-24)


def _bits(keys: Keys, count: int, skip: int = 0) -> NDArray[np.uint64]:
    places = np.arange(skip + 1, skip + count + 1, dtype=np.uint64) * _STEP
    return _mixed(keys[:, None] + places)


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    value = value ^ (value >> _SHIFTS[0])
    value *= _FACTORS[0]
    value ^= value >> _SHIFTS[1]
    value *= _FACTORS[1]
    value ^= value >> _SHIFTS[2]
    return value
