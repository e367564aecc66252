import random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import params
from pipeline.learning.augmentation import draws, warp
from pipeline.params import Augment
from tests.laws import up_to
from tests.learning.augmentation import per_image
from tests.params_file import ROOT

DEFAULTS = params.load(ROOT / "params.yaml").augment
STILL = {"rotate_degrees": 0.0, "scale": 0.0, "shift_pixels": 0.0, "shear_degrees": 0.0, "elastic_alpha": 0.0}
IDS = np.arange(60, dtype=np.uint64)


def asked(**changes: float) -> Augment:
    return DEFAULTS.model_copy(update=STILL | changes)


def maps(settings_: Augment, seed: int = 0, ids: draws.Keys = IDS) -> warp.Maps:
    return warp.maps_of(28, warp.drawn_weights(28, settings_, draws.keys_of(ids, 1, seed)))


def unmoved() -> warp.Maps:
    return np.stack(np.meshgrid(np.arange(28), np.arange(28))).astype(np.float32)[:, None]


def test_limits_of_0_leave_every_pixel_where_it_is() -> None:
    still = np.broadcast_to(unmoved(), (2, 60, 28, 28))
    np.testing.assert_allclose(maps(asked()), still, rtol=0, atol=1e-5)
    tiles = np.random.default_rng(0).integers(0, 256, (60, 28, 28), np.uint8)
    assert np.array_equal(warp.resampled(tiles, maps(asked())), tiles)


@settings(deadline=None, max_examples=up_to(12))
@given(limit=st.floats(0, 8), seed=st.integers(0, 2**32))
def test_shifts_stay_within_their_limit_and_move_all_pixels_alike(limit: float, seed: int) -> None:
    moved = maps(asked(shift_pixels=limit), seed) - unmoved()
    assert np.abs(moved).max() <= limit + 1e-4
    assert np.ptp(moved, axis=(2, 3)).max() < 1e-4


@settings(deadline=None, max_examples=up_to(12))
@given(limit=st.floats(1, 45), seed=st.integers(0, 2**32))
def test_turns_stay_within_their_limit_and_keep_lengths_and_the_middle(limit: float, seed: int) -> None:
    made = maps(asked(rotate_degrees=limit), seed).astype(float)
    across, down = made[..., 0, 27] - made[..., 0, 0], made[..., 27, 0] - made[..., 0, 0]
    assert np.hypot(*across) == pytest.approx(27, abs=1e-3)
    assert (across * down).sum(axis=0) == pytest.approx(0, abs=1e-2)
    assert np.abs(np.degrees(np.arctan2(across[1], across[0]))).max() <= limit + 1e-3
    assert made.mean(axis=(2, 3)) == pytest.approx(13.5, abs=1e-3)


@settings(deadline=None, max_examples=up_to(12))
@given(limit=st.floats(0.01, 0.5), seed=st.integers(0, 2**32))
def test_scales_stay_within_their_limit_on_each_axis(limit: float, seed: int) -> None:
    across, down = maps(asked(scale=limit), seed).astype(float)
    for steps in across[:, 0, 1] - across[:, 0, 0], down[:, 1, 0] - down[:, 0, 0]:
        assert steps.min() >= 1 / (1 + limit) - 1e-4
        assert steps.max() <= 1 / (1 - limit) + 1e-4


@settings(deadline=None, max_examples=up_to(12))
@given(limit=st.floats(1, 45), seed=st.integers(0, 2**32))
def test_shears_lean_uprights_by_at_most_their_limit_and_keep_levels(limit: float, seed: int) -> None:
    across, down = maps(asked(shear_degrees=limit), seed).astype(float)
    np.testing.assert_allclose(down, np.broadcast_to(unmoved()[1], down.shape), rtol=0, atol=1e-4)
    assert np.abs(np.degrees(np.arctan((across[:, 27, 0] - across[:, 0, 0]) / 27))).max() <= limit + 1e-3


@settings(deadline=None, max_examples=up_to(12))
@given(turn=st.floats(1, 45), shear=st.floats(1, 45), seed=st.integers(0, 2**32))
def test_turn_and_shear_together_keep_areas(turn: float, shear: float, seed: int) -> None:
    made = maps(asked(rotate_degrees=turn, shear_degrees=shear), seed).astype(float)
    across, down = (made[..., 0, 27] - made[..., 0, 0]) / 27, (made[..., 27, 0] - made[..., 0, 0]) / 27
    assert across[0] * down[1] - across[1] * down[0] == pytest.approx(1, abs=1e-4)


def test_the_affine_part_is_that_of_a_single_image() -> None:
    class Given(random.Random):
        def uniform(self, a: float, b: float) -> float:
            return float(a + (b - a) * next(numbers))

    settings_ = DEFAULTS.model_copy(update={"elastic_alpha": 0.0})
    keys = draws.keys_of(IDS, 1, 0)
    made = warp.maps_of(28, warp.drawn_weights(28, settings_, keys))
    for place in range(len(IDS)):
        numbers = iter(draws.uniform(keys, 6)[place].tolist())
        expected = per_image.affine_maps(settings_, Given()).transpose(2, 0, 1)
        np.testing.assert_allclose(made[:, place], expected, rtol=0, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("alpha", "sigma"), [(24.0, 5.0), (8.0, 2.0), (40.0, 9.0)])
def test_elastic_displacements_spread_and_go_together_as_blurred_noise_does(alpha: float, sigma: float) -> None:
    settings_ = asked(elastic_alpha=alpha, elastic_sigma=sigma)
    ours = (maps(settings_, ids=np.arange(2000, dtype=np.uint64)) - unmoved()).reshape(-1, 784)
    rng = np.random.default_rng(0)
    blurred = np.concatenate([per_image.elastic_field(settings_, rng).transpose(2, 0, 1) for _ in range(2000)])
    theirs = blurred.reshape(-1, 784)
    scale = (theirs**2).mean()
    for middle in (0, 14 * 28 + 14, 14 * 28):  # a corner, the middle, an edge
        together, expected = (field.T @ field[:, middle] / len(field) / scale for field in (ours, theirs))
        np.testing.assert_allclose(together, expected, rtol=0, atol=0.12 * float(expected[middle]))
        assert together[middle] == pytest.approx(expected[middle], rel=0.08)


def test_displacements_of_two_tiles_and_of_two_axes_are_independent() -> None:
    x, y = (maps(asked(elastic_alpha=24.0), ids=np.arange(3000, dtype=np.uint64)) - unmoved())[..., 14, 14]
    for one, other in ((x, y), (x[1:], x[:-1]), (y[1:], y[:-1])):
        assert abs(np.corrcoef(one, other)[0, 1]) < 5 / np.sqrt(3000)


def test_a_tile_is_read_as_opencv_reads_a_single_image_wherever_it_stands() -> None:
    rng = np.random.default_rng(0)
    tiles = rng.integers(0, 256, (warp.BLOCK, 28, 28), np.uint8)
    places = (unmoved() + rng.normal(0, 4, (2, warp.BLOCK, 28, 28))).astype(np.float32)
    places = (np.rint(places * 2048) / 2048).astype(np.float32)  # to which maps are rounded
    expected = [
        cv2.remap(tile, across, down, cv2.INTER_CUBIC) for tile, across, down in zip(tiles, *places, strict=True)
    ]
    assert np.array_equal(warp.resampled(tiles, places.copy()), np.stack(expected))
