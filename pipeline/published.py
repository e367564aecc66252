"""What the reports say that their networks reached: accuracies on test digits, to put beside ours."""

from dataclasses import dataclass

from pipeline.params import Architecture
from pipeline.scores import HANDWRITING, MNIST

OFFICIAL_MNIST_TEST = 10_000  # digits; figures on MNIST are compared on the official test set alone


@dataclass(frozen=True)
class Published:
    """One figure of a report."""

    architecture: Architecture
    source: str  # of the test digits: ``mnist``, or ``handwriting`` for digits written in China
    accuracy: float  # 0..1
    mnist_alone: bool  # whether MNIST alone was trained on
    report: str


# As the reports state them; each network's source is in its own file, `pipeline/learning/architectures/`.
PUBLISHED = (
    Published("lenet5", MNIST, 0.9897, True, "LeNet-5 report"),
    Published("simple_cnn", MNIST, 0.986, True, "simple CNN report"),
    Published("changed_alexnet", MNIST, 0.986, True, "simple CNN report"),
    Published("alexnet", MNIST, 0.9933, True, "Inception-AlexNet report"),
    Published("inception_alexnet", MNIST, 0.9966, True, "Inception-AlexNet report"),
    Published("digit_recognizer", HANDWRITING, 0.9525, True, "Chinese handwriting report"),
    Published("digit_recognizer", HANDWRITING, 0.9836, False, "Chinese handwriting report"),
)


def figure(architecture: str, source: str, n: int, trained_on: str) -> float | None:
    """Return the accuracy to compare with, or None where the architecture's report states none for such digits.

    Parameters
    ----------
    architecture : str
    source : str
        Of our test digits: ``mnist``, a collection or ``handwriting``. A collection of people's digits stands for the
        report's own, which nobody has published.
    n : int
        How many test digits; other than 10,000 of MNIST are not its official test set.
    trained_on : str
        ``mnist``, or more sources with ``+`` between.
    """
    if source == MNIST:
        if n != OFFICIAL_MNIST_TEST:
            return None
        return next((p.accuracy for p in PUBLISHED if (p.architecture, p.source) == (architecture, MNIST)), None)
    wanted = (architecture, HANDWRITING, trained_on == MNIST)
    return next((p.accuracy for p in PUBLISHED if (p.architecture, p.source, p.mnist_alone) == wanted), None)
