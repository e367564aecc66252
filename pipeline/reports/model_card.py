"""The model card: what the networks are for, how well they read and where they fail.

The headings follow M. Mitchell et al., "Model Cards for Model Reporting", FAT* 2019, section 4.
"""

from collections.abc import Mapping

from pipeline.reader.normalizations import IN_WORDS
from pipeline.reports import words
from pipeline.reports.markdown import code, interval, plain, share, table
from pipeline.reports.origins import origins
from pipeline.reports.reading import Run
from pipeline.reports.shapes import Source, Tracked

EXAMPLE = """\
from pathlib import Path

from pipeline import digits
from pipeline.learning.ensemble import load_ensemble

rows = digits.load(Path("{digits}")).slice(0, 10)
probabilities = load_ensemble(Path("{models}")).predict(digits.images(rows))
print(probabilities.argmax(axis=1))
"""


def written(run: Run) -> str:
    """Return the card as Markdown; the same run gives the same text."""
    return (
        f"# Model card: {run.model.architecture}\n\n{words.headline(run)}\n\n"
        f"## Model details\n\n{_details(run)}"
        f"## Intended use\n\n{_use()}"
        f"## Factors and metrics\n\n{_factors()}"
        f"## Training digits\n\n{_trained_on(run)}"
        f"## Results on test digits\n\n{_results(run, run.test)}"
        f"## Results out of fold\n\n{_out_of_fold(run)}\n\n"
        f"{_results(run, words.distinct(run.out_of_fold.sources))}"
        f"## Where it fails\n\n{_fails(run)}"
        f"## Confidence\n\n{_confidence(run)}"
        f"## Ethical considerations\n\n{_ethics()}"
        f"## How to load it\n\n{_load(run)}"
    )


def _details(run: Run) -> str:
    recipe = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in run.train.recipe.items())
    networks = words.count(len(run.model.weights), "network")
    activation = f", activation {run.model.activation}" if run.model.architecture == "lenet5" else ""
    return (
        f"- {networks} {code(run.model.architecture)}{activation}, {run.model.parameters:,} parameters each; the "
        "prediction is the digit with the highest mean probability\n"
        f"- input: 28x28 pixels, 0 = paper, 255 = ink: {IN_WORDS[run.params.sheets.normalize]}\n"
        "- output: ten probabilities\n"
        f"- recipe: {plain(recipe)}, seed {run.train.seed}\n"
        f"- weights: {code(run.files.models)}, safetensors, with their SHA-256 in {code('model.json')}\n"
        "- the code is under the MIT licence; what may be done with the weights depends on the licences of the digits "
        "as well, which the data card names\n\n"
    )


def _use() -> str:
    return (
        "For reading single handwritten digits 0 to 9 that this pipeline cut from photos of sheets, and as a baseline "
        "to compare networks with.\n\n"
        "Not for: digits cut or centred in another way, several digits in one image, letters, Chinese numerals, "
        "printed digits, signatures; images without a digit, which it will call one all the same; any reading on "
        "which somebody depends without a person checking it, such as cheques, exams, forms or medical "
        "records; telling who wrote something.\n\n"
    )


def _factors() -> str:
    return (
        "Who writes matters most, then pen, paper, camera and how the digit was cut. Accuracy comes with Wilson's 95% "
        "interval, and with one from drawing whole writers anew where at least two are known. Recall of a digit: the "
        "share of its images that are read right.\n\n"
    )


def _trained_on(run: Run) -> str:
    rows = [
        (code(words.name_of(run, one.source)), f"{run.merge.digits[one.source].train:,}", plain(one.license))
        for one in origins(run)
        if run.merge.digits[one.source].train
    ]
    return table(("source", "digits", "licence"), rows, ("licence",)) + (
        "Counts by writer and digit, and how digits were cut, are in the data card. Distorted copies of train digits "
        "are made from train digits alone.\n\n"
    )


def _results(run: Run, sources: Mapping[str, Source]) -> str:
    found = words.distinct(sources)
    rows = [
        (
            code(words.name_of(run, name, sources)),
            f"{one.n:,}",
            f"{one.errors:,}",
            share(one.accuracy),
            interval(one.ci95_low, one.ci95_high),
            interval(one.writers.ci95_low, one.writers.ci95_high) if one.writers else "-",
            f"{one.writers.n:,}" if one.writers else "-",
        )
        for name, one in found.items()
    ]
    columns = ("source", "n", "errors", "accuracy", "95% interval", "95% interval by writers", "writers")
    tracked = [
        (code(words.name_of(run, name, sources)), digit, share(entry.recall), share(entry.precision), _misread(entry))
        for name, one in found.items()
        for digit, entry in one.tracked.items()
    ]
    return table(columns, rows) + table(
        ("source", "digit", "recall", "precision", "most often read as (times)"), tracked
    )


def _out_of_fold(run: Run) -> str:
    said = (
        "Train digits, each read by the one network that was trained neither on it nor, where its writer is known, on "
        "another digit by the same person.",
        words.watched_loss(run),
    )
    return " ".join(filter(None, said))


def _misread(entry: Tracked) -> str:
    return "-" if entry.top_confusion is None else f"{entry.top_confusion} ({entry.top_confusion_n:,})"


def _fails(run: Run) -> str:
    lines = []
    for name, one in words.distinct(run.test).items():
        shown = code(words.name_of(run, name, run.test))
        if one.worst_digit and one.worst_digit.recall < 1:
            lines.append(
                f"{shown}: digit {one.worst_digit.digit} is read worst, recall {share(one.worst_digit.recall)}"
            )
        if one.writers and one.writers.worst and one.writers.worst.errors:
            worst = one.writers.worst
            lines.append(
                f"{shown}: writer {code(worst.writer)} is read worst, {worst.errors:,} of {worst.n:,} wrong "
                f"({share(worst.accuracy)})"
            )
    for name, hurt in words.distinct(run.robustness).items():
        lines.append(
            f"{code(words.name_of(run, name, run.robustness))}, corrupted on purpose: {share(hurt.mean_accuracy)} on "
            f"average over {len(hurt.corruption)} corruptions, worst {hurt.worst.corruption.replace('_', ' ')} at "
            f"{share(hurt.worst.accuracy)}"
        )
    for name, gap in words.distinct(run.gap).items():
        shown = code(words.name_of(run, name, run.gap))
        lines += [f"{shown} beside MNIST: {plain(sentence)}" for sentence in gap.says[:1]]
    return "".join(f"- {line}\n" for line in lines) + "\n" if lines else "No failure is known from these numbers.\n\n"


def _confidence(run: Run) -> str:
    temperature = run.out_of_fold.temperature
    rows = [
        (code(words.name_of(run, name, run.test)), share(one.calibration.ece), share(one.calibration.ece_scaled))
        for name, one in words.distinct(run.test).items()
        if one.calibration
    ]
    said = (
        f"Temperature {temperature:g}, fitted on out-of-fold digits: raise each probability to the power "
        f"1/{temperature:g} and divide by their sum. The prediction stays the same, its confidence means more.\n\n"
    )
    return said + table(("source", "calibration error", "with the temperature"), rows) + _sure(run)


def _sure(run: Run) -> str:
    lines = [
        f"- {code(words.name_of(run, name, run.test))}: with a confidence of at least {one.selective.threshold} "
        f"(before the temperature) {share(one.selective.read)} of the digits are read, {one.selective.errors or 0:,} "
        f"of {one.selective.n or 0:,} wrong; leave the others to a person\n"
        for name, one in words.distinct(run.test).items()
        if one.selective and one.selective.threshold is not None
    ]
    return "".join(lines) + "\n" if lines else ""


def _ethics() -> str:
    return (
        "Handwriting can tell who wrote it: ask before photos are collected, and remove them when asked to. Digits of "
        "groups that no collection holds, such as young children or people with a tremor, may be read worse; nothing "
        "here measures that.\n\n"
    )


def _load(run: Run) -> str:
    example = EXAMPLE.format(digits=run.files.digits.as_posix(), models=run.files.models.as_posix())
    return f"In the repository, with its environment:\n\n```python\n{example}```\n"
