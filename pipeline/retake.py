"""What a check of photos found, and what to do next: take some again, say what they are, or run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.read_folders import SHEETS_YAML, raw_above
from pipeline.reader.read import Reading
from pipeline.reader.records import Reason

# What sheets.yaml says is at fault, or a name, or a place: not the photo.
DESCRIBED = (
    *(Reason.BAD_SHEETS_YAML, Reason.NO_LABEL, Reason.BAD_NAME, Reason.NO_COLLECTION, Reason.LINKS_OUTSIDE),
    Reason.TURN_UNSURE,  # no better photo of a page of ones says which way is up
    Reason.UNLIKE_LABELS,
)


@dataclass
class Found:
    """What a check found."""

    digits: int = 0
    rejects: int = 0
    retake: int = 0  # photos
    described: int = 0  # photos, sheets.yaml or folders, of which something else must be said, or that must be renamed
    counted: int = 0  # photos to be taken again, unless `rows` is wrong
    refused: int = 0  # rejects that something is written in
    unmarked: int = 0  # photos without a printed sheet, of those that should show one

    @property
    def fine(self) -> bool:
        """Whether there are digits and nothing has to be taken again or said otherwise."""
        return self.digits > 0 and self.retake == 0 and self.described == 0

    def add(self, reading: Reading) -> None:
        """Count one photo's digits and rejects."""
        self.digits += len(reading.digits)
        self.rejects += len(reading.rejects)
        faults = {reject.reason for reject in reading.rejects if reject.reason.needs_retake}
        self.retake += bool(faults.difference(DESCRIBED))
        self.described += not faults.isdisjoint(DESCRIBED)
        self.counted += faults == {Reason.ROW_COUNT}
        self.refused += sum(one.row is not None and one.reason is not Reason.BLANK for one in reading.rejects)
        unmarked = any(reject.reason is Reason.NOT_REGISTERED for reject in reading.rejects)
        self.unmarked += unmarked and reading.photo.settings.layout == "template"


def next_step(found: Found, place: Path, stated: dict[str, Any]) -> str:
    """Return what to do now, in a line: take photos again, or say what they are, or run."""
    if found.unmarked:
        return (
            "next: no printed sheet? --layout rows: plain or lined paper, grid: a ruled table, crops: one digit a "
            "file; else take them again with the whole sheet"
        )
    if found.refused > found.digits:
        return "next: look at the picture: is it the paper and the digits that --layout, --rows or --label say?"
    if found.described:
        return "next: correct sheets.yaml or names as said above (or --layout, --rows, --label), and check again"
    if found.retake:
        first = "correct `rows` where it is wrong (or --rows); else " if found.counted == found.retake else ""
        return f"next: {first}take those again, put them in the old ones' place, and check again"
    if not found.digits:
        return "next: nothing is written there, or not dark enough to be seen; check another photo"
    folder = place if place.is_dir() else place.parent
    raw = raw_above(folder)
    steps = ["put them into raw/<collection>/"] if raw is None else []
    if stated:
        keys = ", ".join(f"`{key}`" for key in sorted(stated))
        where = (Path("raw/<collection>") if raw in (None, folder.resolve()) else folder) / SHEETS_YAML
        steps.append(f"write {keys} as stated here into {where}")
    return f"next: {', '.join([*steps, '`dvc repro` reads them'])}"
