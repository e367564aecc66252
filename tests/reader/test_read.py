from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from threadpoolctl import threadpool_info, threadpool_limits

from pipeline import digits
from pipeline.params import Sheets
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.paper import upright
from pipeline.reader.paper.upright import read_written
from pipeline.reader.read import Reading, read_photo
from pipeline.reader.records import Reason
from tests import bundled
from tests.reader import drawn


def photo(path: Path, **settings: Any) -> Photo:
    return Photo(path, f"c/{path.name}", "c", Settings(**settings))


def reasons(reading: Reading) -> list[Reason]:
    assert reading.digits == []
    return [reject.reason for reject in reading.rejects]


def test_a_photo_of_rows_gives_normalised_digits_in_reading_order(limits: Sheets, tmp_path: Path) -> None:
    path = drawn.save(drawn.page(["123", "45"]), tmp_path / "a.png")
    reading, rgb = read_photo(photo(path, layout="rows", rows=("123", "45")), limits)
    assert [(digit.row, digit.col, digit.label) for digit in reading.digits] == [
        (0, 0, 1), (0, 1, 2), (0, 2, 3), (1, 0, 4), (1, 1, 5),
    ]  # fmt: skip
    assert reading.rejects == []
    assert rgb is not None
    for digit in reading.digits:
        assert digit.image.shape == (28, 28)
        assert digit.image.dtype == np.uint8
        assert digit.image[[0, -1]].max() == digit.image[:, [0, -1]].max() == 0


@pytest.mark.slow
def test_a_photo_is_read_with_one_thread_of_linear_algebra(
    limits: Sheets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker has fewer threads than a process that works alone, and their number changes the last bits of sums."""
    seen: list[int] = []

    def looked(*arguments: Any, **options: Any) -> Any:
        seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return read_written(*arguments, **options)

    monkeypatch.setattr(upright, "read_written", looked)
    path = drawn.save(drawn.page(["123"]), tmp_path / "a.png")
    with threadpool_limits(limits=2, user_api="blas"):
        read_photo(photo(path, layout="rows", rows=("123",)), limits)
        assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {2}
    assert set(seen) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turn_brings_a_photo_upright(turn: int, limits: Sheets, tmp_path: Path) -> None:
    upright = drawn.page(["123", "45"])
    lying = np.ascontiguousarray(np.rot90(upright, turn // 90))  # counter-clockwise
    ways = [
        photo(drawn.save(upright, tmp_path / "a.png"), layout="rows", rows=("123", "45")),
        photo(drawn.save(lying, tmp_path / "b.png"), layout="rows", rows=("123", "45"), turn=turn),
    ]
    images = [[digit.image for digit in read_photo(way, limits)[0].digits] for way in ways]
    np.testing.assert_array_equal(images[0], images[1])


def test_the_parameter_decides_how_digits_are_normalised(limits: Sheets, tmp_path: Path) -> None:
    path = drawn.save(drawn.page(["111"]), tmp_path / "1.png")
    for method, high in (("mnist", 20), ("stretch", 18)):  # 28 / (1 + 2 * MARGIN) and a little paper of its own
        stated = limits.model_copy(update={"normalize": method})
        reading, _ = read_photo(photo(path, layout="rows", label="from-name"), stated)
        heights = [np.ptp(np.flatnonzero(digit.image.any(axis=1))) + 1 for digit in reading.digits]
        assert heights == [high] * 3


@pytest.mark.slow
@pytest.mark.parametrize("normalize", ["mnist", "stretch"])
def test_an_mnist_image_passes_unchanged(normalize: str, limits: Sheets, tmp_path: Path) -> None:
    table = bundled.table().slice(0, 5000).take(list(range(0, 5000, 250)))
    stated = limits.model_copy(update={"normalize": normalize})
    for image, label in zip(digits.images(table), digits.labels(table), strict=True):
        path = drawn.save(image, tmp_path / str(label) / "a.png")
        found = Photo(path, f"c/{label}/a.png", "c", Settings(layout="crops"))
        (digit,) = read_photo(found, stated)[0].digits
        np.testing.assert_array_equal(digit.image, image)
        assert digit.label == label


@pytest.mark.parametrize(("layout", "names"), [("rows", ["label", "rows"]), ("crops", ["folder named 0 to 9"])])
def test_a_photo_without_a_label_says_where_to_write_it(
    layout: str, names: list[str], limits: Sheets, tmp_path: Path
) -> None:
    reading, _ = read_photo(photo(drawn.save(drawn.page(["12"]), tmp_path / "a.png"), layout=layout), limits)
    assert reasons(reading) == [Reason.NO_LABEL]
    for name in names:
        assert name in reading.rejects[0].detail


def test_a_file_that_is_no_image_has_no_picture(limits: Sheets, tmp_path: Path) -> None:
    (tmp_path / "7.jpg").write_text("no photo")
    reading, rgb = read_photo(photo(tmp_path / "7.jpg", layout="rows", label=7), limits)
    assert reasons(reading) == [Reason.NOT_AN_IMAGE]
    assert rgb is None


@pytest.mark.first_quick(14)
@pytest.mark.parametrize("settings", [{}, *({"layout": layout, "label": 1} for layout in ("rows", "crops", "grid"))])
@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (28, 28), (40, 3), (3, 20_000), (30_000, 28)])
def test_any_picture_gives_digits_or_a_reject(
    settings: dict[str, Any], shape: tuple[int, int], limits: Sheets, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for name, pixels in (("noise.png", noise), ("black.png", 0 * noise), ("white.png", 0 * noise + 255)):
        Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / name)
        reading, _ = read_photo(photo(tmp_path / name, **settings), limits)
        assert reading.digits or reading.rejects
