"""How dark the pen is in each box of a sheet, against the grain of its paper."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.alike import NoDigitError
from pipeline.reader.records import Ink, Reason
from pipeline.reader.strokes import parts
from pipeline.reader.template.canvas import Canvas, grain
from pipeline.template import Cell, Template

INSET_MM = 1.0  # a box's middle begins here, free of its lines
CUT = 0.42  # of the pen's ink: where a stroke's edge is
ABOVE_GRAIN = 1.5  # times the darkest grain of the paper between the boxes: less is grain
BLURS = (1, 2)  # times the least
NOISY = 0.25  # of the pen's ink, is as dark as grain may be before it is blurred: where a stroke's paler edge is cut
PALEST = 4  # times paler than the limit is blank, whatever it looks like
FAINT, FAINT_MM2 = 0.6, 2.5  # ink too pale to read is a stroke, not grain, if this share of its peak connects so much
SPECK_MM2 = 0.35  # a dot smaller than this is dirt; the shortest cap of a 5 is five times as large
PLAIN = ABOVE_GRAIN / CUT  # times the grain must the pen's ink be: else grain and the edges of strokes are alike


def quiet(canvas: Canvas, template: Template) -> tuple[Canvas, Canvas, NDArray[np.float64], NDArray[np.float64]]:
    """Return the canvas to cut digits from, a smooth one to tell ink from paper, and of that the ink and grain by box.

    Where the grain comes near to the pen's ink, both are blurred more, by up to a thin pen's width: strokes stay whole.
    """
    seen = smooth = canvas
    for times in BLURS:
        canvas, smooth = smooth, seen.smooth(times)
        paper = grain(smooth, template)
        peaks = np.array([smooth.peak(cell.box_mm, -INSET_MM) for cell in template.cells])
        if np.percentile(paper, 90) <= NOISY * float(np.median(peaks)):
            break
    return canvas, smooth, peaks, paper


def pen_of(smooth: Canvas, cell: Cell, peak: float, paper: float, limits: Sheets) -> float:
    """Return the ink of the pen in a box, 0..255; refuse a box where there is none or too little."""
    limit = limits.min_ink_contrast
    contrast = f"ink contrast {peak / 255:.2f}, limit {limit:g} (sheets.min_ink_contrast)"
    if peak < max(ABOVE_GRAIN * paper, limit * 255 / PALEST):
        raise NoDigitError(Reason.BLANK, f"{contrast}; the paper's own grain has {paper / 255:.2f}")
    if peak < PLAIN * paper:
        detail = f"ink contrast {peak / 255:.2f}, {peak / max(paper, 1.0):.1f} times that of the paper's grain"
        advice = "use a darker pen, or more light"
        raise NoDigitError(Reason.TOO_FAINT, f"{detail}, limit {PLAIN:g}", advice, pale_ink(smooth, cell, peak))
    if peak < limit * 255:
        pale, _ = parts(smooth.cut(cell.box_mm, -INSET_MM), FAINT * peak)
        if max((part.area for part in pale), default=0) < FAINT_MM2 * smooth.scale**2:
            raise NoDigitError(Reason.BLANK, contrast)
        raise NoDigitError(Reason.TOO_FAINT, contrast, "use a darker pen", pale_ink(smooth, cell, peak))
    return peak


def pale_ink(smooth: Canvas, cell: Cell, peak: float) -> Ink | None:
    """Return what is darkest in a box, as ink: too pale to be sure of, and perhaps a digit to a person's eye."""
    seen = smooth.cut(cell.box_mm, -INSET_MM)
    found, labels = parts(seen, CUT * peak)
    large = [part.index + 1 for part in found if part.area >= SPECK_MM2 * smooth.scale**2]
    solid = np.isin(labels, large).astype(np.uint8)
    around = cv2.dilate(solid, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.multiply(seen, around, scale=255 / peak), np.uint8) if large else None
