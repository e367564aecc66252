"""Sentences that the page and the cards share, each made from the numbers."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from pipeline import scores
from pipeline.pictures.summary import FEW_WRITERS, shown_name
from pipeline.reports.reading import Run
from pipeline.reports.shapes import Source
from pipeline.scores import HANDWRITING, MNIST

FOCUSED = 2  # digits that the next sheet is asked to hold more of

AnyT = TypeVar("AnyT")


def name_of(run: Run, source: str, measured: Iterable[str] | None = None) -> str:
    """Return a source's name, marked where its digits are simulated, as :func:`shown_name` marks it."""
    return shown_name(source, run.sheets.model_dump(), measured)


def collections(sources: Mapping[str, object]) -> list[str]:
    """Return the names that are collections."""
    return [name for name in sources if name not in (MNIST, HANDWRITING)]


def distinct(sources: Mapping[str, AnyT]) -> dict[str, AnyT]:
    """Return what :func:`pipeline.scores.distinct` keeps: collections, ``handwriting``, then ``mnist``.

    What the collector asks for comes first.
    """
    kept = scores.distinct(sources)
    return {name: sources[name] for name in (*collections(sources), HANDWRITING, MNIST) if name in kept}


def handwriting_kind(run: Run) -> str:
    """Return what the handwriting among the test digits is: ``none``, ``simulated``, ``partly simulated``, ``real``."""
    found = collections(run.test)
    drawn = [name for name in found if name in run.sheets.collections and run.sheets.collections[name].simulated]
    if not found:
        return "none"
    return "simulated" if len(drawn) == len(found) else "partly simulated" if drawn else "real"


def writers_tested(run: Run) -> int:
    """Return how many known writers of collections are tested on."""
    return sum(run.merge.writers[name].test for name in collections(run.test) if name in run.merge.writers)


def writers_apart(run: Run) -> str:
    """Say whose digits are never on both sides of a split: known writers'."""
    unknown = run.table.column("writer").null_count
    if not unknown:
        return "Nobody's handwriting is in both splits, or in two folds."
    return (
        "No known writer's digits are in both splits, or in two folds. "
        f"{count(unknown, 'digit has', 'digits have')} no known writer: one person's among them may be in both."
    )


def people(n: int) -> str:
    """Return `1 person`, `3 people`; of 0, whose writers are not known: `people`."""
    return "people" if n == 0 else "1 person" if n == 1 else f"{n:,} people"


def count(n: int, one: str, many: str = "") -> str:
    """Return `1 suspect`, `12 suspects`."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"


def headline(run: Run) -> str:
    """Say in a sentence or two how good the reading of handwriting is, and whose handwriting it is."""
    kind = handwriting_kind(run)
    if kind == "none":
        return "There is no handwriting of a collection among the test digits: the numbers here are MNIST's alone."
    one = run.test[HANDWRITING]
    certain = f"95% interval {one.ci95_low:.2%} to {one.ci95_high:.2%}"
    result = f"{one.n - one.errors:,} of {one.n:,} digits read correctly, {one.accuracy:.2%} ({certain})"
    if kind == "simulated":
        return f"The handwriting in this run is simulated: drawn by a program, not by people. Of it, {result}."
    mixed = " Some of these digits are simulated, not written by people." if kind == "partly simulated" else ""
    return f"Handwriting of {people(writers_tested(run))} it never met: {result}.{mixed}"


def writers_sentence(source: Source) -> str:
    """Say how much the accuracy depends on who writes; empty where no two writers are known."""
    if source.writers is None:
        return ""
    found = source.writers
    rough = " With so few writers this interval is itself rough." if found.n < FEW_WRITERS else ""
    left = f" {found.unknown:,} digits have no known writer and take no part." if found.unknown else ""
    return (
        f"When whole writers are drawn anew ({found.n:,}), the interval is {found.ci95_low:.2%} to "
        f"{found.ci95_high:.2%}: nearer to what other people may expect.{rough}{left}"
    )


def watched_loss(run: Run) -> str:
    """Say what the schedule ``plateau`` takes from out-of-fold numbers; empty for the others, which look at none."""
    if run.train.recipe.get("schedule") != "plateau":
        return ""
    return (
        "The schedule of this run, plateau, lowered the rate and ended the training by the loss on these very digits, "
        "so that the numbers may be a little too good."
    )


def weak_digits(run: Run) -> list[int]:
    """Return the digits of handwriting with the lowest out-of-fold recall below 1; of all train digits without it.

    From train rows alone: no choice is made on a test digit.
    """
    sources = run.out_of_fold.sources
    source = sources.get(HANDWRITING) or sources.get(MNIST)
    if source is None:
        return []
    known = [(entry.recall, int(digit)) for digit, entry in source.by_digit.items() if entry.recall is not None]
    return sorted(digit for recall, digit in sorted(known)[:FOCUSED] if recall < 1)


def suspects(run: Run) -> int:
    """Return how many labels of all sources are suspect."""
    return sum(entry.suspects for name, entry in run.audit.items() if name != HANDWRITING)


def next_steps(run: Run) -> list[tuple[str, str]]:
    """Return what to do next as (sentence, command or file), the most useful first; the second may be empty."""
    steps = []
    if handwriting_kind(run) in ("none", "simulated"):
        steps.append(
            ("Have people fill in sheets and photograph them; print one with", "mnist-cn template --out sheet.pdf")
        )
    if found := suspects(run):
        steps.append((f"{count(found, 'suspect')} to look at:", f"{run.files.audit_folder}/suspects.csv"))
    if rejected := run.sheets.rejects:
        said = (
            f"{count(rejected, 'reject')} from {count(run.sheets.photos, 'photo')}: see which are worth a new photo in"
        )
        steps.append((said, f"{run.files.sheets.with_suffix('')}/index.html"))
    if handwriting_kind(run) in ("real", "partly simulated") and writers_tested(run) < FEW_WRITERS:
        said = f"Ask more people: {people(writers_tested(run))} in the test say little about everybody else."
        steps.append((said, ""))
    if weak := weak_digits(run):
        digits, focus = " and ".join(map(str, weak)), ",".join(map(str, weak))
        verb, them = ("is", "it") if len(weak) == 1 else ("are", "them")
        said = f"Out of fold, {digits} {verb} read worst; a sheet with more of {them}:"
        steps.append((said, f"mnist-cn template --focus {focus} --out sheet.pdf"))
    return steps
