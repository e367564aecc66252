"""Our distortion of a thousand digits at once against one albumentations `Compose` an image, one core each."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline import augment, digits, params
from pipeline.digits import Images
from pipeline.learning import distortions
from pipeline.learning.augmentation import library
from tests import params_file
from tests.learning.augmentation import per_image

SETTINGS = params.load(params_file.ROOT / "params.yaml").augment
DIGITS = 1024  # of each round
ROUNDS = 9
TABLE = 10_000  # digits of the whole stage
COPIES = 4


def mnist(count: int) -> Images:
    from pipeline.mnist import bundled

    return np.resize(digits.images(bundled(0.2, 0)), (count, 28, 28))


def ours(images: Images) -> Images:
    return distortions.distort(distortions.Chunk(images, np.arange(len(images), dtype=np.uint64), 1, SETTINGS))


def peer(images: Images) -> Images:
    return per_image.distort(images, SETTINGS)


def library_alone(images: Images) -> Images:
    """What albumentations' own transforms come nearest to: shifts in whole pixels, and two interpolations."""
    module: Any = library.albumentations()
    limits = {"rotate": (-12, 12), "scale": (0.88, 1.12), "shear": (-10, 10), "translate_percent": (-0.054, 0.054)}
    steps = module.Compose(
        [
            module.Affine(**limits, interpolation=cv2.INTER_CUBIC, p=1),
            module.ElasticTransform(alpha=24, sigma=5, interpolation=cv2.INTER_CUBIC, p=1),
            module.OneOf(
                [per_image.thickness_change(kind, k) for kind in ("dilation", "erosion") for k in (2, 3)], p=0.3
            ),
            module.GaussNoise(std_range=(0, 0.03), p=1),
        ],
        seed=0,
    )
    return np.stack([steps(image=image)["image"] for image in images])


def seconds(run: Callable[[Images], Images], images: Images) -> float:
    start = time.process_time()  # one thread: the time of a machine that does nothing else
    run(images)
    return time.process_time() - start


@pytest.mark.benchmark
def test_distorting_against_one_compose_an_image() -> None:
    images = mnist(DIGITS)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        runs = ours, peer, library_alone
        times = np.array([[seconds(run, images) for run in runs] for _ in range(ROUNDS + 1)])[1:]  # the first imports
    finally:
        cv2.setNumThreads(threads)
    rates, ratios = DIGITS / np.median(times, axis=0), np.median(times / times[:, :1], axis=0)
    print(f"\non one core, processor time: a thousand digits a canvas {rates[0]:,.0f} digits/s")
    for place, name in ((1, "the same distribution"), (2, "albumentations' own transforms")):
        print(f"  one Compose an image, {name}: {rates[place]:,.0f} digits/s, ours {ratios[place]:.1f} times")
    assert ratios[1] > 0


@pytest.mark.benchmark
def test_the_whole_stage(tmp_path: Path) -> None:
    rows = np.arange(TABLE)
    table = digits.from_columns(mnist(TABLE), rows % 10, "mnist", row=rows.tolist(), split="train")
    digits.save(table, tmp_path / "digits.parquet")
    changes = {"copies": COPIES, "copies_tracked": COPIES}
    for workers in (1, 2):
        given = params_file.written(tmp_path, augment=changes, parallel={"workers": workers})
        start = time.perf_counter()
        augment.main(given, tmp_path / "digits.parquet", tmp_path / "made.parquet", tmp_path / "preview.png")
        print(f"{TABLE:,} digits x {COPIES} copies, {workers} workers: {time.perf_counter() - start:.1f} s")
    assert digits.load(tmp_path / "made.parquet").num_rows == TABLE * COPIES
