"""Simulated photos of written sheets, with the truth about them."""

from pathlib import Path

import cv2
import numpy as np

from pipeline.atomic import replacing, write_json, write_text
from pipeline.read_folders import SHEETS_YAML
from pipeline.sheet_code import SheetCode
from pipeline.simulate.bend import bend
from pipeline.simulate.camera import Size, Window, jpeg, shoot, viewpoint
from pipeline.simulate.folder import check_ours, sheets_yaml
from pipeline.simulate.light import light
from pipeline.simulate.marks import Drawn
from pipeline.simulate.pages import Page, write_page
from pipeline.simulate.pens import Bgr
from pipeline.simulate.severity import SEVERITIES, Layout, Severity
from pipeline.simulate.sheet import fill
from pipeline.simulate.streams import Streams
from pipeline.simulate.truth import Truth, cell_truth
from pipeline.simulate.writers import writer
from pipeline.template import Paper, Template, geometry

SIZE: Size = (1200, 1600)
FINER = 1.6  # times the photo's pixels: a drawn page shows no pixels of its own


def simulate_photo(
    writer_seed: int,
    severity: Severity,
    rng: np.random.Generator,
    size: Size = SIZE,
    paper: Paper = "a4",
    *,
    code: SheetCode | None = None,
) -> tuple[Bgr, Truth]:
    """Return a photo of the template as one writer filled it in, and the truth about it.

    Parameters
    ----------
    writer_seed : int
        Which writer; everything else about the photo comes from ``rng``.
    severity : {"gentle", "ordinary", "brutal"}
    rng : numpy.random.Generator
    size : (width, height) in pixels
    paper : {"a4", "letter"}
    code : SheetCode, optional
        Of a sheet with a writer or a focus.

    Returns
    -------
    (H, W, 3) uint8, blue, green, red, after JPEG compression; and Truth
    """
    file, truth = photo_file("template", writer_seed, severity, rng, size=size, paper=paper, code=code)
    return _decoded(file), truth


def simulate_page(
    layout: Layout, writer_seed: int, severity: Severity, rng: np.random.Generator, size: Size = SIZE
) -> tuple[Bgr, Truth]:
    """Return a photo of a page of any layout, and the truth about it; see :func:`simulate_photo`.

    A page that is wider than high is photographed with the phone across: ``size`` is then turned.
    """
    file, truth = photo_file(layout, writer_seed, severity, rng, size=size)
    return _decoded(file), truth


def write(
    folder: Path,
    count: int,
    seed: int,
    severity: Severity,
    *,
    layout: Layout = "template",
    size: Size = SIZE,
    paper: Paper = "a4",
) -> None:
    """Write ``writer-NN.jpg`` and its truth ``writer-NN.json``, a writer each; the same seed gives the same bytes.

    A ``sheets.yaml`` says that the photos are simulated, and of layouts other than the template what was written.

    Raises
    ------
    BadInputError
        If ``folder`` is a file, or holds what this command did not make. What it made takes the former's place whole.
    """
    check_ours(folder)
    said: dict[str, dict[str, object]] = {}
    with replacing(folder) as draft:
        draft.mkdir()
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            file, truth = photo_file(layout, int(rng.integers(2**31)), severity, rng, size=size, paper=paper)
            name = f"writer-{number:02}"
            (draft / f"{name}.jpg").write_bytes(file)
            write_json(draft / f"{name}.json", truth.as_json())
            one = truth.label is not None
            said[f"{name}.jpg"] = {"label": truth.label} if one else {"rows": list(truth.strings)}
        write_text(draft / SHEETS_YAML, sheets_yaml(layout, said))
        check_ours(folder)  # again: in the minutes that many photos take, somebody may have put one of theirs there


def photo_file(
    layout: Layout,
    writer_seed: int,
    severity: Severity,
    rng: np.random.Generator,
    *,
    size: Size,
    paper: Paper = "a4",
    code: SheetCode | None = None,
) -> tuple[bytes, Truth]:
    """Return a JPEG file and the truth about it."""
    limits, streams = SEVERITIES[severity], Streams(rng, layout)
    if layout == "template":
        page = _template(geometry(paper, code), writer_seed, severity, size, streams)
    else:
        page = write_page(layout, writer_seed, FINER * max(size), limits, streams)
    if page.window[2] - page.window[0] > page.window[3] - page.window[1]:
        size = (max(size), min(size))
    view = viewpoint(page.window, size, limits, streams["view"])
    lies = bend(page.drawn.page_mm, view.eye, limits, streams["bend"])
    lit = light(size, limits, streams)
    photo = shoot(page.drawn, view, lies, lit, limits, streams=streams, endless=page.endless)
    cells = tuple(cell_truth(mark, view, lies, lit) for mark in page.drawn.marks)
    stated = paper if layout == "template" else None
    truth = Truth(writer_seed, severity, layout, stated, page.strings, page.label, view.homography, lies, cells)
    return jpeg(photo, limits, streams["jpeg"]), truth


def _template(template: Template, writer_seed: int, severity: Severity, size: Size, streams: Streams) -> Page:
    limits = SEVERITIES[severity]
    scale = np.clip(FINER * max(size) / max(template.page_mm), 4, 24)
    spoilt = round(limits.spoilt * len(template.cells))
    drawn = fill(template, writer(writer_seed), streams, float(scale), spoilt)
    return Page(drawn, (), None, _whole(drawn), endless=False)


def _whole(drawn: Drawn) -> Window:
    return (0.0, 0.0, *drawn.page_mm)


def _decoded(file: bytes) -> Bgr:
    return np.asarray(cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)
