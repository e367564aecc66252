"""One photo file, decoded upright, or the reason why it cannot be."""

import io
import struct
from contextlib import suppress
from math import ceil, sqrt
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from pipeline.digits import SIDE
from pipeline.drawn import is_drawn
from pipeline.reader.records import Grey, Reason, Reject

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".heif")
WORKING_MEGAPIXELS = 25  # twice the usual phone photo; what has more is averaged down to at most this: 75 MB of RGB
CUT = 10 * SIDE  # pixels: no longer than this an image may be one digit cut out, a 1 a few pixels wide
NARROWEST = 100  # times as long as wide: no row of digits is so long, and averaged down nothing of it would be left
LYING = 5  # EXIF's orientations from here on exchange rows and columns
PAGED, MOST_PAGES = ("TIFF", "PNG", "WEBP", "HEIF"), 10  # of a JPEG's further pictures phones make depth and light maps
SCALES = {
    1: 0,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,  # in colour where colour is asked for too
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}

Rgb = NDArray[np.uint8]
"""(H, W, 3) uint8, red, green, blue."""


def decode(path: Path, max_megapixels: float, side: int | None = None) -> Rgb | Reject:
    """Decode a photo as a person sees it: EXIF orientation applied, transparency on white, 8 bits a channel.

    The pixel count is read from the header and checked before anything is decoded. A truncated file is a
    reject, not a half grey photo. A photo is averaged down by a whole number where it has more pixels than the work
    needs; a JPEG while it is decoded (scaled inverse DCT), which takes a fraction of the time. Memory: at most 4 bytes
    for each of the ``max_megapixels`` while a file that is no JPEG is decoded, ``WORKING_MEGAPIXELS`` afterwards.

    Parameters
    ----------
    path : Path
    max_megapixels : float
        Millions of pixels; a larger photo is a reject.
    side : int, optional
        Pixels that are enough for the longer side: it keeps at least these, where it has them.

    Returns
    -------
    (H, W, 3) uint8 RGB, or Reject with ``not-an-image`` or ``too-large``
    """
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # our own limit stands below, as a reject with a name
    try:
        size = path.stat().st_size
        if refused := _empty_or_drawn(path, size):
            return refused
        with _opened(path) as image:
            if refused := _too_narrow(image.width, image.height) or _several(image):
                return refused
            megapixels = image.width * image.height / 1e6
            if megapixels > max_megapixels:
                detail = (
                    f"{image.width}x{image.height} is {megapixels:.0f} megapixels, "
                    f"limit {max_megapixels:g} (sheets.max_megapixels)"
                )
                return Reject(Reason.TOO_LARGE, detail, advice="scale the photo down")
            rgb = _of_jpeg(image, path, side)
            rgb = np.asarray(_pixels(image, side)) if rgb is None else rgb
            return _upright(rgb, image.getexif().get(ExifTags.Base.Orientation, 1))
    except UnidentifiedImageError:
        detail = f"expected an image, got {size} bytes that no image format matches"
        return Reject(Reason.NOT_AN_IMAGE, detail, advice="export the photo again")
    except (OSError, ValueError, SyntaxError, struct.error, EOFError) as error:  # what Pillow's decoders raise
        detail = f"expected a readable image, got: {' '.join(str(error).split())}"
        return Reject(Reason.NOT_AN_IMAGE, detail, advice="copy the photo again")


def _empty_or_drawn(path: Path, size: int) -> Reject | None:
    if size == 0:
        return Reject(Reason.NOT_AN_IMAGE, "expected an image, got an empty file", advice="copy the photo again")
    if not is_drawn(path):
        return None
    detail = "expected a photo, got a picture that mnist-cn drew of one"
    return Reject(Reason.NOT_AN_IMAGE, detail, advice="remove it from the photos")


def _opened(path: Path) -> Image.Image:
    """Open an image, a TIFF that lies on its side from memory: of a file Pillow 13.0 exchanges grey pixels' sides."""
    image = Image.open(path)
    if image.format != "TIFF" or image.mode == "RGB" or image.getexif().get(ExifTags.Base.Orientation, 1) < LYING:
        return image
    image.close()
    return Image.open(io.BytesIO(path.read_bytes()))


def _several(image: Image.Image) -> Reject | None:
    """Refuse a file of several pictures as large as the first: not a phone's depth map, nor a scanner's thumbnail."""
    if image.format not in PAGED:
        return None
    first, pages = image.size, 1
    with suppress(Exception):  # behind the last one an EOFError, in a damaged one whatever Pillow stumbles over
        for number in range(1, MOST_PAGES):
            image.seek(number)
            pages += image.size == first
    image.seek(0)
    if pages == 1:
        return None
    detail = f"expected one picture in a file, got {pages}{' and more' if pages == MOST_PAGES else ''}"
    return Reject(Reason.NOT_AN_IMAGE, detail, advice="export each page as a photo of its own")


def _too_narrow(width: int, height: int) -> Reject | None:
    """Refuse an image that is no cut-out digit, and whose shorter side has fewer pixels than a digit."""
    shorter, longer = sorted((width, height))
    least = max(SIDE if longer > CUT else 1, ceil(longer / NARROWEST))
    if shorter >= least:
        return None
    detail = f"expected a shorter side of at least {least} pixels beside {longer}, got {width}x{height}"
    return Reject(Reason.NOT_AN_IMAGE, detail, advice="export the photo again, larger and whole")


def channels_of(rgb: Rgb) -> list[Grey]:
    """Return the colour channels, each (H, W) uint8; of a grey photo the one that says it all."""
    channels = [np.ascontiguousarray(rgb[:, :, channel]) for channel in range(3)]
    grey = all(np.array_equal(channels[0], other) for other in channels[1:])
    return channels[:1] if grey else channels


def turned(rgb: Rgb, degrees: int) -> Rgb:
    """Turn a photo clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(rgb, -degrees // 90))


def reduction(width: int, height: int, side: int | None) -> int:
    """Return by how many times a photo of this many pixels is averaged down."""
    fits = ceil(sqrt(width * height / (WORKING_MEGAPIXELS * 1e6)))
    return max(fits, max(width, height) // side if side else 1, 1)


def _of_jpeg(image: Image.Image, path: Path, side: int | None) -> Rgb | None:
    """Decode a JPEG with OpenCV: the same pixels as Pillow's without its copies; None leaves it to Pillow.

    From memory OpenCV refuses a truncated file, where from a path it would make the rest grey.
    """
    if image.format != "JPEG" or image.mode not in ("L", "RGB"):
        return None
    times = reduction(image.width, image.height, side)
    scale = max(scale for scale in SCALES if scale <= times)
    if reduction(image.width // scale, image.height // scale, side) > 1:
        return None
    with suppress(cv2.error):
        flags = SCALES[scale] | cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
        found = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), flags)
        return None if found is None else np.asarray(found, dtype=np.uint8)
    return None


def _pixels(image: Image.Image, side: int | None) -> Image.Image:
    """Decode, and average down as early as the mode allows: to RGB."""
    times = reduction(image.width, image.height, side)
    image.draft(None, (image.width // times, image.height // times))  # None: keep the mode
    times = reduction(image.width, image.height, side)
    if times > 1 and image.mode in ("L", "RGB", "CMYK", "YCbCr"):
        return image.reduce(times).convert("RGB")
    white = _on_white(image)
    return white.reduce(times) if times > 1 else white


def _on_white(image: Image.Image) -> Image.Image:
    """Convert any mode to RGB; 16-bit greys are scaled, transparent pixels become white paper."""
    if image.mode.startswith("I"):
        levels = np.asarray(image)
        grey = np.clip(levels, 0, 65535) >> 8 if levels.max(initial=0) > 255 else np.clip(levels, 0, 255)
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        seen = image.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(paper, seen).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _upright(stored: Rgb, orientation: int) -> Rgb:
    """Undo what EXIF says of the stored rows and columns (EXIF 2.32, section 4.6.4)."""
    seen = stored.transpose(1, 0, 2) if orientation in (5, 6, 7, 8) else stored
    if orientation in (2, 3, 6, 7):
        seen = seen[:, ::-1]
    if orientation in (3, 4, 7, 8):
        seen = seen[::-1]
    return np.ascontiguousarray(seen)
