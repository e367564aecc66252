"""The template as a PDF to print."""

from pathlib import Path
from typing import Any

import numpy as np

from pipeline.atomic import replacing
from pipeline.sheet_code import Modules, modules_of
from pipeline.template import Box, Marker, Template, marker_modules

BOX_GREY = 0.78  # of white: plain to the eye, and far lighter than any pen, so that boxes drop out of a photo
BOX_LINE_MM = 0.25
HINT_GREY = 0.6
ADVICE = (
    "One digit in each box: the small digit before it, at the left or above. Use a dark pen.",
    "Write as you always do. Leave a box empty rather than cross something out.",
    "Photograph the whole sheet, flat, with all four black squares in the picture.",
)

WHITE_MM = 6.0  # around markers and codes: more than two modules of a marker, and six of a code
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
        for box in template.codes:
            _draw_code(canvas, modules_of(template.code.text() if template.code else ""), box)
        _draw_boxes(canvas, template)
        _draw_words(canvas, template)
        canvas.save()


def _draw_marker(canvas: Any, marker: Marker) -> None:
    """One black square with its white modules on top: no hairlines between black modules in any viewer."""
    x, y, side, _ = marker.box_mm
    canvas.setFillGray(0)
    canvas.rect(x, y, side, side, stroke=0, fill=1)
    canvas.setFillGray(1)
    _draw_modules(canvas, ~marker_modules(marker.id), marker.box_mm)


def _draw_code(canvas: Any, code: Modules, box: Box) -> None:
    canvas.setFillGray(0)
    _draw_modules(canvas, code, box)


def _draw_modules(canvas: Any, wanted: Modules, box: Box) -> None:
    """Fill the wanted modules, those beside each other as one, in a row."""
    x, y, side, _ = box
    module = side / len(wanted)
    for row, modules in enumerate(wanted):
        edges = np.flatnonzero(np.diff(np.pad(modules, 1).astype(np.int8)))
        for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            canvas.rect(x + first * module, y + row * module, (last - first) * module, module, stroke=0, fill=1)


def _draw_boxes(canvas: Any, template: Template) -> None:
    canvas.setStrokeGray(BOX_GREY)
    canvas.setLineWidth(BOX_LINE_MM)
    for cell in template.cells:
        canvas.rect(*cell.box_mm, stroke=1, fill=0)
    canvas.setFillGray(HINT_GREY)
    for hint in template.hints:
        x, y, width, height = hint.box_mm  # Helvetica's digits are 0.72 em high
        _text(canvas, str(hint.label), x + width / 2, y + height, height / 0.72, centred=True)


def _draw_words(canvas: Any, template: Template) -> None:
    left, right, top, bottom = _bands(template)
    canvas.setFillGray(0.25)
    _text(canvas, "Handwritten digits", left[0], top + 4.6, 5.2, bold=True)
    _text(canvas, "Name or code of the writer", left[0], top + 12.6, 3.2)
    if template.code and template.code.writer:
        _text(canvas, template.code.writer, left[0] + 42, top + 12.4, 4.2, bold=True)
    canvas.setStrokeGray(0.6)
    canvas.line(left[0] + 41, top + 13, right[0], top + 13)
    for line, words in enumerate(ADVICE):
        _text(canvas, words, left[1], bottom + 3.6 + line * 4.8, 3.4)


def _bands(template: Template) -> tuple[tuple[float, float], tuple[float, float], float, float]:
    """Return where words above and below the boxes begin and end, and the tops of both: white stays around squares."""
    first, second, _, fourth = (marker.box_mm for marker in template.markers)
    begin, end = first[0] + first[2] + WHITE_MM, second[0] - WHITE_MM
    if not template.codes:
        return (begin, begin), (end, end), first[1], fourth[1]
    above, below = template.codes
    return (begin, below[0] + below[2] + WHITE_MM), (above[0] - WHITE_MM, end), first[1], fourth[1]


def _text(
    canvas: Any, words: str, x: float, y: float, size: float, *, bold: bool = False, centred: bool = False
) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(1, -1)
    canvas.setFont("Helvetica-Bold" if bold else "Helvetica", size)
    (canvas.drawCentredString if centred else canvas.drawString)(0, 0, words)
    canvas.restoreState()
