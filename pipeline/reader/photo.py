"""One photo file, decoded upright, or the reason why it cannot be."""

import struct
from pathlib import Path

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.reader.records import Reason, Reject

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".heif")

Rgb = NDArray[np.uint8]
"""(H, W, 3) uint8, red, green, blue."""


def decode(path: Path, max_megapixels: float) -> Rgb | Reject:
    """Decode a photo as a person sees it: EXIF orientation applied, transparency on white, 8 bits a channel.

    The pixel count is read from the header and checked before anything is decoded. A truncated file is a
    reject, not a half grey photo.

    Parameters
    ----------
    path : Path
    max_megapixels : float
        Millions of pixels; a larger photo is a reject.

    Returns
    -------
    (H, W, 3) uint8 RGB, or Reject with ``not-an-image`` or ``too-large``
    """
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # our own limit stands below, as a reject with a name
    try:
        size = path.stat().st_size
        if size == 0:
            return Reject(Reason.NOT_AN_IMAGE, "expected an image, got an empty file; copy the photo again")
        with Image.open(path) as image:
            megapixels = image.width * image.height / 1e6
            if megapixels > max_megapixels:
                detail = (
                    f"{image.width}x{image.height} is {megapixels:.0f} megapixels, "
                    f"limit {max_megapixels:g} (sheets.max_megapixels); scale the photo down"
                )
                return Reject(Reason.TOO_LARGE, detail)
            return np.asarray(_on_white(ImageOps.exif_transpose(image)))
    except UnidentifiedImageError:
        detail = f"expected an image, got {size} bytes that no image format matches; export the photo again"
        return Reject(Reason.NOT_AN_IMAGE, detail)
    except (OSError, ValueError, SyntaxError, struct.error, EOFError) as error:  # what Pillow's decoders raise
        detail = f"expected a readable image, got: {' '.join(str(error).split())}; copy the photo again"
        return Reject(Reason.NOT_AN_IMAGE, detail)


def turned(rgb: Rgb, degrees: int) -> Rgb:
    """Turn a photo clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(rgb, -degrees // 90))


def _on_white(image: Image.Image) -> Image.Image:
    """Convert any mode to RGB; 16-bit greys are scaled, transparent pixels become white paper."""
    if image.mode.startswith("I"):
        levels = np.asarray(image, dtype=np.float64)
        top = 65535 if levels.max(initial=0) > 255 else 255
        return Image.fromarray((levels * (255 / top)).clip(0, 255).astype(np.uint8)).convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        seen = image.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(paper, seen).convert("RGB")
    return image.convert("RGB")
