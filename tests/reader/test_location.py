import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipeline.reader.location import spans, strip

GPS, ORIENTATION, CAMERA = 0x8825, 0x0112, 0x0110
HERE = {1: "N", 2: (31.0, 13.0, 49.08), 3: "E", 4: (121.0, 28.0, 25.32), 29: "2026:11:21"}
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="31,13.8N" exif:GPSLongitude="121,28.4E"/></x:xmpmeta>'
)


def exif(*, located: bool = True) -> bytes:
    made = Image.Exif()
    made[ORIENTATION], made[CAMERA] = 6, "Phone"
    if located:
        made.get_ifd(GPS).update(HERE)
    return made.tobytes()


def photo(folder: Path, suffix: str, *, located: bool = True, xmp: bytes = b"") -> Path:
    pillow_heif.register_heif_opener()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    path = folder / f"a{suffix}"
    said: dict[str, Any] = {"exif": exif(located=located)} | ({"xmp": xmp} if xmp and suffix != ".png" else {})
    if xmp and suffix == ".png":
        words = PngInfo()
        words.add_itxt("XML:com.adobe.xmp", xmp.decode())
        said["pnginfo"] = words
    Image.fromarray(pixels).save(path, **said)
    return path


def seen(path: Path) -> tuple[bytes, dict[int, object], object, object]:
    """Pixels, position, turn and camera as another program sees them."""
    with Image.open(path) as image:
        image.load()
        said = image.getexif()
        return image.tobytes(), dict(said.get_ifd(GPS)), said.get(ORIENTATION), said.get(CAMERA)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".heic"])
def test_the_place_is_found_and_wiped_and_all_else_stays(suffix: str, tmp_path: Path) -> None:
    path = photo(tmp_path, suffix)
    pixels, position, turn, camera = seen(path)
    assert Fraction(float(position[4][0])) == 121  # type: ignore[index]  # rationals by what Pillow makes of them
    size = path.stat().st_size
    assert spans(path.read_bytes())
    assert strip(path)
    assert seen(path) == (pixels, {}, turn, camera)
    assert camera == "Phone"
    assert spans(path.read_bytes()) == []
    assert path.stat().st_size == size
    assert not strip(path)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".heic"])
def test_a_photo_that_says_nothing_of_its_place_is_left_alone(suffix: str, tmp_path: Path) -> None:
    path = photo(tmp_path, suffix, located=False)
    before = path.read_bytes()
    assert spans(before) == []
    assert not strip(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_the_place_in_xmp_is_wiped_too(suffix: str, tmp_path: Path) -> None:
    path = photo(tmp_path, suffix, located=False, xmp=XMP)
    pixels = seen(path)[0]
    assert strip(path)
    content = path.read_bytes()
    assert b"31,13.8N" not in content
    assert b"121,28.4E" not in content
    assert seen(path)[0] == pixels
    assert spans(content) == []


def test_a_second_picture_in_the_file_is_wiped_too(tmp_path: Path) -> None:
    """Phones append a smaller JPEG with metadata of its own (CIPA DC-007)."""
    path = photo(tmp_path, ".jpg")
    path.write_bytes(path.read_bytes() * 2)
    assert strip(path)
    assert spans(path.read_bytes()) == []


@pytest.mark.parametrize("header", [b"II*\0", b"MM\0*"])
def test_bytes_that_only_look_like_metadata_say_nothing(header: bytes) -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        assert spans(header + rng.integers(0, 256, 400, np.uint8).tobytes()) == []
    assert spans(header) == spans(b"") == []


def test_a_file_cut_short_is_searched_without_harm(tmp_path: Path) -> None:
    whole = photo(tmp_path, ".jpg").read_bytes()
    for length in range(0, len(whole), 7):
        for start, count, _ in spans(whole[:length]):
            assert start + count <= length
    assert io.BytesIO(whole)
