from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import params
from pipeline.digits import Images
from pipeline.learning import distortions
from pipeline.params import Augment
from tests.laws import up_to
from tests.learning.augmentation import moments, per_image
from tests.params_file import ROOT

DEFAULTS = params.load(ROOT / "params.yaml").augment
STILL = {
    "rotate_degrees": 0.0,
    "scale": 0.0,
    "shift_pixels": 0.0,
    "shear_degrees": 0.0,
    "elastic_alpha": 0.0,
    "stroke_probability": 0.0,
    "paper_probability": 0.0,
    "noise_std": 0.0,
}


def stroke(count: int) -> Images:
    """Digits of one grey-edged upright each."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 5:23, 12:16] = (90, 255, 255, 90)
    return images


def made(images: Images, settings_: Augment, number: int = 1) -> Images:
    return distortions.distort(distortions.Chunk(images, ids(len(images)), number, settings_))


def ids(count: int) -> Any:
    return np.arange(count, dtype=np.uint64) * np.uint64(0x123456789ABCDEF)


def changed(**changes: Any) -> Augment:
    return DEFAULTS.model_copy(update=STILL | changes)


@settings(deadline=None, max_examples=up_to(15))
@given(order=st.permutations(range(40)), kept=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_a_copy_depends_on_its_parent_and_number_alone(order: list[int], kept: int, seed: int) -> None:
    settings_ = DEFAULTS.model_copy(update={"seed": seed})
    images = np.random.default_rng(1).integers(0, 256, (40, 28, 28), np.uint8)
    some = np.array(order[:kept])
    chunk = distortions.Chunk(images[some], ids(40)[some], 3, settings_)
    assert np.array_equal(distortions.distort(chunk), made(images, settings_, 3)[some])


def test_copies_of_one_digit_differ_and_another_seed_gives_others() -> None:
    copies = [made(stroke(1), DEFAULTS, number) for number in range(1, 21)]
    assert len({image.tobytes() for image in copies}) == 20
    assert not np.array_equal(copies[0], made(stroke(1), DEFAULTS.model_copy(update={"seed": 1})))


def test_no_ink_comes_from_a_neighbour() -> None:
    images = np.zeros((301, 28, 28), np.uint8)
    images[::2] = 255
    wild = {"rotate_degrees": 45.0, "scale": 0.5, "shift_pixels": 8.0, "shear_degrees": 45.0, "stroke_pixels": 2.0}
    made_ = made(images, changed(**wild, elastic_alpha=60.0, stroke_probability=1.0))
    assert not made_[1::2].any()
    assert made_[::2].any(axis=(1, 2)).all()


def test_without_any_distortion_a_copy_is_its_original() -> None:
    images = np.random.default_rng(1).integers(0, 256, (300, 28, 28), np.uint8)
    assert np.array_equal(made(images, changed()), images)
    assert np.array_equal(made(images, DEFAULTS.model_copy(update={"transforms": ()})), images)


def test_noise_alone_is_as_strong_as_asked() -> None:
    grey = np.full((400, 28, 28), 128, np.uint8)
    differences = made(grey, changed(noise_std=0.1)).astype(float) - 128
    # The standard deviation is drawn uniformly from 0 to 0.1 of 255: its root mean square is 25.5 / sqrt(3).
    assert differences.std() == pytest.approx(25.5 / np.sqrt(3), rel=0.1)
    assert abs(differences.mean()) < 0.2
    strengths = differences.std(axis=(1, 2))
    assert np.histogram(strengths, 4, (0, 25.5))[0] == pytest.approx([100] * 4, abs=40)


def test_a_transform_named_twice_draws_anew() -> None:
    grey = np.full((400, 28, 28), 128, np.uint8)
    once, twice = (made(grey, changed(noise_std=0.1, transforms=("noise",) * times)) for times in (1, 2))
    assert twice.std() == pytest.approx(np.sqrt(2) * once.std(), rel=0.1)  # twice as strong, were they the same


@pytest.mark.parametrize("most", [0.25, 0.5, 1.0])
def test_strokes_change_by_at_most_the_asked_width_with_grey_edges(most: float) -> None:
    copies = made(stroke(40), changed(stroke_probability=1.0, stroke_pixels=most))
    original = stroke(1)[0, 14].sum() / 255
    widths = copies[:, 14].sum(axis=1) / 255
    assert widths.min() < original < widths.max()
    assert np.abs(widths - original).max() <= most + 0.1
    assert ((copies > 20) & (copies < 235)).any(axis=(1, 2)).all()


def test_0_pixels_change_no_stroke() -> None:
    assert np.array_equal(made(stroke(3), changed(stroke_probability=1.0, stroke_pixels=0.0)), stroke(3))


def test_ink_stays_ink_on_clean_paper_with_the_defaults() -> None:
    copies = made(stroke(100), DEFAULTS.model_copy(update={"paper_probability": 0.0}))
    assert copies.max(axis=(1, 2)).min() > 150
    ink = copies.sum(axis=(1, 2)) / stroke(1).sum()
    assert ink.min() > 0.5
    assert ink.max() < 1.7
    assert np.median(copies[:, :2].reshape(100, -1), axis=1).max() < 30


@pytest.mark.slow
def test_moments_are_those_of_one_image_after_another() -> None:
    images = digits_like(3000)
    quiet = DEFAULTS.model_copy(update={"noise_std": 0.0})
    ours, theirs = moments.of(made(images, quiet)), moments.of(per_image.distort(images, quiet))
    error = 5 * theirs.std(axis=0) / np.sqrt(len(images))  # of a difference of means: 3.5 standard errors
    for place, name in enumerate(moments.NAMES):
        assert ours[:, place].mean() == pytest.approx(theirs[:, place].mean(), abs=error[place]), name
        assert ours[:, place].std() == pytest.approx(theirs[:, place].std(), rel=0.12), name


def digits_like(count: int) -> Images:
    """Digits of one upright and one level stroke each, as thick and as soft as MNIST's."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 4:24, 12:15] = (120, 255, 120)
    images[:, 6:9, 8:20] = np.array((120, 255, 120), np.uint8)[:, None]
    return images


def test_a_users_own_transform_is_applied_to_each_digit_in_its_place() -> None:
    inverting = changed(transforms=("warp", {"InvertImg": {"p": 1}}, "strokes"))
    distortions.check(inverting)
    assert np.array_equal(made(stroke(5), inverting), 255 - stroke(5))


def test_parts_hold_every_copy_once_by_number_and_then_in_order() -> None:
    count = distortions.CHUNK * 2 + 3
    copies = np.arange(count) % 4
    parts = distortions.parts_of(copies)
    told = [(part.number, row) for part in parts for row in part.rows.tolist()]
    assert told == [(number, row) for number in (1, 2, 3) for row in range(count) if copies[row] >= number]
    assert max(len(part.rows) for part in parts) <= distortions.CHUNK


def test_opencv_has_its_threads_again_afterwards() -> None:
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    made(stroke(1), DEFAULTS)
    assert cv2.getNumThreads() == 2
    cv2.setNumThreads(before)
