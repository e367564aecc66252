"""What the stages that measure leave, as far as the report says it."""

from pydantic import Field

from pipeline.metrics_files import Read, Scores


class DigitScores(Read):
    """How one digit was read; a share without a denominator is absent."""

    n: int
    recall: float | None = None
    precision: float | None = None


class Tracked(Read):
    """How one tracked digit was read, and what it was most often taken for."""

    recall: float | None = None
    precision: float | None = None
    top_confusion: int | None = None  # absent where nothing was misread
    top_confusion_n: int


class WorstDigit(Read):
    """The digit with the lowest recall."""

    digit: int
    recall: float


class WorstWriter(Read):
    """The writer whose digits were read worst."""

    writer: str
    n: int
    errors: int
    accuracy: float


class Writers(Read):
    """Accuracy when whole writers are drawn again."""

    n: int
    ci95_low: float
    ci95_high: float
    worst: WorstWriter | None = None
    unknown: int = 0  # digits without a writer


class Calibration(Read):
    """Expected calibration error and negative log likelihood, as they are and with the temperature."""

    ece: float
    ece_scaled: float
    nll: float
    nll_scaled: float


class Selective(Read):
    """How many digits can be read when the uncertain ones are left to a person."""

    target: float
    threshold: float | None = None  # absent where the target is not reached
    read: float | None = None  # share of the digits
    n: int | None = None  # digits read
    errors: int | None = None
    accuracy: float | None = None


class Source(Scores):
    """One source of metrics/evaluate.json or metrics/out_of_fold.json."""

    by_digit: dict[str, DigitScores] = Field(default_factory=dict)
    tracked: dict[str, Tracked] = Field(default_factory=dict)
    worst_digit: WorstDigit | None = None
    writers: Writers | None = None
    calibration: Calibration | None = None
    selective: Selective | None = None


class Evaluation(Read):
    """metrics/evaluate.json."""

    source: dict[str, Source]


class OutOfFold(Read):
    """metrics/out_of_fold.json."""

    temperature: float
    sources: dict[str, Source]


class Corrupted(Read):
    """Digits that were read under one corruption, or under none."""

    errors: int
    accuracy: float


class WorstCorruption(Read):
    """The corruption that costs most."""

    corruption: str
    accuracy: float


class Robust(Read):
    """One source of metrics/robustness.json."""

    n: int
    clean: Corrupted
    mean_accuracy: float
    mean_ci95_low: float | None = None
    mean_ci95_high: float | None = None
    worst: WorstCorruption
    corruption: dict[str, Corrupted]


class Robustness(Read):
    """metrics/robustness.json."""

    source: dict[str, Robust]


class Property(Read):
    """One measured property of a collection's digits beside MNIST's."""

    collection: float
    mnist: float
    difference: float
    effect: float  # difference in standard deviations
    unit: str


class Gap(Read):
    """One collection of metrics/domain_gap.json."""

    n: int
    mnist_n: int
    auc: float | None = None  # absent where there are too few digits
    auc_ci95_low: float | None = None
    auc_ci95_high: float | None = None
    auc_pixels: float | None = None  # the same by pixels
    says: list[str]
    property: dict[str, Property]


class DomainGap(Read):
    """metrics/domain_gap.json."""

    collection: dict[str, Gap]


class Audited(Read):
    """One source of metrics/audit.json."""

    n: int
    suspects: int
    by_verdict: dict[str, int] = Field(default_factory=dict)
    near_duplicates: int = 0
    outliers: int = 0
    rows: list[str] = Field(default_factory=list)  # a sentence for each row whose labels seem wrong as a whole
    sheets_twice: list[str] = Field(default_factory=list)  # … for every two photos that seem to show one sheet


class Audit(Read):
    """metrics/audit.json."""

    source: dict[str, Audited]
