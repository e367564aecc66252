import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image

from pipeline.reader.photo import SUFFIXES, Rgb, channels_of, decode, turned
from pipeline.reader.records import Reason, Reject

ORIENTATION = 0x112  # EXIF 2.32, section 4.6.4: what the stored first row and first column are
STORED = {
    1: lambda upright: upright,  # row 0 is the top, column 0 the left side
    2: lambda upright: upright[:, ::-1],  # top, right
    3: lambda upright: upright[::-1, ::-1],  # bottom, right
    4: lambda upright: upright[::-1],  # bottom, left
    5: lambda upright: upright.transpose(1, 0, 2),  # left, top
    6: lambda upright: upright[:, ::-1].transpose(1, 0, 2),  # right, top
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),  # right, bottom
    8: lambda upright: upright[::-1].transpose(1, 0, 2),  # left, bottom
}


def patches() -> NDArray[np.uint8]:
    """Six 16x16 patches that tell every orientation apart and survive JPEG; (32, 48, 3)."""
    colours = np.array([[(250, 10, 10), (10, 250, 10), (10, 10, 250)], [(0, 0, 0), (250, 250, 250), (250, 250, 10)]])
    return colours.astype(np.uint8).repeat(16, axis=0).repeat(16, axis=1)


def decoded(path: Path) -> Rgb:
    found = decode(path, 1)
    assert not isinstance(found, Reject), found.detail
    assert found.dtype == np.uint8
    assert found.ndim == 3
    assert found.shape[2] == 3
    return found


def rejected(path: Path, max_megapixels: float = 1) -> Reject:
    found = decode(path, max_megapixels)
    assert isinstance(found, Reject)
    assert "\n" not in found.detail
    return found


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".heic"])
@pytest.mark.parametrize("orientation", STORED)
def test_every_exif_orientation_gives_the_same_upright_pixels(orientation: int, suffix: str, tmp_path: Path) -> None:
    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path = tmp_path / f"photo{suffix}"
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](patches())))
    stored.save(path, exif=exif.tobytes(), quality=95)  # as bytes: else pillow-heif does not turn
    found = decoded(path).astype(int)
    assert found.shape == (32, 48, 3)
    assert np.abs(found - patches())[4:12, 4:12].max() < 40
    assert np.abs(found - patches()).mean() < 12


@pytest.mark.parametrize("mode", ["L", "CMYK"])
@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 7, 8])
def test_every_orientation_of_a_plain_tiff_without_colours_is_upright_too(
    orientation: int, mode: str, tmp_path: Path
) -> None:
    stored, exif = Image.fromarray(np.ascontiguousarray(STORED[orientation](patches()))).convert(mode), Image.Exif()
    exif[ORIENTATION] = orientation
    stored.save(tmp_path / "a.tif", exif=exif)
    upright = np.asarray(Image.fromarray(patches()).convert(mode).convert("RGB"))
    np.testing.assert_allclose(decoded(tmp_path / "a.tif"), upright, atol=1)


@pytest.mark.parametrize("suffix", [".tif", ".png", ".webp", ".heic"])
def test_a_file_of_several_pictures_is_a_reject_and_none_is_lost_unsaid(suffix: str, tmp_path: Path) -> None:
    pillow_heif.register_heif_opener()
    one, path = Image.fromarray(patches()), tmp_path / f"a{suffix}"
    one.save(path, save_all=True, append_images=[one.rotate(180), one])
    found = decode(path, 1)
    assert isinstance(found, Reject)
    assert (found.reason, found.advice) == (Reason.NOT_AN_IMAGE, "export each page as a photo of its own")


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # of the damaged page
def test_a_thumbnail_behind_a_scan_and_a_damaged_page_are_no_pictures(tmp_path: Path) -> None:
    one = Image.fromarray(patches())
    one.save(tmp_path / "a.tif", save_all=True, append_images=[one.resize((12, 8))])
    np.testing.assert_array_equal(decoded(tmp_path / "a.tif"), patches())
    first = (tmp_path / "a.tif").stat().st_size - 12 * 8 * 3 - 100  # bytes: the second one's header is not whole
    one.save(tmp_path / "b.tif", save_all=True, append_images=[one])
    (tmp_path / "b.tif").write_bytes((tmp_path / "b.tif").read_bytes()[:first])
    np.testing.assert_array_equal(decoded(tmp_path / "b.tif"), patches())


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LA", "RGBA", "I;16"])
def test_black_on_white_is_black_on_white_in_every_mode(mode: str, tmp_path: Path) -> None:
    levels = np.full((20, 30), 255, np.uint8)
    levels[5:15, 5:10] = 0
    if mode == "I;16":
        picture = Image.fromarray(levels.astype(np.uint16) * 257)
    else:
        picture = Image.fromarray(levels).convert(mode)
    path = tmp_path / ("photo.jpg" if mode in ("CMYK", "YCbCr") else "photo.png")
    picture.save(path, quality=100)
    found = decoded(path)
    assert found[7:13, 6:9].max() < 30
    assert found[:, 20:].min() > 225


def test_sixteen_bit_grey_keeps_its_shades(tmp_path: Path) -> None:
    levels = np.linspace(0, 65535, 256).astype(np.uint16).reshape(1, -1).repeat(4, axis=0)
    Image.fromarray(levels).save(tmp_path / "scan.png")
    np.testing.assert_allclose(decoded(tmp_path / "scan.png")[0, :, 0], np.arange(256), atol=1)


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P"])
def test_transparent_pixels_are_white_paper(mode: str, tmp_path: Path) -> None:
    pixels = np.zeros((10, 10, 4), np.uint8)  # black everywhere, opaque in the middle only
    pixels[3:7, 3:7, 3] = 255
    path = tmp_path / "photo.png"
    if mode == "P":
        palette = Image.fromarray((pixels[:, :, 3] > 0).astype(np.uint8), mode="P")
        palette.putpalette([0, 0, 0, 0, 0, 0])
        palette.save(path, transparency=0)
    else:
        Image.fromarray(pixels).convert(mode).save(path)
    found = decoded(path)
    assert found[4, 4].tolist() == [0, 0, 0]
    assert found[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("name", ["my photo.png", "\u624b\u5199 \u6570\u5b57 7.png", "a'b;c&$(d).png", "UPPER.PNG"])
def test_any_file_name_will_do(name: str, tmp_path: Path) -> None:
    Image.fromarray(patches()).save(tmp_path / name)
    np.testing.assert_array_equal(decoded(tmp_path / name), patches())


def test_an_empty_file_is_named_as_one(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    found = rejected(tmp_path / "photo.jpg")
    assert found.reason is Reason.NOT_AN_IMAGE
    assert "empty" in found.detail


@pytest.mark.parametrize("content", [b"dear reader, this is no photo\n", b"\x00" * 4096, b"\xff\xd8\xff\xe0"])
def test_what_is_no_image_is_rejected(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(content)
    assert rejected(tmp_path / "photo.jpg").reason is Reason.NOT_AN_IMAGE


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix not in (".tiff", ".heif")])
@pytest.mark.parametrize("kept", [0.3, 0.7])
def test_a_truncated_file_is_a_reject_and_no_half_photo(suffix: str, kept: float, tmp_path: Path) -> None:
    pillow_heif.register_heif_opener()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = tmp_path / f"photo{suffix}"
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    assert rejected(path).reason is Reason.NOT_AN_IMAGE


def test_an_absurdly_large_photo_is_refused_from_its_header(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(_png_header(30_000, 30_000))
    found = rejected(tmp_path / "photo.png", 200)
    assert found.reason is Reason.TOO_LARGE
    assert "30000x30000 is 900 megapixels, limit 200 (sheets.max_megapixels)" in found.detail


def test_a_photo_of_just_the_limit_is_read(tmp_path: Path) -> None:
    Image.fromarray(patches()).save(tmp_path / "photo.png")
    assert not isinstance(decode(tmp_path / "photo.png", 32 * 48 / 1e6), Reject)
    assert rejected(tmp_path / "photo.png", 32 * 48 / 1e6 - 1e-6).reason is Reason.TOO_LARGE


@pytest.mark.parametrize("size", [(20_000, 3), (3, 20_000), (281, 27), (30_000, 28), (250, 2), (6_000, 59)])
def test_an_image_narrower_than_a_digit_is_refused_with_its_size(size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("L", size, 255).save(tmp_path / "photo.png")
    found = rejected(tmp_path / "photo.png", 200)
    assert found.reason is Reason.NOT_AN_IMAGE
    longer = max(size)
    least = max(28, longer // 100) if longer > 280 else 3
    assert f"at least {least} pixels beside {longer}, got {size[0]}x{size[1]}" in found.detail


@pytest.mark.parametrize("size", [(28, 28), (20, 28), (5, 20), (1, 1), (15, 150), (28, 280), (28, 2_800), (27, 280)])
def test_a_digit_cut_out_is_never_too_small(size: tuple[int, int], tmp_path: Path) -> None:
    for way in (size, size[::-1]):
        Image.new("L", way, 255).save(tmp_path / "photo.png")
        assert decoded(tmp_path / "photo.png").shape == (*way[::-1], 3)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Truncated File Read", "ignore:Corrupt EXIF")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from(["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"]),
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.floats(0.01, 1),
)
def test_no_damage_makes_the_decoder_fail(
    form: str, edits: list[tuple[float, int]], cut: float, tmp_path: Path
) -> None:
    stream = io.BytesIO()
    Image.fromarray(patches()).save(stream, form)
    content = bytearray(stream.getvalue())
    for place, value in edits:
        content[int(place * len(content))] = value
    path = tmp_path / "photo.jpg"
    path.write_bytes(content[: max(int(cut * len(content)), 1)])
    found = decode(path, 1)
    if isinstance(found, Reject):
        assert found.reason in (Reason.NOT_AN_IMAGE, Reason.TOO_LARGE)
    else:
        assert found.shape[2] == 3


@pytest.mark.parametrize("quarter", range(4))
def test_turning_is_clockwise(quarter: int) -> None:
    corner = np.zeros((4, 6, 3), np.uint8)
    corner[0, 0] = 9  # top left goes to top right, bottom right, bottom left
    found = turned(corner, 90 * quarter)
    assert found.shape == ((4, 6, 3) if quarter % 2 == 0 else (6, 4, 3))
    assert found[[0, 0, -1, -1][quarter], [0, -1, -1, 0][quarter]].tolist() == [9, 9, 9]


def _png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    start = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", start) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def _jpeg(mode: str = "RGB", *, thumbnail: bool = False, progressive: bool = False) -> bytes:
    """A photo of 900x600 with grain, and a whole JPEG of its own in its header if asked."""
    grain = np.random.default_rng(0).normal(0, 20, (600, 900, 3))
    levels = np.clip(np.kron(patches()[::4, ::4], np.ones((75, 75, 1))) + grain, 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    small = io.BytesIO()
    Image.fromarray(levels[:48, :64]).save(small, "JPEG")
    exif = Image.Exif()
    exif[ExifTags.Base.MakerNote] = small.getvalue()
    extra = {"exif": exif.tobytes()} if thumbnail else {}
    Image.fromarray(levels).convert(mode).save(stream, "JPEG", progressive=progressive, **extra)
    return stream.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize(("side", "times"), [(None, 1), (450, 2), (300, 2), (225, 4), (100, 8)])
def test_a_plain_jpeg_has_the_pixels_that_pillow_decodes(mode: str, side: int, times: int, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(_jpeg(mode))
    found = decode(tmp_path / "photo.jpg", 1, side)
    with Image.open(tmp_path / "photo.jpg") as image:
        image.draft(None, (900 // times, 600 // times))
        np.testing.assert_array_equal(found, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
def test_a_photo_cut_off_is_a_reject_though_a_whole_one_stands_in_its_header(
    kept: float, progressive: bool, tmp_path: Path
) -> None:
    whole = _jpeg(thumbnail=True, progressive=progressive)
    assert whole.count(b"\xff\xd9") > 1, "the small photo's end marker"
    (tmp_path / "photo.jpg").write_bytes(whole)
    assert not isinstance(decode(tmp_path / "photo.jpg", 1), Reject)
    (tmp_path / "photo.jpg").write_bytes(whole[: int(kept * len(whole))])
    assert rejected(tmp_path / "photo.jpg").reason is Reason.NOT_AN_IMAGE


def test_a_grey_photo_has_one_channel_and_any_other_three() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (5, 4), np.uint8)
    (alone,) = channels_of(np.repeat(grey[:, :, None], 3, axis=2))
    np.testing.assert_array_equal(alone, grey)
    for channel in range(3):
        photo = np.repeat(grey[:, :, None], 3, axis=2)
        photo[2, 3, channel] ^= 1
        np.testing.assert_array_equal(np.stack(channels_of(photo), axis=2), photo)
