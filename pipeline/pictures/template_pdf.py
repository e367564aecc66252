"""The template as a PDF to print."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.atomic import replacing
from pipeline.template import CODE, MARKER_PLACES, Box, Marker, Template

BOX_GREY = 0.78  # of white: plain to the eye, and far lighter than any pen, so that boxes drop out of a photo
BOX_LINE_MM = 0.25
HINT_GREY = 0.6
ADVICE = (
    "One digit in each box: the small digit at the left of its row. Use a dark pen.",
    "Write as you always do. Leave a box empty rather than cross something out.",
    "Photograph the whole sheet, flat, with all four black squares in the picture.",
)

_MM = 72 / 25.4  # points a millimetre


def write_pdf(template: Template, path: Path) -> None:
    """Write the sheet as a PDF of one page at its true size; the same template gives the same bytes."""
    from reportlab.pdfgen.canvas import Canvas

    width, height = template.page_mm
    with replacing(path) as draft:
        canvas = Canvas(str(draft), pagesize=(width * _MM, height * _MM), invariant=True, pageCompression=0)
        canvas.setTitle("mnist-cn template")
        canvas.translate(0, height * _MM)
        canvas.scale(_MM, -_MM)  # from here on millimetres, y down; text is turned back where it is drawn
        for marker in template.markers:
            _draw_marker(canvas, marker)
        _draw_boxes(canvas, template)
        _draw_words(canvas, template)
        canvas.save()


def marker_modules(marker: int) -> NDArray[np.bool_]:
    """Return the (6, 6) modules of a marker, True = black, its black border included."""
    import cv2

    code = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, CODE))
    return np.asarray(cv2.aruco.generateImageMarker(code, marker, 6) == 0)


def _draw_marker(canvas: Any, marker: Marker) -> None:
    """One black square with its white modules on top: no hairlines between black modules in any viewer."""
    x, y, side, _ = marker.box_mm
    module = side / 6
    canvas.setFillGray(0)
    canvas.rect(x, y, side, side, stroke=0, fill=1)
    canvas.setFillGray(1)
    for row, modules in enumerate(marker_modules(marker.id)):
        for col, black in enumerate(modules):
            if not black:
                canvas.rect(x + col * module, y + row * module, module, module, stroke=0, fill=1)


def _draw_boxes(canvas: Any, template: Template) -> None:
    canvas.setStrokeGray(BOX_GREY)
    canvas.setLineWidth(BOX_LINE_MM)
    for cell in template.cells:
        canvas.rect(*cell.box_mm, stroke=1, fill=0)
    canvas.setFillGray(HINT_GREY)
    labels = [cell.label for cell in template.cells if cell.col == 0]
    for label, (x, y, width, height) in zip(labels, template.hints, strict=True):
        _text(canvas, str(label), x + width / 2, y + height, height / 0.72, centred=True)  # Helvetica digits: 0.72 em


def _draw_words(canvas: Any, template: Template) -> None:
    first, second, _, fourth = (template.markers[i].box_mm for i in range(len(MARKER_PLACES)))
    left, right = _inner(first, second)
    canvas.setFillGray(0.25)
    _text(canvas, "Handwritten digits", left, first[1] + 4.6, 5.2, bold=True)
    _text(canvas, "Name or code of the writer", left, first[1] + 12.6, 3.2)
    canvas.setStrokeGray(0.6)
    canvas.line(left + 41, first[1] + 13, right, first[1] + 13)
    for line, words in enumerate(ADVICE):
        _text(canvas, words, left, fourth[1] + 3.6 + line * 4.8, 3.4)


def _inner(left: Box, right: Box) -> tuple[float, float]:
    """Return where words between two markers begin and end, leaving the markers their white border."""
    return left[0] + left[2] + 6, right[0] - 6


def _text(
    canvas: Any, words: str, x: float, y: float, size: float, *, bold: bool = False, centred: bool = False
) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(1, -1)
    canvas.setFont("Helvetica-Bold" if bold else "Helvetica", size)
    (canvas.drawCentredString if centred else canvas.drawString)(0, 0, words)
    canvas.restoreState()
