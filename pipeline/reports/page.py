"""The page of a run: one HTML file that needs no network, for a phone or a large screen, light or dark."""

from pipeline.reports import accuracy, behaviour, course, figures, suspects, words
from pipeline.reports.markup import Html, bullets, code, joined, paragraph, text
from pipeline.reports.reading import Run
from pipeline.reports.style import STYLE
from pipeline.scores import HANDWRITING, MNIST


def written(run: Run) -> str:
    """Return the page; the same run gives the same text.

    Raises
    ------
    BadInputError
        If a picture is no image, or the suspects are not of these digits.
    """
    writers = words.writers_sentence(run.test[HANDWRITING]) if HANDWRITING in run.test else ""
    title = f"Run report: {run.train.architecture}"
    sections = [(name, heading, content) for name, heading, content in _sections(run) if content]
    contents = bullets(Html(f'<a href="#{name}">{text(heading)}</a>') for name, heading, _ in sections)
    return joined(
        Html('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">\n'),
        Html('<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'),
        Html(f"<title>{text(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n"),
        Html(f"<h1>{text(title)}</h1>\n"),
        paragraph(words.headline(run), kind="lead"),
        paragraph(writers, kind="small") if writers else "",
        _facts(run),
        Html('</header>\n<nav aria-label="Contents"><details><summary>Contents</summary>\n'),
        contents,
        Html("</details></nav>\n<main>\n"),
        *(_section(*one) for one in sections),
        Html("</main>\n</body>\n</html>\n"),
    )


def _section(name: str, heading: str, content: Html) -> Html:
    head = Html(f'<section id="{name}" aria-labelledby="h-{name}">\n<h2 id="h-{name}">{text(heading)}</h2>\n')
    return joined(head, content, Html("</section>\n"))


def _sections(run: Run) -> list[tuple[str, str, Html]]:
    """Return each section's name, heading and content, in the order of the page."""
    drawn = figures.shown(run)
    return [
        ("next", "What to do next", _next_steps(run)),
        ("test", "How good is it?", accuracy.on_test(run)),
        ("digits", "Which digits fail, and how", joined(accuracy.by_digit(run), drawn.get("digits", ""))),
        ("out-of-fold", "Read by a network that had not met the writer", accuracy.out_of_fold(run)),
        ("calibration", "When it says 99%, is it?", joined(behaviour.calibration(run), drawn.get("calibration", ""))),
        ("robustness", "Corrupted digits", joined(behaviour.robustness(run), drawn.get("robustness", ""))),
        ("gap", "What tells this handwriting from MNIST", joined(behaviour.domain_gap(run), drawn.get("gap", ""))),
        ("audit", "Labels to look at", suspects.audit(run)),
        ("rejects", "What could not be read", course.rejects(run)),
        ("counts", "What came in", course.came_in(run)),
        ("training", "Training", course.training(run)),
        ("parameters", "Parameters", course.parameters(run)),
    ]


def _facts(run: Run) -> Html:
    """Return the few numbers that stand on top."""
    facts = []
    for source in (HANDWRITING, MNIST):
        if source in run.test:
            one = run.test[source]
            shown = words.name_of(run, source, run.test)
            facts.append((f"{one.accuracy:.2%}", f"{shown}: {one.errors:,} wrong of {one.n:,}"))
    if words.handwriting_kind(run) != "none":
        simulated = " (simulated)" if words.handwriting_kind(run) == "simulated" else ""
        facts.append((f"{words.writers_tested(run):,}", f"test writers of handwriting{simulated}"))
    facts.append((f"{words.suspects(run):,}", "suspect labels"))
    items = [joined(Html("<li><strong>"), big, Html("</strong> "), small, Html("</li>\n")) for big, small in facts]
    return joined(Html('<ul class="facts">\n'), *items, Html("</ul>\n"))


def _next_steps(run: Run) -> Html:
    steps = words.next_steps(run)
    if not steps:
        return paragraph("Nothing asks for attention.")
    lines = [joined(said, " ", code(typed, kind="typed")) if typed else text(said) for said, typed in steps]
    return joined(Html("<ol>\n"), *(joined(Html("<li>"), line, Html("</li>\n")) for line in lines), Html("</ol>\n"))
