"""How sharp strokes are, compared with the 28x28 digit that they become."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.normalizations import BOX
from pipeline.reader.records import Ink, Reason, Reject

STEEP = 90  # percentile of the slopes in a digit's ink that is an edge's own: the rest lies along strokes
FULL_INK = 90  # percentile of a digit's ink that counts as full


def softness(ink: Ink, own: NDArray[np.bool_]) -> float:
    """Return over how many pixels of the 28x28 digit a stroke's edge goes from paper to full ink.

    Sharp photos have 0.3 to 1, the least that 28x28 pixels can show; defocus or a shake adds to it. On blurred copies
    of six photos with 670 digits, a classifier fitted to MNIST misreads 1.4% up to 1.7, twice as many at 2.1, three
    times at 2.5 and seven times at 3.2.

    Parameters
    ----------
    ink : (H, W) uint8
        The box of a digit as photographed: nothing cut away around the strokes.
    own : (H, W) bool
        Where the digit's ink is.

    Returns
    -------
    float, pixels; 0 without ink
    """
    if not own.any():
        return 0.0
    depth = ink.astype(np.float32)
    across, down = (cv2.Sobel(depth, cv2.CV_32F, *way, ksize=3, scale=1 / 8) for way in ((1, 0), (0, 1)))
    slope = float(np.percentile(np.hypot(across, down)[own], STEEP))
    full = float(np.percentile(ink[own], FULL_INK))
    return float(full / max(slope, 1e-3) * BOX / max(own.shape))


def blurred(usual: float, limits: Sheets) -> Reject | None:
    """Return a ``blurred`` reject where the usual softness is too large, or None."""
    if usual <= limits.max_softness:
        return None
    detail = f"edges {usual:.1f} pixels of a 28x28 digit wide, limit {limits.max_softness:g} (sheets.max_softness)"
    return Reject(Reason.BLURRED, detail, advice="retake closer: tap on the writing to focus, and hold the phone still")
