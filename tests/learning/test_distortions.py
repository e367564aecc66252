from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import params
from pipeline.digits import Images
from pipeline.learning import distortions
from pipeline.params import Augment
from tests.params_file import ROOT

DEFAULTS = params.load(ROOT / "params.yaml").augment
STILL = {
    "rotate_degrees": 0.0,
    "scale": 0.0,
    "shift_pixels": 0.0,
    "shear_degrees": 0.0,
    "elastic_alpha": 0.0,
    "stroke_probability": 0.0,
    "noise_std": 0.0,
}


def stroke(count: int) -> Images:
    """Digits of one grey-edged upright each."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 5:23, 12:16] = (90, 255, 255, 90)
    return images


def made(copies: list[int], settings_: Augment, images: Images | None = None) -> Images:
    images = stroke(len(copies)) if images is None else images
    ids = [f"{place:016x}" for place in range(len(copies))]
    parts = [distortions.distort(chunk) for chunk in distortions.chunks(images, ids, np.array(copies), settings_)]
    return np.concatenate(parts)


def changed(**changes: Any) -> Augment:
    return DEFAULTS.model_copy(update=STILL | changes)


@settings(deadline=None, max_examples=10)
@given(copies=st.lists(st.integers(0, 3), min_size=1, max_size=6), seed=st.integers(0, 2**32 - 1))
def test_a_copy_depends_on_its_parent_and_number_alone(copies: list[int], seed: int) -> None:
    settings_ = DEFAULTS.model_copy(update={"seed": seed})
    together = made(copies, settings_)
    assert together.shape == (sum(copies), 28, 28)
    images = stroke(len(copies))
    apart: list[Images] = []
    for place in reversed(range(len(copies))):
        chunk = distortions.Chunk(images[place : place + 1], (f"{place:016x}",), np.array([3]), settings_)
        apart.insert(0, distortions.distort(chunk)[: copies[place]])
    assert np.array_equal(together, np.concatenate(apart))


def test_chunks_hold_every_digit_once_and_in_order() -> None:
    count = distortions.CHUNK * 2 + 3
    ids = [f"{place:016x}" for place in range(count)]
    copies = np.arange(count)
    parts = list(distortions.chunks(stroke(count), ids, copies, DEFAULTS))
    assert [name for part in parts for name in part.ids] == ids
    assert np.array_equal(np.concatenate([part.copies for part in parts]), copies)
    assert [len(part.images) for part in parts] == [distortions.CHUNK, distortions.CHUNK, 3]


def test_copies_of_one_digit_differ_and_another_seed_gives_others() -> None:
    copies = made([20], DEFAULTS)
    assert len({image.tobytes() for image in copies}) == 20
    assert not np.array_equal(copies, made([20], DEFAULTS.model_copy(update={"seed": 1})))


def test_without_any_distortion_a_copy_is_its_original() -> None:
    assert np.array_equal(made([1, 1], changed()), stroke(2))


def test_noise_alone_is_as_strong_as_asked() -> None:
    grey = np.full((1, 28, 28), 128, np.uint8)
    differences = made([200], changed(noise_std=0.1), grey).astype(float) - 128
    # The standard deviation is drawn uniformly from 0 to 0.1 of 255: its root mean square is 25.5 / sqrt(3).
    assert differences.std() == pytest.approx(25.5 / np.sqrt(3), rel=0.1)
    assert abs(differences.mean()) < 1


@pytest.mark.parametrize("most", [0.25, 0.5, 1.0])
def test_strokes_change_by_at_most_the_asked_width_with_grey_edges(most: float) -> None:
    copies = made([40], changed(stroke_probability=1.0, stroke_pixels=most))
    original = stroke(1)[0, 14].sum() / 255
    widths = copies[:, 14].sum(axis=1) / 255
    assert widths.min() < original < widths.max()
    assert np.abs(widths - original).max() <= most + 0.1
    assert ((copies > 20) & (copies < 235)).any(axis=(1, 2)).all()


def test_0_pixels_change_no_stroke() -> None:
    assert np.array_equal(made([3], changed(stroke_probability=1.0, stroke_pixels=0.0)), stroke(1).repeat(3, axis=0))


def test_ink_stays_ink_on_clean_paper_with_the_defaults() -> None:
    copies = made([100], DEFAULTS)
    assert copies.max(axis=(1, 2)).min() > 150
    ink = copies.sum(axis=(1, 2)) / stroke(1).sum()
    assert ink.min() > 0.5
    assert ink.max() < 1.7
    assert np.median(copies[:, :2].reshape(100, -1), axis=1).max() < 30


def test_opencv_has_its_threads_again_afterwards() -> None:
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    made([1], DEFAULTS)
    assert cv2.getNumThreads() == 2
    cv2.setNumThreads(before)
