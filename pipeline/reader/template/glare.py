"""Boxes in glare: a lamp or flash that is mirrored in the paper takes ink away, and whole strokes with it.

A part of a digit that glare left looks like a digit. The printed lines tell: around a box they are as dark as around
the others, unless something shines over them.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.reader.template.canvas import Canvas, strips
from pipeline.template import Template

NEAR_MM = 0.5  # either side of a line is its ink summed up, so that blur does not count
THIRDS = 3  # of each line are measured apart: glare may take a corner
FADED = 0.35  # of the usual line's ink: in glare that leaves less than a third of a stroke's contrast, lines have less
BRIGHTER = 1.15  # times the usual box's light: without it lines are pale for another reason


def in_glare(canvas: Canvas, template: Template) -> NDArray[np.bool_]:
    """Return for each box whether its surroundings are brighter than usual and its lines washed out.

    Parameters
    ----------
    canvas : Canvas
        Straight, nothing taken out, with its light.
    template : Template

    Returns
    -------
    (cells,) bool
        All False where the photo shows its lines too badly to tell.
    """
    measured = [_line_ink(canvas, template, axis) for axis in (0, 1)]
    ink = np.concatenate(measured, axis=1)
    usual = float(np.median(ink))
    palest = np.partition(ink, 1, axis=1)[:, 1]  # the second: one alone may be a crease or a drop
    if usual <= 0 or np.median(palest) < FADED * usual:
        return np.zeros(len(ink), bool)
    light = np.array([canvas.light_of(cell.box_mm) for cell in template.cells])
    return np.asarray((palest < FADED * usual) & (light > BRIGHTER * np.median(light)))


def _line_ink(canvas: Canvas, template: Template, axis: int) -> NDArray[np.float64]:
    """Return (cells, 6): the ink of the thirds of each box's two lines across an axis, above that of the paper."""
    ink = canvas.ink.ravel()[strips(canvas.blank(), template, axis, 2 * NEAR_MM)]
    count = ink.shape[1]
    ordered = np.sort(ink.transpose(0, 2, 1).astype(np.uint16), axis=2)  # 16 bits are sorted ten times as fast as 8
    paper = (ordered[:, :, (count - 1) // 2] + ordered[:, :, count // 2]) / 2  # the median
    inner = ink[:, count // 4 : count - count // 4]
    across = inner.sum(axis=1, dtype=np.int64) - inner.shape[1] * paper
    third = across.shape[1] // THIRDS
    parts = np.median(across[:, : third * THIRDS].reshape(len(across), THIRDS, third), axis=2)
    return np.asarray(parts.reshape(-1, 2 * THIRDS), dtype=np.float64)
