"""The pictures that other stages drew, by the part of the page that shows them."""

from pipeline.reports import words
from pipeline.reports.images import Picture, fitted
from pipeline.reports.markup import Html, figure, image, joined, text
from pipeline.reports.reading import Run
from pipeline.scores import HANDWRITING, MNIST

WIDE = {"robustness": "Picture of corrupted digits", "gap": "Picture of what was measured"}  # whole rows of words


def shown(run: Run) -> dict[str, Html]:
    """Return the figures of the parts of the page; pictures that were not drawn are left out.

    Raises
    ------
    BadInputError
        If one is no image.
    """
    wanted = [(part, picture) for part, picture in _wanted(run) if picture.path.is_file()]
    parts = {picture.path: part for part, picture in wanted}
    found: dict[str, list[Html]] = {}
    for one in fitted([picture for _, picture in wanted]):
        drawn = figure(image(one.png, one.picture.alt, "plate", one.size), one.picture.caption)
        found.setdefault(parts[one.picture.path], []).append(drawn)
    return {part: _laid_out(part, drawn) for part, drawn in found.items()}


def _laid_out(part: str, drawn: list[Html]) -> Html:
    """Return figures two abreast; a wide one by itself, to be moved sideways where the screen is narrow."""
    if part in WIDE:
        start = f'<div class="wide large" role="region" tabindex="0" aria-label="{text(WIDE[part])}">'
    else:
        start = '<div class="pair">'
    return joined(Html(start), *drawn, Html("</div>\n"))


def _wanted(run: Run) -> list[tuple[str, Picture]]:
    """Return what may be there, the most telling first: handwriting before MNIST, mistakes before tables."""
    found = []
    for source in (HANDWRITING, MNIST):
        if source not in run.test:
            continue
        name, one = words.name_of(run, source, run.test), run.test[source]
        said = f"{words.count(one.errors, 'digit')} of {one.n:,} misread"
        names = {
            "wrong": (f"{source}-wrong.png", f"{name}: {said}", f"The digits of {name} that were misread"),
            "confusion": (f"confusion-{source}.png", f"{name}: labels and predictions", f"Confusion table of {name}"),
            "by digit": (f"by-digit-{source}.png", f"{name}: each digit", f"Recall and precision by digit of {name}"),
            "reliable": (f"reliability-{source}.png", f"{name}: confidence and accuracy", f"Reliability of {name}"),
        }
        for kind, (file, caption, alt) in names.items():
            if kind == "wrong" and not one.errors:
                continue  # a picture of nothing
            part = "calibration" if kind == "reliable" else "digits"
            found.append((part, Picture(run.files.galleries / file, alt, caption)))
    files = run.files
    corrupted = "Some digits, corrupted in each way, and how many are read right"
    typical = "Measured properties of each source beside MNIST's, and typical digits"
    return [
        *found,
        ("robustness", Picture(files.robustness_picture, corrupted, "Digits corrupted on purpose")),
        ("gap", Picture(files.domain_gap_picture, typical, "What was measured")),
    ]
