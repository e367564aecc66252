"""What was found about one digit: its verdict, a sentence for people, and what is proposed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.auditing.suspects import Labels, Probabilities
from pipeline.auditing.verdicts import Verdict

DROP = "drop"  # as raw/corrections.csv spells it
NOTHING = ""  # only a person who looks at the photo can tell


@dataclass(frozen=True)
class Finding:
    """One suspect's verdict, an explanation in one sentence, and the proposed label: 0 to 9, DROP or NOTHING."""

    verdict: Verdict
    explanation: str
    proposal: str


@dataclass(frozen=True)
class Readings:
    """N digits as networks that never saw them read them.

    Attributes
    ----------
    labels : (N,) uint8 in 0..9
    probabilities : (N, 10) float64
    clear : (N,) bool
        Whether the prediction is clearly another digit than the label.
    no_digit : (N,) bool
        Whether the image looks like no digit.
    """

    labels: Labels
    probabilities: Probabilities
    clear: NDArray[np.bool_]
    no_digit: NDArray[np.bool_]

    @property
    def predictions(self) -> NDArray[np.uint8]:
        """The most probable digit of each, the smallest on a tie."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.uint8)

    def of(self, chosen: NDArray[np.intp]) -> "Readings":
        """Return the chosen ones, in that order."""
        return Readings(self.labels[chosen], self.probabilities[chosen], self.clear[chosen], self.no_digit[chosen])


def alone(read: Readings, place: int) -> Finding | None:
    """Return what a digit's own reading says, whatever stands beside it; None where nothing is wrong."""
    label, prediction = int(read.labels[place]), int(read.predictions[place])
    at_prediction, at_label = (_share(read.probabilities[place, digit]) for digit in (prediction, label))
    if read.no_digit[place]:
        said = f"looks like no digit: the likeliest is {prediction} with {at_prediction}, and nobody writes like it"
        return Finding(Verdict.NO_DIGIT, said, DROP)
    if prediction == label:
        return None
    said = f"read as {prediction} with {at_prediction}, as its label {label} with {at_label}"
    if read.clear[place]:
        return Finding(Verdict.OTHER_DIGIT, f"{said}: clearly a {prediction}", str(prediction))
    return Finding(Verdict.AMBIGUOUS, f"{said}: look at it", NOTHING)


def _share(probability: float) -> str:
    return f"{probability:.1%}" if 0.001 <= probability < 0.9995 else ("under 0.1%" if probability < 0.5 else "100%")
