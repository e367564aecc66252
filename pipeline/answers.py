"""What the networks say of the digits on a photo, and what they would rather not say."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.csv_text import csv_text
from pipeline.reader.read import ReadDigit, Reading
from pipeline.reader.records import Corners, Reason, Reject
from pipeline.reading import describe
from pipeline.scores import DECIMALS

UNSURE = "below-threshold"  # beside the reader's reasons
COLUMNS = ("photo", "row", "col", "prediction", "confidence", "reason", "left", "top", "right", "bottom")
PIXELS = 1  # decimals of places on the photo
NOT_READ, BLANK = "?", "."


@dataclass(frozen=True)
class Answer:
    """One digit of a photo and the probability of each label."""

    digit: ReadDigit
    probabilities: NDArray[np.float32]  # (10,)
    threshold: float

    @property
    def likeliest(self) -> int:
        """The most probable digit, the smallest on a tie."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """Its probability."""
        return float(self.probabilities.max())

    @property
    def prediction(self) -> int | None:
        """The most probable digit; None, where it is less sure than the threshold."""
        return self.likeliest if self.confidence >= self.threshold else None

    def doubt(self) -> str:
        """Say where an answer that was not given stands, and what it would have been."""
        first, second = np.argsort(-self.probabilities, kind="stable")[:2]
        ways = f"{first} with {self.probabilities[first]:.2f}, {second} with {self.probabilities[second]:.2f}"
        return f"row {self.digit.row}, col {self.digit.col}: {NOT_READ} perhaps {ways}; below {self.threshold:g}"


@dataclass(frozen=True)
class Answers:
    """What a photo says."""

    name: str
    answers: tuple[Answer, ...]
    rejects: tuple[Reject, ...]

    @classmethod
    def of(cls, reading: Reading, probabilities: NDArray[np.float32], threshold: float) -> "Answers":
        """Put a reading's digits beside their (N, 10) probabilities."""
        pairs = zip(reading.digits, probabilities, strict=True)
        return cls(reading.photo.name, tuple(Answer(*pair, threshold) for pair in pairs), tuple(reading.rejects))

    @property
    def read(self) -> int:
        """How many digits have a prediction."""
        return sum(answer.prediction is not None for answer in self.answers)

    def rows(self) -> dict[int, str]:
        """Return each row as text: ``?`` is a digit that was not read, ``.`` an empty box or cell."""
        placed = {(one.digit.row, one.digit.col): _shown(one.prediction) for one in self.answers}
        for reject in self.rejects:
            if reject.row is not None and reject.col is not None:
                placed[reject.row, reject.col] = BLANK if reject.reason is Reason.BLANK else NOT_READ
        lines: dict[int, str] = {}
        for (row, _), text in sorted(placed.items()):
            lines[row] = lines.get(row, "") + text
        return lines

    def told(self) -> Iterator[str]:
        """Yield the lines that a person is shown."""
        abstained = len(self.answers) - self.read
        rejects = [reject for reject in self.rejects if reject.reason is not Reason.BLANK]
        counts = f"{self.read} digits read, {abstained} abstained from, {len(rejects)} rejects"
        yield f"{self.name}: {counts}"
        yield from (f"  row {row}: {text}" for row, text in self.rows().items())
        yield from (f"  {answer.doubt()}" for answer in self.answers if answer.prediction is None)
        yield from (f"  {describe(reject)}" for reject in rejects)

    def as_json(self) -> dict[str, Any]:
        """Return what a JSON file holds of a photo; places are pixels of the upright photo."""
        return {
            "photo": self.name,
            "rows": {str(row): text for row, text in self.rows().items()},
            "digits": [
                {
                    "row": one.digit.row,
                    "col": one.digit.col,
                    "prediction": one.prediction,
                    "confidence": round(one.confidence, DECIMALS),
                    "probabilities": [round(float(share), DECIMALS) for share in one.probabilities],
                    "corners": _rounded(one.digit.corners),
                }
                for one in self.answers
            ],
            "rejects": [
                {
                    "row": reject.row,
                    "col": reject.col,
                    "reason": str(reject.reason),
                    "detail": reject.detail,
                    "corners": None if reject.corners is None else _rounded(reject.corners),
                }
                for reject in self.rejects
            ],
        }

    def lines(self) -> Iterator[tuple[Any, ...]]:
        """Yield what a CSV file holds of a photo, with :data:`COLUMNS`: digits first, then rejects."""
        for one in self.answers:
            reason = UNSURE if one.prediction is None else ""
            said = one.prediction, f"{one.confidence:.{DECIMALS}f}", reason
            yield self.name, one.digit.row, one.digit.col, *said, *_box(one.digit.corners)
        for reject in self.rejects:
            yield self.name, reject.row, reject.col, None, None, str(reject.reason), *_box(reject.corners)


def as_json(photos: Sequence[Answers], threshold: float) -> str:
    """Return all photos as one JSON text."""
    content = {"threshold": threshold, "photos": [photo.as_json() for photo in photos]}
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(photos: Sequence[Answers]) -> str:
    """Return all photos as one CSV text, a line a digit or reject."""
    return csv_text(COLUMNS, (line for photo in photos for line in photo.lines()))


def _shown(prediction: int | None) -> str:
    return NOT_READ if prediction is None else str(prediction)


def _rounded(corners: Corners) -> list[list[float]]:
    return [[round(float(x), PIXELS), round(float(y), PIXELS)] for x, y in corners]


def _box(corners: Corners | None) -> tuple[float | None, ...]:
    if corners is None:
        return None, None, None, None
    return tuple(round(float(value), PIXELS) for value in (*corners.min(axis=0), *corners.max(axis=0)))
