"""Every picture of the test digits: confusions, galleries, reliability, and recall by digit."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.atomic import replacing
from pipeline.digits import Images
from pipeline.measures import Answers
from pipeline.pictures import by_digit, confusion, gallery, reliability
from pipeline.pictures.summary import shown_name
from pipeline.scores import HANDWRITING, MNIST, groups
from pipeline.scores import confusion as counted


def draw(
    folder: Path,
    answers: Answers,
    images: Images,
    *,
    tracked: Sequence[int],
    temperature: float,
    sheets: dict[str, Any],
) -> None:
    """Draw three pictures a source and two galleries each of MNIST and handwriting, in a folder with nothing else.

    Parameters
    ----------
    folder : Path
        To create or replace.
    answers : Answers
        N test digits and how they were read.
    images : (N, 28, 28) uint8
    tracked : digits to set apart
    temperature : float
        What :mod:`pipeline.calibration` fitted on out-of-fold rows.
    sheets
        What ``metrics/sheets.json`` holds: which collections are simulated.
    """
    with replacing(folder) as draft:
        draft.mkdir()
        for source, group in answers.groups.items():
            counts, name = counted(group.labels, group.predictions), shown_name(source, sheets, answers.groups)
            confusion.draw(draft / f"confusion-{source}.png", counts, name)
            by_digit.draw(draft / f"by-digit-{source}.png", counts, tracked, name)
            pair = group.bins(), group.bins(temperature)
            reliability.draw(draft / f"reliability-{source}.png", *pair, temperature, name)
        found = groups(answers.sources)
        for source in (MNIST, HANDWRITING):
            chosen, name = found.get(source, np.zeros(len(images), dtype=bool)), shown_name(source, sheets, found)
            group = answers.where(chosen)
            shown = gallery.Read(images[chosen], group.labels, group.predictions, group.confidence)
            gallery.draw_wrong(draft / f"{source}-wrong.png", shown, name)
            gallery.draw_right(draft / f"{source}-right.png", shown, name)
