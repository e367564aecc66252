"""How much was read: photos, digits and rejects, counted as readings pass by."""

from collections import Counter
from dataclasses import dataclass, field

from pipeline.reader.read import Reading

DIGIT = "digit"  # counted beside the reasons of rejects
FEW_WRITERS = 100  # in a collection: each is counted in the metrics; of more (a writer a photo), only how many
UNSTATED = "unstated"


@dataclass
class Tally:
    """Counts of one collection, or of all."""

    photos: int = 0
    digits: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    simulated: bool = True  # until a photo comes that is not
    writers: dict[str, Counter[str]] = field(default_factory=dict)  # digits, and rejects by reason
    licenses: set[str] = field(default_factory=set)  # stated for photos that gave digits
    origins: set[str] = field(default_factory=set)

    def add(self, reading: Reading) -> None:
        """Count one reading."""
        self.photos += reading.is_of_a_photo
        self.digits += len(reading.digits)
        self.reasons.update(str(reject.reason) for reject in reading.rejects)
        self.simulated &= reading.photo.settings.simulated
        if reading.digits:
            self.licenses.add(reading.photo.settings.license or UNSTATED)
            self.origins.add(reading.photo.settings.origin or UNSTATED)
        for digit in reading.digits:
            self._count(reading.writer_of(digit.row), DIGIT)
        for reject in reading.rejects:
            self._count(reading.writer_of(reject.row), str(reject.reason))

    def _count(self, writer: str | None, what: str) -> None:
        if writer is not None:
            self.writers.setdefault(writer, Counter())[what] += 1

    def as_json(self) -> dict[str, object]:
        """Return the counts as ``metrics/sheets.json`` has them, without those by writer."""
        counts: dict[str, object] = {
            "photos": self.photos,
            "digits": self.digits,
            "rejects": self.reasons.total(),
            "reasons": dict(sorted(self.reasons.items())),
            "writers": sum(counts[DIGIT] > 0 for counts in self.writers.values()),
        }
        return {**counts, "simulated": True} if self.photos and self.simulated else counts

    def provenance(self) -> dict[str, object]:
        """Return licence and origin of the photos that gave digits, `; ` between where they differ."""
        stated = {"license": self.licenses, "origin": self.origins}
        return {key: "; ".join(sorted(values)) or UNSTATED for key, values in stated.items()}

    def by_writer(self) -> dict[str, object]:
        """Return digits and rejects of each writer; nothing where there are too many to read."""
        if len(self.writers) > FEW_WRITERS:
            return {}
        return {
            writer: {
                "digits": counts[DIGIT],
                "rejects": counts.total() - counts[DIGIT],
                "reasons": {reason: n for reason, n in sorted(counts.items()) if reason != DIGIT},
            }
            for writer, counts in sorted(self.writers.items())
        }


class Counted:
    """Counts in all and by collection."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._all = Tally()
        self.collections: dict[str, Tally] = {}

    def add(self, reading: Reading) -> None:
        """Count one reading."""
        self._all.add(reading)
        self.collections.setdefault(reading.photo.collection, Tally()).add(reading)

    def as_json(self) -> dict[str, object]:
        """Return what ``metrics/sheets.json`` holds."""
        collections = {
            name: {**tally.as_json(), **tally.provenance(), "by_writer": tally.by_writer()}
            for name, tally in self.collections.items()
        }
        return {**self._all.as_json(), "collections": collections}
