"""The preview of stage `augment`: originals beside their copies."""

from pathlib import Path

import numpy as np

from pipeline.atomic import replacing
from pipeline.digits import CLASSES, SIDE, Images

ZOOM = 2  # pixels of the picture a pixel of a digit: readable, and small enough to look at whole
_GAP = 4  # pixels between digits
_MARGIN = 24  # pixels at the left, for the label
_FRAME = 160  # grey of the frame around an original


def draw(families: list[list[Images]], path: Path) -> None:
    """Write a PNG with one line a class: its digit, then families, each a framed original followed by its copies.

    Parameters
    ----------
    families : list of 10 lists of (1 + copies, 28, 28) uint8
        For each class some families, the original first.
    path : Path
        PNG file; the same families give the same bytes.
    """
    from PIL import Image, ImageDraw

    step = SIDE * ZOOM + _GAP
    columns = max((sum(len(family) for family in families[label]) for label in range(CLASSES)), default=0)
    canvas = Image.new("L", (_MARGIN + columns * step + _GAP, CLASSES * step + _GAP), 255)
    pen = ImageDraw.Draw(canvas)
    for label in range(CLASSES):
        top = _GAP + label * step
        pen.text((_MARGIN // 2, top + SIDE * ZOOM // 2), str(label), fill=0, anchor="mm", font_size=16)
        left = _MARGIN
        for family in families[label]:
            pen.rectangle((left - 2, top - 2, left + SIDE * ZOOM + 1, top + SIDE * ZOOM + 1), outline=_FRAME, width=2)
            for image in family:
                enlarged = np.repeat(np.repeat(255 - image, ZOOM, axis=0), ZOOM, axis=1)
                canvas.paste(Image.fromarray(enlarged), (left, top))
                left += step
    with replacing(path) as draft:
        canvas.save(draft, format="PNG")
