"""Parts of the page on how well digits are read: on the test, by digit, and out of fold."""

from collections.abc import Mapping

from pipeline.reports import charts, words
from pipeline.reports.markup import (
    Html,
    bar,
    bullets,
    code,
    interval,
    joined,
    more,
    number,
    paragraph,
    share,
    table,
    text,
)
from pipeline.reports.reading import Run
from pipeline.reports.shapes import Source


def on_test(run: Run) -> Html:
    """Say how good it is on test digits, each accuracy with its intervals."""
    found = words.distinct(run.test)
    return joined(
        paragraph(
            words.writers_apart(run),
            " No choice was made on a test digit. Thick line: 95% interval of Wilson; thin line: the interval when "
            "whole writers are drawn anew.",
        ),
        _chart(run, found),
        _accuracies(run, found, "Accuracy on test digits"),
        _writers(run, found, "Test writers"),
        _worst(run, found),
        paragraph("Whether new photos helped: ", code("mnist-cn compare HEAD~1 HEAD"), kind="small"),
    )


def by_digit(run: Run) -> Html:
    """Say how the tracked digits were read, what they were taken for, and all ten digits."""
    found = words.distinct(run.test)
    tracked = [_tracked(run, name, source) for name, source in found.items()]
    return joined(
        *tracked,
        more("All ten digits", joined(*(_ten(run, name, source) for name, source in found.items()))),
    )


def out_of_fold(run: Run) -> Html:
    """Say how train digits were read by the network that had not seen them or their writers."""
    found = words.distinct(run.out_of_fold.sources)
    return joined(
        paragraph(
            "Each train digit, read by the one network that was trained neither on it nor, where its writer is known, "
            "on another digit by the same person. With few writers in the test, these are the steadier numbers.",
            f" {watched}" if (watched := words.watched_loss(run)) else "",
        ),
        _accuracies(run, found, "Accuracy out of fold"),
        _writers(run, found, "Train writers"),
        _worst(run, found),
    )


def _chart(run: Run, found: Mapping[str, Source]) -> Html:
    rows = [
        charts.Interval(
            f"{words.name_of(run, name, found)}: {one.accuracy:.2%} of {one.n:,}",
            one.accuracy,
            (one.ci95_low, one.ci95_high),
            (one.writers.ci95_low, one.writers.ci95_high) if one.writers else None,
        )
        for name, one in found.items()
    ]
    return joined(Html('<div class="chart">'), charts.intervals(rows), Html("</div>\n")) if rows else Html("")


def _accuracies(run: Run, found: Mapping[str, Source], caption: str) -> Html:
    rows = [
        (
            words.name_of(run, name, found),
            number(one.n),
            number(one.errors),
            share(one.accuracy),
            interval(one.ci95_low, one.ci95_high),
        )
        for name, one in found.items()
    ]
    return table(caption, ("source", "n", "errors", "accuracy", "95% interval"), rows)


def _writers(run: Run, found: Mapping[str, Source], caption: str) -> Html:
    rows = [
        (words.name_of(run, name, found), number(one.writers.n), interval(one.writers.ci95_low, one.writers.ci95_high))
        for name, one in found.items()
        if one.writers
    ]
    return table(caption, ("source", "writers", "95% interval by writers"), rows)


def _worst(run: Run, found: Mapping[str, Source]) -> Html:
    """Name the worst writer and the worst digit of each source, beside its mean."""
    lines = []
    for name, one in found.items():
        parts: list[object] = []
        if one.worst_digit and one.errors:
            parts += [" worst digit ", number(one.worst_digit.digit), ", recall ", share(one.worst_digit.recall), ";"]
        worst = one.writers.worst if one.writers else None
        if worst and worst.errors:
            wrong = joined(number(worst.errors), " of ", number(worst.n), " wrong, accuracy ", share(worst.accuracy))
            parts += [" worst writer ", worst.writer, ", ", wrong, ";"]
        if one.writers and one.writers.unknown:
            parts += [" ", number(one.writers.unknown), " digits without a known writer;"]
        lines.append(joined(words.name_of(run, name, found), ":", *(parts[:-1] or [" no digit was misread"]), "."))
    return bullets(lines)


def _tracked(run: Run, name: str, source: Source) -> Html:
    rows = []
    for digit, one in source.tracked.items():
        misread = (
            joined(number(one.top_confusion), " (", number(one.top_confusion_n), ")")
            if one.top_confusion is not None
            else text("-")
        )
        n = number(source.by_digit[digit].n) if digit in source.by_digit else text("-")
        rows.append((digit, n, share(one.recall), share(one.precision), misread))
    columns = ("digit", "n", "recall", "precision", "most often read as (times)")
    return table(f"Tracked digits: {words.name_of(run, name, run.test)}", columns, rows)


def _ten(run: Run, name: str, source: Source) -> Html:
    rows = [
        (digit, number(one.n), share(one.recall), bar(one.recall), share(one.precision))
        for digit, one in source.by_digit.items()
    ]
    columns = ("digit", "n", "recall", "recall as a bar", "precision")
    return table(f"All digits: {words.name_of(run, name, run.test)}", columns, rows, ("recall as a bar",))
