"""Contact sheets: what was cut from a photo, and what was not and why."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.atomic import replacing
from pipeline.drawn import marked
from pipeline.errors import BadInputError

WIDTH = 1000  # pixels: readable on a laptop, about 150 kB as JPEG
TALLEST = 1100  # pixels of the photo: an upright sheet is shown a little narrower than the page
PICTURES = (".jpg", ".jpeg", ".png", ".webp")  # kinds of files that can be written
QUALITY = 75  # of JPEG: a third smaller than at 85, and no reason is harder to read
CUTTING = 97, 60  # pixels: a reject's thumbnail, wide enough for its reason
TILE, CAPTION = 40, 12  # pixels: a 28x28 digit enlarged, and the label under it
PAPER, TEXT = (250, 250, 248), (40, 40, 40)
GOOD, BAD = (0, 130, 60), (200, 30, 30)


@dataclass(frozen=True)
class Mark:
    """An outline on the photo."""

    corners: NDArray[np.float32]  # (4, 2): x, y in photo pixels
    caption: str
    good: bool


@dataclass(frozen=True)
class Tile:
    """A 28x28 digit with a caption."""

    image: NDArray[np.uint8]  # (28, 28), 0 = paper
    caption: str


@dataclass(frozen=True)
class Cutting:
    """A piece of the photo that gave no digit, with the reason."""

    image: NDArray[np.uint8]  # (H, W, 3) RGB
    caption: str


def contact_sheet(
    title: str,
    photo: NDArray[np.uint8] | None,
    marks: Sequence[Mark],
    tiles: Sequence[Tile],
    notes: Sequence[str],
    *,
    cuttings: Sequence[Cutting] = (),
) -> Image.Image:
    """Draw a photo with its outlines, the digits cut from it, and a line for each reject.

    Parameters
    ----------
    title : str
    photo : (H, W, 3) uint8 RGB or None
        None where it could not be decoded.
    marks : outlines in photo pixels
    tiles : cut digits, in reading order
    notes : one line a reject
    cuttings : thumbnails of the rejects
    """
    pieces = [_lines([title], TEXT)]
    if photo is not None:
        pieces.append(_outlined(photo, marks))
    if tiles:
        pieces.append(tile_grid(tiles))
    if cuttings:
        pieces.append(_cutting_grid(cuttings))
    if notes:
        pieces.append(_lines(notes, BAD))
    page = Image.new("RGB", (WIDTH, sum(piece.height for piece in pieces)), PAPER)
    top = 0
    for piece in pieces:
        page.paste(piece, (0, top))
        top += piece.height
    return page


def tile_grid(tiles: Sequence[Tile]) -> Image.Image:
    """Draw digits side by side, dark on light, each with its caption below."""
    per_row = WIDTH // (TILE + 2)
    rows = -(-len(tiles) // per_row)
    page = Image.new("RGB", (WIDTH, rows * (TILE + CAPTION) + 6), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(10)
    for place, tile in enumerate(tiles):
        x, y = place % per_row * (TILE + 2) + 2, place // per_row * (TILE + CAPTION) + 4
        picture = Image.fromarray(255 - tile.image).resize((TILE, TILE), Image.Resampling.NEAREST)
        page.paste(picture.convert("RGB"), (x, y))
        draw.text((x + TILE / 2, y + TILE + CAPTION / 2), tile.caption, GOOD, font, anchor="mm")
    return page


def _cutting_grid(cuttings: Sequence[Cutting]) -> Image.Image:
    """Draw thumbnails side by side, each fitted into its place, with its caption below."""
    width, height = CUTTING
    per_row = WIDTH // (width + 2)
    rows = -(-len(cuttings) // per_row)
    page = Image.new("RGB", (WIDTH, rows * (height + CAPTION + 2) + 6), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(10)
    for place, cutting in enumerate(cuttings):
        x, y = place % per_row * (width + 2) + 2, place // per_row * (height + CAPTION + 2) + 4
        if cutting.image.size:
            scale = min(width / cutting.image.shape[1], height / cutting.image.shape[0])
            size = max(int(cutting.image.shape[1] * scale), 1), max(int(cutting.image.shape[0] * scale), 1)
            picture = Image.fromarray(cutting.image).resize(size, Image.Resampling.BOX)
            page.paste(picture, (x + (width - size[0]) // 2, y + (height - size[1]) // 2))
        draw.text((x + width / 2, y + height + CAPTION / 2), cutting.caption, BAD, font, anchor="mm")
    return page


def jpeg(picture: Image.Image) -> bytes:
    """Return a JPEG file: the same bytes for the same picture, without metadata."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return marked(file.getvalue())


def save(picture: Image.Image, path: Path) -> None:
    """Write as JPEG (or by the path's suffix), the same bytes for the same picture; metadata is left out.

    Raises
    ------
    BadInputError
        If the suffix is of no kind of picture.
    """
    if path.suffix.lower() not in PICTURES:
        raise BadInputError(
            f"{path}: expected a picture's name ({' '.join(PICTURES)}), got `{path.name}`; add a suffix"
        )
    with replacing(path) as draft:
        picture.save(draft, quality=QUALITY)
        draft.write_bytes(marked(draft.read_bytes()))


def _outlined(photo: NDArray[np.uint8], marks: Sequence[Mark]) -> Image.Image:
    height, width = photo.shape[:2]
    scale = min(WIDTH / width, TALLEST / height)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    page = Image.fromarray(photo).resize(size, Image.Resampling.BOX)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(12)
    for mark in marks:
        outline = [(float(x), float(y)) for x, y in mark.corners * scale]
        colour = GOOD if mark.good else BAD
        draw.polygon(outline, outline=colour, width=1 if mark.good else 2)
        draw.text(min(outline), mark.caption, colour, font, anchor="lb")
    return page


def _lines(texts: Sequence[str], colour: tuple[int, int, int]) -> Image.Image:
    font = ImageFont.load_default(13)
    page = Image.new("RGB", (WIDTH, 18 * len(texts) + 8), PAPER)
    draw = ImageDraw.Draw(page)
    for place, text in enumerate(texts):
        draw.text((4, 18 * place + 4), text, colour, font)
    return page
