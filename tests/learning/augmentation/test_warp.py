import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import params
from pipeline.learning.warp import Maps, affine_maps, elastic_field
from pipeline.params import Augment
from tests.params_file import ROOT

STILL = {"rotate_degrees": 0.0, "scale": 0.0, "shift_pixels": 0.0, "shear_degrees": 0.0, "elastic_alpha": 0.0}


def asked(**changes: float) -> Augment:
    return params.load(ROOT / "params.yaml").augment.model_copy(update=STILL | changes)


def unmoved() -> Maps:
    across, down = np.meshgrid(np.arange(28), np.arange(28))
    return np.dstack([across, down]).astype(np.float32)


def test_limits_of_0_leave_every_pixel_where_it_is() -> None:
    assert np.array_equal(affine_maps(28, 28, asked(), random.Random(0)), unmoved())
    assert not elastic_field(28, 28, asked(), np.random.default_rng(0)).any()


@settings(deadline=None, max_examples=40)
@given(limit=st.floats(0, 8), seed=st.integers(0, 2**32))
def test_shifts_stay_within_their_limit_and_move_all_pixels_alike(limit: float, seed: int) -> None:
    moved = affine_maps(28, 28, asked(shift_pixels=limit), random.Random(seed)) - unmoved()
    assert np.abs(moved).max() <= limit + 1e-4
    assert np.ptp(moved, axis=(0, 1)).max() < 1e-4


@settings(deadline=None, max_examples=40)
@given(limit=st.floats(1, 45), seed=st.integers(0, 2**32))
def test_turns_stay_within_their_limit_and_keep_lengths_and_the_middle(limit: float, seed: int) -> None:
    maps = affine_maps(28, 28, asked(rotate_degrees=limit), random.Random(seed)).astype(float)
    across, down = maps[0, 27] - maps[0, 0], maps[27, 0] - maps[0, 0]
    assert np.hypot(*across) == pytest.approx(27, abs=1e-3)
    assert across @ down == pytest.approx(0, abs=1e-2)
    assert abs(np.degrees(np.arctan2(across[1], across[0]))) <= limit + 1e-3
    assert maps.mean(axis=(0, 1)) == pytest.approx([13.5, 13.5], abs=1e-3)


@settings(deadline=None, max_examples=40)
@given(limit=st.floats(0.01, 0.5), seed=st.integers(0, 2**32))
def test_scales_stay_within_their_limit_on_each_axis(limit: float, seed: int) -> None:
    maps = affine_maps(28, 28, asked(scale=limit), random.Random(seed)).astype(float)
    for step in (maps[0, 1] - maps[0, 0])[0], (maps[1, 0] - maps[0, 0])[1]:
        assert 1 / (1 + limit) - 1e-4 <= step <= 1 / (1 - limit) + 1e-4


@settings(deadline=None, max_examples=40)
@given(limit=st.floats(1, 45), seed=st.integers(0, 2**32))
def test_shears_lean_uprights_by_at_most_their_limit_and_keep_levels(limit: float, seed: int) -> None:
    maps = affine_maps(28, 28, asked(shear_degrees=limit), random.Random(seed)).astype(float)
    assert np.array_equal(maps[..., 1], unmoved()[..., 1])
    lean = maps[27, 0] - maps[0, 0]
    assert abs(np.degrees(np.arctan2(lean[0], lean[1]))) <= limit + 1e-3


def test_elastic_displacements_are_smooth_and_grow_with_alpha() -> None:
    weak = elastic_field(28, 28, asked(elastic_alpha=10.0), np.random.default_rng(0))
    strong = elastic_field(28, 28, asked(elastic_alpha=20.0), np.random.default_rng(0))
    assert strong == pytest.approx(2 * weak, rel=1e-5)
    assert np.abs(np.diff(strong, axis=0)).max() < 0.5  # pixels from one pixel to the next: nothing folds over
    assert 0.2 < strong.std() < 2


@settings(deadline=None, max_examples=40)
@given(turn=st.floats(1, 45), shear=st.floats(1, 45), seed=st.integers(0, 2**32))
def test_turn_and_shear_together_keep_areas(turn: float, shear: float, seed: int) -> None:
    settings_ = asked(rotate_degrees=turn, shear_degrees=shear)
    maps = affine_maps(28, 28, settings_, random.Random(seed)).astype(float)
    across, down = (maps[0, 27] - maps[0, 0]) / 27, (maps[27, 0] - maps[0, 0]) / 27
    assert across[0] * down[1] - across[1] * down[0] == pytest.approx(1, abs=1e-4)
