"""The data card: what the digit table holds, where it comes from, and what it cannot show."""

from pipeline.pictures.summary import FEW_WRITERS
from pipeline.reader.normalizations import IN_WORDS
from pipeline.reports import words
from pipeline.reports.markdown import code, plain, share, table
from pipeline.reports.origins import notes, origins
from pipeline.reports.reading import Run
from pipeline.reports.tallies import Tally, counted


def written(run: Run) -> str:
    """Return the card as Markdown; the same run gives the same text."""
    tallies = counted(run.table)
    parts = [
        "# Data card: the digit table\n\n",
        _what(run, tallies),
        "## Counts\n\n",
        _counts(run, tallies),
        "## Rejects\n\n",
        _rejects(run),
        "## How digits were cut\n\n",
        _cut(run),
        "## Licences and provenance\n\n",
        _licences(run),
        "## Splits and writers\n\n",
        _splits(run),
        "## Known limits\n\n",
        "".join(f"- {limit}\n" for limit in limits(run, tallies)),
    ]
    return "".join(parts)


def _what(run: Run, tallies: list[Tally]) -> str:
    total = sum(one.n for one in tallies)
    return (
        f"{code(run.files.digits)}: {total:,} images of handwritten digits 0 to 9, 28x28 pixels of 8 bits (0 = paper, "
        "255 = ink), each with its label, source, writer, place on its photo and split. Columns and types are in "
        f"{code('croissant.json')} beside this card.\n\nSHA-256 {code(run.sha256)}\n\n"
        "It is meant for training and testing recognisers of single handwritten digits, above all as people in China "
        "write them.\n\n"
    )


def _counts(run: Run, tallies: list[Tally]) -> str:
    rows = [
        (code(words.name_of(run, one.source)), one.split, f"{one.n:,}", f"{one.writers:,}", f"{one.without_writer:,}")
        for one in tallies
    ]
    digits = [(code(words.name_of(run, one.source)), one.split, *(f"{n:,}" for n in one.by_digit)) for one in tallies]
    removed = [(reason.replace("_", " "), f"{n:,}") for reason, n in run.merge.removed.items()]
    return (
        table(("source", "split", "digits", "writers", "digits without a writer"), rows, ("split",))
        + "By digit:\n\n"
        + table(("source", "split", *"0123456789"), digits, ("split",))
        + "Not in these counts:\n\n"
        + table(("reason", "digits"), removed)
    )


def _rejects(run: Run) -> str:
    rows = [
        (
            code(words.name_of(run, name)),
            f"{one.photos:,}",
            f"{one.digits:,}",
            f"{one.rejects:,}",
            _reasons(one.reasons),
        )
        for name, one in run.sheets.collections.items()
    ]
    if not rows:
        return "No photos were read.\n\n"
    return "What was not certain was left out, never guessed.\n\n" + table(
        ("collection", "photos", "digits", "rejects", "reasons"), rows, ("reasons",)
    )


def _reasons(reasons: dict[str, int]) -> str:
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{plain(reason)} {n:,}" for reason, n in ordered) or "-"


def _cut(run: Run) -> str:
    method = run.params.sheets.normalize
    return (
        f"Digits of photos: {IN_WORDS[method]} ({code(f'sheets.normalize: {method}')}). Labels come from the printed "
        f"sheet or from what {code('sheets.yaml')} says of a photo; corrections by hand stand in "
        f"{code('raw/corrections.csv')}.\n\n"
    )


def _licences(run: Run) -> str:
    rows = [(code(words.name_of(run, one.source)), plain(one.license), plain(one.origin)) for one in origins(run)]
    said = "".join(f"{note}\n\n" for note in notes(run))
    return table(("source", "licence", "origin"), rows, ("licence", "origin")) + said


def _splits(run: Run) -> str:
    merge = run.params.merge
    trained = "all sources" if merge.train_sources == "all" else ", ".join(map(code, merge.train_sources))
    if run.params.mnist.source == "bundled":
        mnist = f"Of the bundled MNIST digits {share(run.params.mnist.test_fraction)} are test digits"
    else:
        mnist = "The official MNIST test set stays the test set"
    return (
        f"{words.writers_apart(run)} Exact repeats were removed. {mnist}; of each collection's "
        f"writers {share(merge.test_fraction)} are set aside for the test unless {code('sheets.yaml')} fixes it. "
        f"Trained on: {trained}.\n\n"
    )


def limits(run: Run, tallies: list[Tally]) -> list[str]:
    """Return what the table cannot show, a sentence each, from its counts."""
    found = []
    names = [one.source for one in origins(run)]
    drawn = [one.source for one in origins(run) if one.simulated]
    if drawn:
        found.append(
            f"{', '.join(map(code, drawn))}: simulated, drawn by a program. Good numbers on it say that the pipeline "
            "works, not how well people's handwriting is read."
        )
    if words.handwriting_kind(run) in ("real", "partly simulated") and words.writers_tested(run) < FEW_WRITERS:
        found.append(
            f"The handwriting in the test is by {words.people(words.writers_tested(run))}: other people may write "
            "in ways that are not in it."
        )
    if words.handwriting_kind(run) == "none":
        found.append("No handwriting of a collection is in the test.")
    if without := sum(one.without_writer for one in tallies):
        found.append(
            f"{without:,} digits have no known writer: nothing keeps one person's out of two folds, or of both splits."
        )
    if len(names) > 1 or drawn:
        found.append(
            "The collections are what was at hand: no representative sample of the people who write digits in China."
        )
    missing = [one for one in tallies if 0 in one.by_digit]
    found += [
        f"{code(one.source)}, {one.split}: no digit {', '.join(str(d) for d, n in enumerate(one.by_digit) if not n)}."
        for one in missing
    ]
    return found
