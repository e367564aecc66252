"""Parts of the page on when the reading can be trusted: calibration, corruptions, and what tells sources apart."""

from collections.abc import Mapping

from pipeline.reports import words
from pipeline.reports.markup import (
    Html,
    bar,
    bullets,
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
from pipeline.reports.shapes import Gap, Robust, Source


def calibration(run: Run) -> Html:
    """Say whether confidence means what it says, and how many digits can be read almost without error."""
    found = words.distinct(run.test)
    rows = [
        (
            words.name_of(run, name, run.test),
            share(one.calibration.ece),
            share(one.calibration.ece_scaled),
            number(one.calibration.nll, ".4f"),
            number(one.calibration.nll_scaled, ".4f"),
        )
        for name, one in found.items()
        if one.calibration
    ]
    columns = ("source", "error", "error, scaled", "log loss", "log loss, scaled")
    return joined(
        paragraph(
            "The calibration error says how far confidence and accuracy lie apart. Scaled: with the temperature ",
            number(run.out_of_fold.temperature),
            " of the out-of-fold digits; predictions stay the same.",
        ),
        table("Calibration on test digits", columns, rows),
        _selective(run, found),
    )


def _selective(run: Run, found: Mapping[str, Source]) -> Html:
    targets = sorted({one.selective.target for one in found.values() if one.selective})
    rows = [
        (
            words.name_of(run, name, run.test),
            share(one.selective.read),
            number(one.selective.n) if one.selective.n is not None else text("-"),
            number(one.selective.errors) if one.selective.errors is not None else text("-"),
            share(one.selective.accuracy, 3),
        )
        for name, one in found.items()
        if one.selective
    ]
    if not rows:
        return Html("")
    thresholds = sorted(
        {one.selective.threshold for one in found.values() if one.selective and one.selective.threshold}
    )
    aim = " and ".join(f"{target:.1%}" for target in targets)
    said = (
        joined(" when only those with a confidence of at least ", number(thresholds[0], ""), " are read:")
        if thresholds
        else text(": no confidence is high enough, so that none are.")
    )
    return joined(
        paragraph(f"How many digits can be read at {aim}", said, " the threshold is set on out-of-fold digits."),
        table("Reading only what is certain", ("source", "read", "n", "errors", "accuracy"), rows),
    )


def robustness(run: Run) -> Html:
    """Say what noise, blur and the like cost."""
    found = words.distinct(run.robustness)
    rows = [
        (
            words.name_of(run, name, run.robustness),
            number(one.n),
            share(one.clean.accuracy),
            _mean(one),
            joined(_spaced(one.worst.corruption), " ", share(one.worst.accuracy)),
        )
        for name, one in found.items()
    ]
    each = [
        table(
            f"Under each corruption: {words.name_of(run, name, run.robustness)}",
            ("corruption", "errors", "accuracy", "as a bar"),
            [
                (_spaced(kind), number(hurt.errors), share(hurt.accuracy), bar(hurt.accuracy))
                for kind, hurt in sorted(one.corruption.items(), key=lambda item: (item[1].accuracy, item[0]))
            ],
            ("as a bar",),
        )
        for name, one in found.items()
    ]
    return joined(
        paragraph("Test digits corrupted in the 15 ways of MNIST-C: noise, blur, fog, stripes, rotation and others."),
        table("Accuracy under corruption", ("source", "n", "clean", "mean", "worst"), rows, ("worst",)),
        more("Each corruption", joined(*each)),
    )


def _mean(one: Robust) -> Html:
    if one.mean_ci95_low is None or one.mean_ci95_high is None:
        return share(one.mean_accuracy)
    return joined(share(one.mean_accuracy), " (", interval(one.mean_ci95_low, one.mean_ci95_high), ")")


def domain_gap(run: Run) -> Html:
    """Say by which measured properties handwriting differs from MNIST."""
    return joined(*(_gap(run, name, one) for name, one in words.distinct(run.gap).items()))


def _gap(run: Run, name: str, gap: Gap) -> Html:
    heading = joined(Html("<h3>"), words.name_of(run, name, run.gap), Html("</h3>\n"))
    return joined(heading, _told_apart(gap), bullets(gap.says), more("Measured properties", _properties(name, gap)))


def _told_apart(gap: Gap) -> Html:
    if gap.auc is None:
        return paragraph(
            "Too few digits or writers to say how well a classifier tells them from MNIST's.", kind="small"
        )
    ends: tuple[object, ...] = ()
    if gap.auc_ci95_low is not None and gap.auc_ci95_high is not None:
        ends = (" (95% interval ", number(gap.auc_ci95_low, ".3f"), " to ", number(gap.auc_ci95_high, ".3f"), ")")
    pixels = () if gap.auc_pixels is None else (" By their pixels: ", number(gap.auc_pixels, ".3f"), ".")
    return paragraph(
        "A small classifier tells these digits from MNIST's by what was measured, with an area under the curve of ",
        number(gap.auc, ".3f"),
        *ends,
        "; 0.5 would be no difference, 1 a complete one.",
        *pixels,
    )


def _properties(name: str, gap: Gap) -> Html:
    rows = [
        (
            _spaced(key),
            number(one.collection, ".4g"),
            number(one.mnist, ".4g"),
            number(one.difference, "+.4g"),
            number(one.effect, "+.2f"),
            one.unit,
        )
        for key, one in sorted(gap.property.items(), key=lambda item: (-abs(item[1].effect), item[0]))
    ]
    columns = ("property", "here", "MNIST", "difference", "effect", "unit")
    return table(f"Measured properties: {name} beside MNIST", columns, rows, ("unit",))


def _spaced(name: str) -> str:
    return name.replace("_", " ")
