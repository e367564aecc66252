"""Parts of the page on what came in and how it was trained: counts, rejects, curves and parameters."""

from collections.abc import Callable, Mapping

from pipeline.curves import Point
from pipeline.reports import charts, words
from pipeline.reports.markup import Html, figure, joined, more, number, paragraph, share, table
from pipeline.reports.reading import Run
from pipeline.reports.tallies import counted

# What decides no number: where tasks work, where files lie, and what another command does.
NO_PART = {"sweep": True, "parallel": True, "mnist": {"folder"}, "train": {"device"}}


def came_in(run: Run) -> Html:
    """Say how many digits there are by source, split and writer, and what was left out of them."""
    tallies = counted(run.table)
    rows = [
        (
            words.name_of(run, one.source),
            one.split,
            number(one.n),
            number(one.writers),
            number(one.without_writer),
        )
        for one in tallies
    ]
    by_digit = [(words.name_of(run, one.source), one.split, *map(number, one.by_digit)) for one in tallies]
    removed = [(reason.replace("_", " "), number(n)) for reason, n in run.merge.removed.items()]
    columns = ("source", "split", "digits", "writers", "without a writer")
    return joined(
        table("Digits", columns, rows, ("split",)),
        more("By digit", table("Digits by label", ("source", "split", *"0123456789"), by_digit, ("split",))),
        more("Left out of the table", table("Not in these counts", ("reason", "digits"), removed)),
    )


def rejects(run: Run) -> Html:
    """Say how many cells and photos gave no digit, and why."""
    rows = [
        (words.name_of(run, name), number(one.photos), number(one.digits), number(one.rejects))
        for name, one in run.sheets.collections.items()
    ]
    reasons = sorted(run.sheets.reasons.items(), key=lambda item: (-item[1], item[0]))
    return joined(
        paragraph("What was not certain was left out, never guessed."),
        table("Photos", ("collection", "photos", "digits", "rejects"), rows),
        table("Rejects by reason", ("reason", "rejects"), [(reason, number(n)) for reason, n in reasons]),
    )


def training(run: Run) -> Html:
    """Draw the curves and say what was trained."""
    train, validation = run.train, run.train.validation_accuracy
    error = _lines(run, lambda point: 1 - point.validation_accuracy)
    losses = _lines(run, lambda point: point.validation_loss)
    drawn = [
        figure(charts.curves(lines, label, f"{len(lines)} folds."), f"{label}, a line a fold, logarithmic scale")
        for label, lines in (("validation error (share misread)", error), ("validation loss", losses))
        if any(lines.values())
    ]
    return joined(
        paragraph(
            f"{train.architecture}: ",
            number(train.parameters),
            f" parameters, {words.count(len(run.model.weights), 'network')}, each validated on others' digits: ",
            share(validation.mean),
            " on average",
            "" if validation.std is None else joined(", with a standard deviation of ", share(validation.std)),
            ". What is tested is the mean of their probabilities.",
        ),
        Html('<div class="pair">'),
        *drawn,
        Html("</div>\n"),
    )


def parameters(run: Run) -> Html:
    """List the parameters of the run, and the recipe that they came to."""
    sections = run.params.model_dump(mode="json", exclude=NO_PART)  # type: ignore[arg-type]  # pydantic's own type is private
    rows = [(f"{section}.{key}", _shown(value)) for section, keys in sections.items() for key, value in keys.items()]
    recipe = [(key, _shown(value)) for key, value in [*run.train.recipe.items(), ("seed", run.train.seed)]]
    return joined(
        more("Recipe of the training", table("Recipe", ("setting", "value"), recipe, ("value",))),
        more("All parameters", table(f"{run.files.params}", ("parameter", "value"), rows, ("value",))),
    )


def _lines(run: Run, value: Callable[[Point], float]) -> Mapping[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}
    for point in run.curves:
        found.setdefault(f"fold {point.fold}", []).append((point.epoch, value(point)))
    return found


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "none"
    return str(value)
