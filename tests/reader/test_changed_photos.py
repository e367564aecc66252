"""Real photos, turned, tilted and badly lit by a known amount: each digit is read as before, or rejected."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.params import Sheets
from pipeline.reader.collection import Photo
from pipeline.reader.finding import find
from pipeline.reader.photo import Rgb, decode
from pipeline.reader.read import Reading, read_photo
from pipeline.reader.records import Reject

Matrix = NDArray[np.float64]
Change = Callable[[Rgb], tuple[Rgb, Matrix]]
"""A photo to another one, and the homography from the first's pixels to the other's."""

PHOTOS = (
    "ptddigits/2.jpg",
    "ptddigits/9.jpg",
    "bikz05/photo_2.jpg",
    "keunyoung_jung/digits.jpg",
    "joaogmsf/numbers.jpg",
)


def moved(degrees: float, tilt: float, *, desk: int = 0) -> Change:
    """Turn clockwise and tilt; what lies around is the photo's own edge, or a desk that many percent wide."""

    def change(rgb: Rgb) -> tuple[Rgb, Matrix]:
        height, width = rgb.shape[:2]
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
        angle = np.radians(degrees)
        places = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        places *= 1 + tilt * places[:, 1:] / height
        places -= places.min(axis=0)
        margin = desk / 100 * places.max()
        places += margin
        size = tuple(int(side) for side in np.ceil(places.max(axis=0) + margin))
        matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), places.astype(np.float32)).astype(np.float64)
        border = cv2.BORDER_CONSTANT if desk else cv2.BORDER_REPLICATE
        wood = (120, 90, 60)
        return np.asarray(cv2.warpPerspective(rgb, matrix, size, borderMode=border, borderValue=wood), np.uint8), matrix

    return change


def lit(light: Callable[[Matrix, Matrix], NDArray[Any]]) -> Change:
    """Take light away, by where in the photo (0..1) a pixel is."""

    def change(rgb: Rgb) -> tuple[Rgb, Matrix]:
        down, across = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]]
        share = light(across / rgb.shape[1], down / rgb.shape[0])
        return np.asarray(rgb * share[:, :, None], np.uint8), np.eye(3)

    return change


CHANGES: dict[str, tuple[Change, float]] = {  # and the share that is read at least
    "on its right side": (moved(90, 0), 0.99),
    "upside down": (moved(180, 0), 0.99),
    "on its left side": (moved(270, 0), 0.99),
    "askew": (moved(-8, 0), 0.9),
    "tilted": (moved(0, 0.5), 0.9),
    "askew on a desk": (moved(20, 0.3, desk=12), 0.9),
    "in a hard shadow": (lit(lambda x, y: 1 - 0.5 * (0.8 * (x - 0.5) + 0.6 * (y - 0.5) > 0)), 0.97),
    "under a lamp": (lit(lambda x, y: 1 - 0.6 * np.hypot(x - 0.1, y - 0.1)), 0.97),
}


@pytest.fixture(scope="module")
def unchanged(real_photos: Path, limits: Sheets) -> list[Reading]:
    """What the photos themselves are read as."""
    photos = (entry for entry in find(real_photos) if isinstance(entry, Photo) and entry.name in PHOTOS)
    return [read_photo(photo, limits)[0] for photo in photos]


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_photo_gives_the_same_labels_or_rejects(
    name: str, unchanged: list[Reading], limits: Sheets, tmp_path: Path
) -> None:
    change, least = CHANGES[name]
    counts: Counter[str] = Counter()
    assert len(unchanged) == len(PHOTOS)
    for truth in unchanged:
        photo = truth.photo
        rgb = decode(photo.path, limits.max_megapixels)
        assert not isinstance(rgb, Reject)
        other, matrix = change(rgb)
        path = tmp_path / f"{photo.path.stem}.png"
        Image.fromarray(other).save(path, compress_level=1)
        settings = photo.settings.model_copy(update={"label": photo.label()})
        found, picture = read_photo(replace(photo, path=path, settings=settings), limits)
        assert picture is not None
        quarters = min(range(4), key=lambda n: _unlike(np.rot90(other, -n), picture))
        factor = max(other.shape) / max(picture.shape)  # a very large photo was reduced
        middles = np.array([[digit.corners.mean(axis=0) for digit in truth.digits]], np.float64)
        expected = [
            (*place, digit.label)
            for place, digit in zip(cv2.perspectiveTransform(middles, matrix)[0], truth.digits, strict=True)
        ]
        for digit in found.digits:
            across, down = (float(middle) * factor for middle in digit.corners.mean(axis=0))
            x, y = _unturned(across, down, quarters, other.shape[:2])
            away, label = min((float(np.hypot(x - left, y - top)), label) for left, top, label in expected)
            size = float(np.ptp(digit.corners, axis=0).max()) * factor
            assert (away < size / 2, label) == (True, digit.label), (photo.name, digit.row, digit.col)
        counts.update(written=len(truth.digits), read=len(found.digits))
    print(f"{name}: {counts['read']} of {counts['written']} read, none with another label")
    assert counts["read"] >= least * counts["written"]


def _unlike(one: Rgb, other: Rgb) -> float:
    small, same = (
        cv2.resize(np.ascontiguousarray(photo), (64, 64), interpolation=cv2.INTER_AREA) for photo in (one, other)
    )
    return float(np.abs(small.astype(float) - same).mean())


def _unturned(x: float, y: float, quarters: int, shape: tuple[int, ...]) -> tuple[float, float]:
    """Return where a place on a photo that was turned clockwise lies on the photo as it was, of this shape."""
    bottom, right = shape[0] - 1, shape[1] - 1
    return [(x, y), (y, bottom - x), (right - x, bottom - y), (right - y, x)][quarters]
