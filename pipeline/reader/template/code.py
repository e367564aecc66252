"""Reading the code on a sheet whose place is known: its modules are measured, OpenCV corrects what is wrong.

Two fifths of a code's modules are alike in every code: its three large squares and the lines between them. From these
a linear filter is learnt that turns the measured ink into black and white, whatever blurred the photo; what it then
says of the other modules teaches it again (decision-directed equalisation; Lucky, "Techniques for Adaptive
Equalization of Digital Communication Systems", 1966). So a code is read where a module has less than three pixels.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.template.canvas import Canvas
from pipeline.sheet_code import SIDE, Modules, SheetCode, parsed
from pipeline.template import Template

SEARCH_MM = 1.5  # around its place: what markers and box lines leave of a bend at the sheet's ends
TAPS = np.arange(-8, 9, 2)  # canvas pixels from a module's middle, at five a module: the filter's reach
SOFTNESS = 1e-3  # of the ink's square, added to what is fitted (ridge regression): noise is not learnt
SURE = 0.2  # from grey: modules that the filter calls black or white so plainly teach it again
ROUNDS = 5
SMOOTH = 0.8  # pixels
PIXELS = 8  # a module of the clean picture that is decoded
QUIET = 4  # modules of white around a code (ISO/IEC 18004, 5.3.8)

Measured = NDArray[np.float64]
"""(441, taps) float64: the ink around each module's middle, 0 on average over the fixed ones, black - white = 1."""


def read_code(canvas: Canvas, template: Template) -> SheetCode | None:
    """Read the code of a sheet from both of its copies together, or from one.

    Parameters
    ----------
    canvas : Canvas
        Nothing taken out.
    template : Template
        With codes; what its own code says is not used.

    Returns
    -------
    SheetCode, or None where neither copy can be read

    Raises
    ------
    UnknownLayoutError
        Where a code is read and says something that this version does not know.
    """
    first, second = (_measured(canvas, x, y, side / SIDE) for x, y, side, _ in template.codes)
    for taps in (np.hstack([first, second]), first, second):
        for modules in _equalised(taps):
            text = _decoded(modules)
            if text:
                return parsed(text)
    return None


def _measured(canvas: Canvas, x: float, y: float, module: float) -> Measured:
    """Measure a copy where its fixed modules stand out best."""
    known, black = fixed_modules()
    step = module * canvas.scale  # pixels
    rows, cols = canvas.place((x, y, SIDE * module, SIDE * module), SEARCH_MM)
    area = cv2.GaussianBlur(canvas.ink[rows, cols].astype(np.float32), (0, 0), SMOOTH)
    centres = np.round((np.arange(SIDE) + 0.5) * step - 0.5).astype(int)
    wanted = np.zeros((round(SIDE * step),) * 2, np.float32)
    wanted[centres[:, None], centres] = np.where(black, 1 / black.sum(), -1 / (known & ~black).sum()) * known
    _, best, _, (right, down) = cv2.minMaxLoc(cv2.matchTemplate(area, wanted, cv2.TM_CCORR))
    reach = int(TAPS.max())
    padded = np.pad(area, reach, mode="edge")
    at_rows, at_cols = down + reach + centres, right + reach + centres
    seen = [padded[(at_rows + low)[:, None], at_cols + across].ravel() for low in TAPS for across in TAPS]
    taps = np.stack(seen, axis=1).astype(np.float64)
    return np.asarray((taps - taps[known.ravel()].mean(axis=0)) / max(best, 1.0), dtype=np.float64)


def _equalised(taps: Measured) -> Iterator[Modules]:
    """Yield ever better guesses of which modules are black."""
    known, black = (modules.ravel() for modules in fixed_modules())
    taught, shades = known, np.where(black, 0.5, -0.5)
    for _ in range(ROUNDS):
        lesson = taps[taught]
        square = lesson.T @ lesson + SOFTNESS * len(lesson) * np.eye(taps.shape[1])
        found = taps @ np.linalg.solve(square, lesson.T @ shades[taught])
        yield np.where(known, black, found > 0).reshape(SIDE, SIDE)
        taught = known | (np.abs(found) > SURE)
        shades = np.where(known, shades, np.sign(found) / 2)


def _decoded(modules: Modules) -> str:
    """Return the text of a code's modules; nothing where too many are wrong."""
    framed = np.pad(modules, QUIET)
    picture = np.where(np.kron(framed, np.ones((PIXELS, PIXELS), bool)), 0, 255).astype(np.uint8)
    first, last = QUIET * PIXELS, (QUIET + SIDE) * PIXELS
    square = np.array([[[first, first], [last, first], [last, last], [first, last]]], np.float32)
    try:
        text, _ = cv2.QRCodeDetector().decode(picture, square)
    except (cv2.error, UnicodeDecodeError):  # chance modules that look like a code of another kind
        return ""
    return text


def fixed_modules() -> tuple[Modules, Modules]:
    """Return which modules are alike in every code of version 1, and which of those are black (ISO/IEC 18004, 7.3)."""
    known, black = np.zeros((SIDE, SIDE), bool), np.zeros((SIDE, SIDE), bool)
    known[6], known[:, 6] = True, True
    black[6, ::2], black[::2, 6] = True, True
    framed = np.pad(np.pad(np.pad(np.ones((3, 3), bool), 1), 1, constant_values=True), 1)  # with white all around
    near, far = (slice(0, 8), slice(1, 9)), (slice(-8, None), slice(0, 8))  # of the code, and what part of the square
    for (rows, of_rows), (cols, of_cols) in ((near, near), (near, far), (far, near)):
        known[rows, cols] = True
        black[rows, cols] = framed[of_rows, of_cols]
    known[SIDE - 8, 8] = black[SIDE - 8, 8] = True
    return known, black
