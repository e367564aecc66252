"""What the stages that make digits and networks leave, as far as the report says it."""

from pipeline.metrics_files import Read


class Collection(Read):
    """One collection of metrics/sheets.json."""

    photos: int
    digits: int
    rejects: int
    reasons: dict[str, int]
    writers: int
    simulated: bool = False
    license: str
    origin: str


class Sheets(Read):
    """metrics/sheets.json."""

    photos: int
    digits: int
    rejects: int
    reasons: dict[str, int]
    collections: dict[str, Collection]


class Splits(Read):
    """Digits or writers in each split."""

    train: int
    test: int


class Merge(Read):
    """metrics/merge.json."""

    total: int
    digits: dict[str, Splits]
    writers: dict[str, Splits]
    removed: dict[str, int]


class Validation(Read):
    """Validation accuracy over the folds."""

    mean: float
    std: float | None = None  # None: of a single fold


class Train(Read):
    """metrics/train.json."""

    architecture: str
    parameters: int
    seed: int
    recipe: dict[str, str | int | float]
    validation_accuracy: Validation


class Model(Read):
    """models/model.json."""

    architecture: str
    activation: str
    parameters: int
    weights: dict[str, str]  # file: its SHA-256
