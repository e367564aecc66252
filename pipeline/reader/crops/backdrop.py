"""What lies behind the digit of a ready cut image, whatever its colours, and what of the image is ink before it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.photo import Rgb, channels_of
from pipeline.reader.records import Grey, Ink

RING = 0.05  # of the shorter side: the border from which the paper is known
CURVES = 10  # times that the paper is fitted again with less weight on what lies off it
CURVED = 0.5  # of what is left by an even paper must be left by a curved one; a digit at the border bends it less
SURELY = 0.6  # of the strongest ink: a shadow in a lit room takes less
HOLE = 0.4  # of the longer side: paper that strokes leave free is never farther away; twice the widest stroke
BRIGHTEST = 0.002  # of the pixels: so many at least are full ink, of the thinnest 1 in the largest margin
GRAIN = 5.0  # standard deviations of the paper: what is no darker is its own grain
FRAMES = 3  # a margin, a frame in it, a second line
FRAME = 0.15  # of the shorter side: how far into the image a frame may reach
ON, OFF = 0.95, 0.1  # of a ring around the image: in the frame, and just inside it

Field = NDArray[np.float32]


def ink_of(rgb: Rgb) -> Ink:
    """Return the ink of an image of one digit: how far each pixel is from the paper behind it, 0..255.

    Of the three colour channels the one with the strongest ink counts, so that red on an equally bright green is read.
    Ink is what lies off the border's colour, be it darker or lighter; the paper may have a slope of light or the edge
    of a shadow.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
    """
    return max(map(_ink, channels_of(rgb)), key=full_ink)


def full_ink(ink: Ink) -> float:
    """Return the ink, 0..255, that the darkest few pixels have, how wide the margin around the digit may be."""
    many = max(round(BRIGHTEST * ink.size), min(4, ink.size))
    return float(np.partition(ink.reshape(-1), -many)[-many])


def without_frame(rgb: Rgb) -> Rgb:
    """Cut off even frames around an image, and the margin outside: rings of one brightness that end all at once."""
    for _ in range(FRAMES):
        depth = max(_frame(rgb.max(axis=2).astype(int)), _frame(rgb.min(axis=2).astype(int)))
        if depth == 0:
            return rgb
        rgb = np.ascontiguousarray(rgb[depth:-depth, depth:-depth])
    return rgb


def _frame(level: NDArray[np.int64]) -> int:
    """Return how many rings are a frame; 0 where there is none."""
    rim = np.median(_ring(level, 0))
    for depth in range(1, int(FRAME * min(level.shape)) + 1):
        outside, inside = np.abs(_ring(level, depth - 1) - rim), np.abs(_ring(level, depth) - rim)
        far = max(float(inside.max()) / 2, 1.0)
        if (outside < far).mean() >= ON and (inside < far).mean() <= OFF:
            return depth
    return 0


def _ring(level: NDArray[np.int64], depth: int) -> NDArray[np.int64]:
    """Return the pixels that are ``depth`` pixels from the nearest border."""
    inner = level[depth : level.shape[0] - depth, depth : level.shape[1] - depth]
    return np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])


def _ink(channel: Grey) -> Ink:
    off = channel.astype(np.float32) - _from_border(channel)
    many = max(round(BRIGHTEST * off.size), 1)
    ordered = np.sort(off, axis=None)
    dark = bool(-ordered[many - 1] >= ordered[-many])
    level = channel.astype(np.float32) if dark else 255 - channel.astype(np.float32)
    darker = -off if dark else off
    surely = darker > SURELY * max(-ordered[many - 1], ordered[-many])
    paper = _behind(level, level + darker, surely)
    off = (paper - level) * _gain(paper, dark=dark)
    bright, even = np.percentile(
        off[off <= (off.min() + off.max()) / 2], [16, 50]
    )  # of a bell curve: a deviation apart
    ink = np.asarray(np.clip(off - even + 0.5, 0, 255), dtype=np.uint8)  # a closing follows the brightest grain
    return ink if full_ink(ink) >= GRAIN * (even - bright) else np.zeros_like(ink)


def _gain(paper: Field, *, dark: bool) -> Field | float:
    """Return what makes ink equally dark in light and shade: dark ink takes a part of the light that the paper has."""
    return np.asarray(np.median(paper) / np.maximum(paper, 1), np.float32).clip(0.5, 4) if dark else 1.0


def _behind(level: Field, smooth: Field, surely: NDArray[np.bool_]) -> Field:
    """Return the paper's brightness where ink is darker: a closing over more than the widest stroke, smoothed.

    A stroke at the border ends there. What is surely ink has paper behind it as bright as the border's, at least.
    """
    reach = max(round(HOLE * max(level.shape)), 3) | 1
    ends = np.where(surely, smooth, level)
    wide = cv2.copyMakeBorder(ends, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    wide[reach:-reach, reach:-reach] = level
    window = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, window)[reach:-reach, reach:-reach]
    even = cv2.GaussianBlur(closed, (0, 0), max(min(level.shape) / 60, 0.3))
    return np.asarray(np.where(surely, np.maximum(even, smooth), even), dtype=np.float32)


def _from_border(channel: Grey) -> Field:
    """Return the brightness that the border has on the whole, or where light slopes, a curved surface through it.

    The border may hold ink. The surface is a polynomial of degree 2 with the least sum of absolute distances
    (iteratively reweighted least squares).
    """
    height, width = channel.shape
    depth = max(round(RING * min(height, width)), 1)
    ring = np.ones((height, width), bool)
    ring[depth:-depth, depth:-depth] = False
    down, across = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(down), across, down, across * down, across**2, down**2], axis=-1)
    design, wanted = terms[ring], channel[ring].astype(float)
    middle = float(np.median(wanted))
    weights, fitted = np.ones(len(wanted)), np.zeros(terms.shape[-1])
    for _ in range(CURVES):
        gram = (design * weights[:, None]).T @ design + 1e-6 * np.eye(len(fitted))
        fitted = np.linalg.solve(gram, (design * weights[:, None]).T @ wanted)
        weights = 1 / np.maximum(np.abs(wanted - design @ fitted), 1)
    if np.abs(wanted - design @ fitted).sum() > CURVED * np.abs(wanted - middle).sum():
        return np.full((height, width), middle, np.float32)
    return np.asarray(terms @ fitted, dtype=np.float32)
