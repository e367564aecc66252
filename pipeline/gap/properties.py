"""What is measured of a digit, each property with its unit and with the words for more and less of it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE, Images
from pipeline.gap import shapes

CENTRE = 14  # the pixel on which MNIST's digits have their centre of mass
AROUND = 3  # pixels around a digit's ink in which its soft edges are no residue
FAINT = 4  # of 255: the least ink that is residue; less is what rounding leaves of a blur
AT_ONCE = 1024  # digits: seen 112 pixels wide, each takes 80 kB for a while; 105,000 at once took 8 GB
STEEP = 90  # percentile of the slopes in a digit's ink that is an edge's own: the rest lies along strokes


@dataclass(frozen=True)
class Property:
    """One measured property.

    Attributes
    ----------
    name : str
        As in `metrics/domain_gap.json`.
    unit : str
        Of its values: ``px``, ``degrees``, ``%``, ``of 255``, or nothing.
    grain : float
        The least spread in which a difference is counted.
    more, less : str
        What a collection's digits are that have more or less of it; ``{}`` stands for how much.
    """

    name: str
    unit: str
    grain: float
    more: str
    less: str


# The grains are our choice. MNIST's digits are much alike in ink, size and softness, so that by their spread alone a
# small change of these would be said before a large one of strokes or slant. With these grains digits that are thinned
# by a pixel, shifted, slanted, greyed, blurred, shrunk or soiled are said first to be just that: see the tests.
PROPERTIES = (
    Property("stroke_width", "px", 0.25, "strokes {} thicker than MNIST's", "strokes {} thinner than MNIST's"),
    Property(
        "slant", "degrees", 2, "slanted {} more to the right than MNIST's", "slanted {} less to the right than MNIST's"
    ),
    Property("centre_right", "px", 0.25, "centred {} too far to the right", "centred {} too far to the left"),
    Property("centre_down", "px", 0.25, "centred {} too low", "centred {} too high"),
    Property("off_centre", "px", 0.25, "centred {} less exactly than MNIST's", "centred {} more exactly than MNIST's"),
    Property("ink_level", "of 255", 40, "ink {} darker than MNIST's", "ink {} paler than MNIST's"),
    Property("aspect", "", 0.05, "width over height {} larger than MNIST's", "width over height {} less than MNIST's"),
    Property("box_size", "px", 1.5, "digits {} larger than MNIST's", "digits {} smaller than MNIST's"),
    Property(
        "residue", "%", 2, "{} more of the paper soiled than in MNIST", "{} less of the paper soiled than in MNIST"
    ),
    Property("softness", "px", 0.5, "edges {} softer than MNIST's", "edges {} sharper than MNIST's"),
    Property("pieces", "", 0.1, "{} more pieces a digit than MNIST's", "{} fewer pieces a digit than MNIST's"),
)
NAMES = tuple(entry.name for entry in PROPERTIES)

Measures = NDArray[np.float64]
"""(N, 11): the properties of N digits, in the order of :data:`PROPERTIES`."""


def measured(images: Images) -> Measures:
    """Measure (N, 28, 28) uint8, some at a time. Every number is finite, also of a digit without ink."""
    starts = range(0, len(images), AT_ONCE)
    return np.concatenate([_measured(images[start : start + AT_ONCE]) for start in starts])


def _measured(images: Images) -> Measures:
    ink = shapes.Ink.of(images)
    right, down, slant = moments(images)
    width, height = shapes.boxes(ink)
    columns = {
        "stroke_width": shapes.stroke_widths(ink),
        "slant": slant,
        "centre_right": right,
        "centre_down": down,
        "off_centre": np.hypot(right, down),
        "ink_level": _mean(images, ink.inked),
        "aspect": width / np.maximum(height, 1),
        "box_size": np.maximum(width, height),
        "residue": residue(images, ink.inked),
        "softness": softness(images, ink),
        "pieces": shapes.pieces(ink),
    }
    return np.column_stack([columns[name] for name in NAMES])


def moments(images: Images) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return (N,) how far right and how far down the centre of mass is, in pixels, and the slant in degrees.

    The slant is that of the line on which the middles of a digit's rows lie: of the least squares over its ink.
    Positive leans to the right.
    """
    weights = images.reshape(len(images), -1).astype(np.float64)
    rows, columns = (way.ravel() for way in np.indices((SIDE, SIDE)))
    terms = np.column_stack([np.ones(SIDE * SIDE), columns, rows, rows * rows, rows * columns])
    mass, *sums = (weights @ terms).T
    mass = np.maximum(mass, 1)
    across, down, spread, both = (total / mass for total in sums)
    upright = np.maximum(spread - down**2, 1e-9)
    slant = -np.degrees(np.arctan((both - across * down) / upright))
    inked = weights.any(axis=1)
    return (across - CENTRE) * inked, (down - CENTRE) * inked, slant * inked


def residue(images: Images, inked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (N,) percent of the pixels away from the ink that are not plain paper."""
    near = np.zeros_like(inked)
    padded = np.pad(inked, ((0, 0), (AROUND, AROUND), (AROUND, AROUND)))
    for down in range(2 * AROUND + 1):
        for across in range(2 * AROUND + 1):
            near |= padded[:, down : down + SIDE, across : across + SIDE]
    away = (~near).sum(axis=(1, 2))
    return np.asarray(100 * ((images >= FAINT) & ~near).sum(axis=(1, 2)) / np.maximum(away, 1))


def softness(images: Images, ink: shapes.Ink) -> NDArray[np.float64]:
    """Return (N,) pixels over which an edge goes from paper to full ink, as the reader measures it in photos."""
    canvas = np.pad(images, ((0, 0), (1, 1), (1, 1)), mode="edge")
    side = canvas.shape[1]
    ways = (cv2.Sobel(canvas.reshape(-1, side), cv2.CV_32F, *way, ksize=3, scale=1 / 8) for way in ((1, 0), (0, 1)))
    slopes = np.hypot(*ways).reshape(-1, side, side)[:, 1:-1, 1:-1]
    # In each digit the slopes of its ink in order, all others before them.
    ordered = np.sort(np.where(ink.inked, slopes, -1).reshape(len(images), -1), axis=1)
    count = ink.inked.sum(axis=(1, 2))
    place = SIDE * SIDE - 1 - np.round((count - 1) * (1 - STEEP / 100)).astype(np.intp)
    steep = np.take_along_axis(ordered, np.minimum(place, SIDE * SIDE - 1)[:, None], axis=1)[:, 0]
    return np.where(ink.peaks > 0, ink.peaks / np.maximum(steep, 1), 0).astype(np.float64)


def _mean(images: Images, of: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray((images * of).sum(axis=(1, 2)) / np.maximum(of.sum(axis=(1, 2)), 1), np.float64)
