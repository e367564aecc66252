"""Pictures made small enough to lie in the page, the same bytes in every run."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.errors import BadInputError

WIDTHS = (880, 640, 440)  # pixels: the first with which all fit; a phone is 390 wide, a column of the page 880
COLOURS = 48  # of a picture's palette: these are drawings and grey digits
BUDGET = 2_000_000  # bytes of all PNG files together: 2.7 MB as base64, the page stays below 3 MB


@dataclass(frozen=True)
class Picture:
    """A picture that is there to show."""

    path: Path
    alt: str
    caption: str


@dataclass(frozen=True)
class Small:
    """A picture as it lies in the page."""

    picture: Picture
    png: bytes
    size: tuple[int, int]  # pixels


def fitted(pictures: Sequence[Picture], budget: int = BUDGET) -> list[Small]:
    """Return the pictures at the largest of :data:`WIDTHS` with which all fit; if none does, the first that fit.

    Raises
    ------
    BadInputError
        If a file is no image.
    """
    for width in WIDTHS:
        found = [shrunk(picture, width) for picture in pictures]
        if sum(len(one.png) for one in found) <= budget:
            return found
    kept: list[Small] = []
    for one in found:
        if sum(len(before.png) for before in kept) + len(one.png) <= budget:
            kept.append(one)
    return kept


def shrunk(picture: Picture, width: int) -> Small:
    """Return a picture at most ``width`` pixels wide, on white and with few colours."""
    try:
        with Image.open(picture.path) as opened:
            rgba = opened.convert("RGBA")
    except OSError as error:
        raise BadInputError(f"{picture.path}: expected a PNG file, got: {error}; run `dvc repro`") from error
    flat = Image.new("RGB", rgba.size, "white")
    flat.paste(rgba, mask=rgba.getchannel("A"))
    if flat.width > width:
        flat = flat.resize((width, max(round(flat.height * width / flat.width), 1)), Image.Resampling.LANCZOS)
    few = flat.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return Small(picture, _png(few), flat.size)


def digit_png(image: NDArray[np.uint8]) -> bytes:
    """Return a digit, (28, 28) uint8 with 255 = ink, as black ink on white paper."""
    return _png(Image.fromarray(255 - image))


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
