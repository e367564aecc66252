"""How each network is trained: our best recipe for it, and its report's own."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from pipeline.errors import BadInputError
from pipeline.params import Model, Train


@dataclass(frozen=True)
class Recipe:
    """All that decides a training besides digits, network, seed and hardware."""

    folds: int  # the train digits are dealt into so many; at least 2
    run_folds: int  # the first so many are trained, each validated on itself and trained on the others
    epochs: int  # times that each digit is shown
    plain_epochs: int  # so many at the end show the digits themselves, those before them their distorted copies
    batch_size: int
    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"]
    learning_rate: float  # the peak, where the schedule has one
    schedule: Literal["one-cycle", "constant", "plateau"]
    weight_decay: float
    label_smoothing: float
    precision: Literal["auto", "float32", "bfloat16"]

    @property
    def distorts(self) -> bool:
        """Whether any epoch shows distorted copies."""
        return self.plain_epochs < self.epochs


OURS = Recipe(
    folds=5,
    run_folds=5,
    epochs=30,
    plain_epochs=3,
    batch_size=64,
    optimizer="adamw",
    learning_rate=0.003,
    schedule="one-cycle",
    weight_decay=0.01,
    label_smoothing=0.05,
    precision="auto",
)
"""What digitnet is trained with, and the others but for what :data:`OURS_FOR` says."""

# The tall networks without batch norm diverge at 0.003: digit_recognizer, 4,000 digits, 3 epochs: 29% against 60%.
_GENTLE: dict[str, Any] = {"learning_rate": 0.001}
_SMALL: dict[str, Any] = {"precision": "float32"}  # bfloat16 is slower: lenet5 7,500 digits/s against 8,700

OURS_FOR: dict[str, dict[str, Any]] = {
    "lenet5": _SMALL,
    "mlp": _SMALL,
    "changed_alexnet": _GENTLE,
    "alexnet": _GENTLE,
    "digit_recognizer": _GENTLE,
}

# What the reports leave open is ours: He's first weights, bfloat16 products where the processor has them, full batches
# only, whole writers in one fold. They train on the digits as they are, with Adam at its usual 0.001. Where a report
# says neither how many digits it held back nor its batch, it is a tenth, one split, and 64 (Keras's example for MNIST:
# 128 with 12 epochs).
_REPORT = Recipe(
    folds=10,
    run_folds=1,
    epochs=10,
    plain_epochs=10,
    batch_size=64,
    optimizer="adam",
    learning_rate=0.001,
    schedule="constant",
    weight_decay=0.0,
    label_smoothing=0.0,
    precision="auto",
)
_ALEXNETS = replace(_REPORT, epochs=30, plain_epochs=30, batch_size=32, schedule="plateau")

REPORTS: dict[str, Recipe] = {
    # LeNet-5 report: Adam 0.001, batch 16, 10 epochs, the best row of its sweep (ReLU).
    "lenet5": replace(_REPORT, batch_size=16, precision="float32"),
    # Simple CNN and changed AlexNet report: 12 epochs, no batch stated; 20 epochs, batch 64, a tenth held back.
    "simple_cnn": replace(_REPORT, epochs=12, plain_epochs=12, batch_size=128),
    "changed_alexnet": replace(_REPORT, epochs=20, plain_epochs=20),
    # Inception-AlexNet report: batch 32, up to 30 epochs, rate halved after 2 without a better validation loss, stop
    # after 6. It does not say which epoch's weights it kept: the last one's, as Keras's EarlyStopping does unless told.
    "alexnet": _ALEXNETS,
    "inception_alexnet": _ALEXNETS,
    # Chinese handwriting report: Adam 0.001, 10 epochs, 5 folds, all trained.
    "digit_recognizer": replace(_REPORT, folds=5, run_folds=5),
}
"""As the reports trained them. mlp and digitnet have no report: `report` is refused for them."""


def recipe_named(arch: str, name: str) -> Recipe:
    """Return a network's recipe ``ours`` or ``report``, as it stands here. Raises KeyError if it has no report."""
    return REPORTS[arch] if name == "report" else replace(OURS, **OURS_FOR.get(arch, {}))


def recipe_for(arch: str, train: Train) -> Recipe:
    """Return the recipe that ``train.recipe`` names for a network, with what params.yaml states in its place.

    Where epochs are stated and plain epochs are not, these keep their share.

    Raises
    ------
    BadInputError
        If the network has no report, or more folds are to be trained than there are, or more epochs plain.
    """
    if train.recipe == "report" and arch not in REPORTS:
        raise BadInputError(
            f"train.recipe: expected `ours` for {arch}, which has no report, got `report`; "
            f"these have one: {', '.join(REPORTS)}"
        )
    named = recipe_named(arch, train.recipe)
    stated = {key: value for key in asdict(named) if (value := getattr(train, key)) != "auto"}
    if "folds" in stated and "run_folds" not in stated and named.run_folds == named.folds:
        stated["run_folds"] = stated["folds"]  # all of them
    if "epochs" in stated and "plain_epochs" not in stated:
        stated["plain_epochs"] = stated["epochs"] * named.plain_epochs // named.epochs
    chosen = replace(named, **stated)
    if chosen.plain_epochs > chosen.epochs:
        raise BadInputError(
            f"train.plain_epochs: expected at most train.epochs, {chosen.epochs}, got {chosen.plain_epochs}; lower it"
        )
    if chosen.run_folds > chosen.folds:
        raise BadInputError(
            f"train.run_folds: expected at most train.folds, {chosen.folds}, got {chosen.run_folds}; lower it"
        )
    return chosen


def recipe_name(model: Model, train: Train) -> str:
    """Return ``ours`` or ``report``, with ``+changes`` where params.yaml states anything else than that recipe.

    How many of the folds are trained, and in which precision, are no changes of it. Another activation than ReLU, which
    all recipes are for, is named: ``report+tanh``.
    """
    stated, named = asdict(recipe_for(model.arch, train)), asdict(recipe_named(model.arch, train.recipe))
    same = all(stated[key] == named[key] for key in named if key not in ("run_folds", "precision"))
    activation = "" if model.activation == "relu" else f"+{model.activation}"
    return f"{train.recipe}{activation}{'' if same else '+changes'}"
