"""Stage `audit`: labels, crops and rows that may be wrong, and digits that are there twice.

Train digits were read out of fold, test digits by the ensemble: always by networks that were trained neither on the
digit nor, as far as writers are known, on its writer. Nothing is ever corrected here: `corrections.csv` holds lines
that a person may copy to `raw/corrections.csv` after looking at the photo. Test digits are audited too, and have a file
of their own, because correcting only those test digits with which the networks disagree flatters the networks: whoever
corrects a test set should look at every digit of it.
"""

from pathlib import Path
from typing import Any

import numpy as np

from pipeline import digits as digit_table
from pipeline import params as parameters
from pipeline.atomic import replacing, write_json, write_text
from pipeline.auditing import gathered, written
from pipeline.auditing.judged import Audited, judged
from pipeline.errors import BadInputError
from pipeline.stage import run


def audited(digits: Path, out_of_fold: Path, predictions: Path, settings: parameters.Audit) -> Audited:
    """Judge every digit that was read.

    Raises
    ------
    BadInputError
        If a file cannot be used, the files do not belong together, or nothing was read.
    """
    table = digit_table.load(digits)
    parts = [
        gathered.gathered(table, split, gathered.load(path), path)
        for split, path in (("train", out_of_fold), ("test", predictions))
    ]
    places = np.concatenate([places for places, _ in parts])
    if not len(places):
        raise BadInputError(f"{out_of_fold}, {predictions}: expected a digit at least, got none; run `dvc repro`")
    order = np.argsort(places)
    probabilities = np.concatenate([read for _, read in parts])[order]
    return judged(
        table.take(places[order]).combine_chunks(),
        probabilities,
        settings.unsure,
        settings.near_spreads,
    )


def save(found: Audited, folder: Path, drawn: int) -> None:
    """Write the lists and a gallery a source, in a folder that holds nothing else."""
    with replacing(folder) as draft:
        draft.mkdir()
        write_text(draft / "suspects.csv", written.suspects(found))
        write_text(draft / "corrections.csv", written.corrections(found, "train"))
        write_text(draft / "corrections-test.csv", written.corrections(found, "test"))
        write_text(draft / "duplicates.csv", written.duplicates(found))
        _draw(found, draft, drawn)


def _draw(found: Audited, folder: Path, drawn: int) -> None:
    from pipeline.pictures import suspects

    sources = digit_table.strings(found.table, "source")
    images, predictions = digit_table.images(found.table), found.read.predictions
    for source in sorted({str(name) for name in sources}):
        own = [place for place in found.findings if sources[place] == source]
        chosen = np.array(own[:drawn], dtype=np.intp)
        shown = suspects.Shown(
            images[chosen],
            found.read.labels[chosen],
            predictions[chosen],
            found.read.probabilities[chosen].max(axis=1, initial=0).tolist(),
            [found.findings[place].verdict.value for place in chosen.tolist()],
        )
        which = f", the {drawn} least believable" if len(own) > drawn else ""
        title = f"{source}: {len(own):,} suspects of {sources.count(source):,} digits{which}"
        suspects.draw(folder / f"{source}.png", shown, title)


def main(params: Path, *, digits: Path, out_of_fold: Path, predictions: Path, metrics: Path, findings: Path) -> None:
    """Write the numbers of suspects, and the lists and galleries that name them."""
    settings = parameters.load(params).audit
    found = audited(digits, out_of_fold, predictions, settings)
    content: dict[str, Any] = written.metrics(found)
    save(found, findings, settings.suspects_drawn)
    write_json(metrics, content)


if __name__ == "__main__":
    run(main)
