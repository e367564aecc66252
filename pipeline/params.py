"""params.yaml, read once into frozen, checked values."""

import difflib
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from pipeline.checked import Section, read_yaml, validated
from pipeline.errors import BadInputError

Fraction = Annotated[float, Field(ge=0, le=1)]
Digit = Annotated[int, Field(ge=0, le=9)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Auto = Literal["auto"]

Architecture = Literal[
    "digitnet", "lenet5", "simple_cnn", "changed_alexnet", "alexnet", "inception_alexnet", "digit_recognizer", "mlp"
]


def _expected(what: str) -> PydanticCustomError:
    return PydanticCustomError("expected", "{what}", {"what": what})


class Sheets(Section):
    """How photos are read."""

    normalize: Literal["mnist", "stretch"]
    max_megapixels: Annotated[float, Field(gt=0)]
    min_ink_contrast: Annotated[float, Field(gt=0, lt=1)]
    min_digit_height: Annotated[float, Field(gt=0, lt=1)]
    max_cell_parts: Annotated[int, Field(ge=1)]
    max_softness: Annotated[float, Field(gt=0)]


class Mnist(Section):
    """Where MNIST comes from."""

    source: Literal["bundled", "folder", "download"]
    folder: str
    test_fraction: Annotated[float, Field(gt=0, lt=1)]
    seed: Seed


class Merge(Section):
    """What is trained on and what is tested on."""

    test_fraction: Annotated[float, Field(ge=0, lt=1)]
    seed: Seed
    train_sources: Literal["all"] | tuple[str, ...]


class Augment(Section):
    """Distorted copies of training digits; lengths are pixels of the 28x28 image."""

    transforms: tuple[Literal["warp", "strokes", "paper", "noise"] | dict[str, dict[str, Any] | None], ...]
    copies: Annotated[int, Field(ge=0)]
    copies_tracked: Annotated[int, Field(ge=0)]
    rotate_degrees: Annotated[float, Field(ge=0, le=45)]
    scale: Annotated[float, Field(ge=0, lt=1)]
    shift_pixels: Annotated[float, Field(ge=0, le=8)]
    shear_degrees: Annotated[float, Field(ge=0, le=45)]
    elastic_alpha: Annotated[float, Field(ge=0, le=200)]
    elastic_sigma: Annotated[float, Field(gt=0, le=28)]
    stroke_probability: Fraction
    stroke_pixels: Annotated[float, Field(ge=0, le=2)]
    paper_probability: Fraction
    paper_level: Fraction
    noise_std: Annotated[float, Field(ge=0, lt=1)]
    seed: Seed

    @field_validator("transforms")
    @classmethod
    def _one_name_an_item(cls, transforms: tuple[str | dict[str, Any], ...]) -> tuple[str | dict[str, Any], ...]:
        for place, item in enumerate(transforms):
            if isinstance(item, dict) and len(item) != 1:
                raise _expected(f"{{Name: {{argument: value}}}} as item {place}")
        return transforms

    @field_validator("copies_tracked")
    @classmethod
    def _as_often_as_others_or_more(cls, tracked: int, checked: ValidationInfo) -> int:
        """With 5 copies of tracked digits beside 12 of others, each epoch would show the others two or three times."""
        copies = checked.data.get("copies", 0)  # absent: wrong itself, which is told first
        if copies and tracked % copies:
            raise _expected(f"0 or a multiple of augment.copies ({copies}, {2 * copies}, …)")
        return tracked


class Model(Section):
    """The network."""

    arch: Architecture
    activation: Literal["relu", "tanh", "sigmoid"]

    @field_validator("activation")
    @classmethod
    def _only_lenet5_has_a_choice(cls, activation: str, checked: ValidationInfo) -> str:
        arch = checked.data.get("arch", "lenet5")  # absent: wrong itself, which is told first
        if activation != "relu" and arch != "lenet5":
            raise _expected(f"'relu' with model.arch {arch} (only lenet5 has others)")
        return activation


class Train(Section):
    """K-fold training; ``auto`` is what the recipe says for the network: see ``pipeline/learning/recipes.py``."""

    recipe: Literal["ours", "report"]
    folds: Auto | Annotated[int, Field(ge=2, le=100)]
    run_folds: Auto | Annotated[int, Field(ge=1, le=100)]
    epochs: Auto | Annotated[int, Field(ge=1)]
    plain_epochs: Auto | Annotated[int, Field(ge=0)]
    batch_size: Auto | Annotated[int, Field(ge=2)]  # batch norm needs two
    optimizer: Literal["auto", "adam", "adamw", "sgd", "rmsprop"]
    learning_rate: Auto | Annotated[float, Field(gt=0, lt=10)]
    schedule: Literal["auto", "one-cycle", "constant", "plateau"]
    weight_decay: Auto | Annotated[float, Field(ge=0)]
    label_smoothing: Auto | Annotated[float, Field(ge=0, lt=1)]
    precision: Literal["auto", "float32", "bfloat16"]
    device: Literal["auto", "cpu", "cuda", "mps"]
    seed: Seed


class Evaluate(Section):
    """What is reported."""

    tracked_digits: tuple[Digit, ...]
    robustness_digits: Annotated[int, Field(ge=0)]
    gap_digits: Annotated[int, Field(ge=0)]


class Audit(Section):
    """What is told about labels and crops that may be wrong."""

    suspects_drawn: Annotated[int, Field(ge=1)]
    unsure: Annotated[float, Field(gt=0, lt=1)]
    near_spreads: Annotated[float, Field(gt=0)]


class Parallel(Section):
    """Where and how many tasks work side by side."""

    backend: Literal["local", "ray"]
    address: str
    workers: Annotated[int, Field(ge=0)]

    @field_validator("address")
    @classmethod
    def _is_where_a_head_may_be(cls, address: str) -> str:
        if not re.fullmatch(r"auto|[^/\s]+:\d{1,5}", address):
            raise _expected("auto or host:port")
        return address


def _swept(key: str) -> str:
    """Refuse what is no parameter of model or train, and name the nearest."""
    sections: dict[str, type[Section]] = {"model": Model, "train": Train}
    valid = [f"{name}.{field}" for name, section in sections.items() for field in section.model_fields]
    if key in valid:
        return key
    near = difflib.get_close_matches(key, valid, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"valid: {', '.join(valid)}"
    raise _expected(f"a parameter of model or train ({hint})")


SweptKey = Annotated[str, AfterValidator(_swept)]  # as `train.batch_size`
SweptValue = str | int | float


class Sweep(Section):
    """What `mnist-cn sweep` trains: every combination of the grid's values; see ``pipeline/learning/grid.py``."""

    grid: Annotated[dict[SweptKey, Annotated[tuple[SweptValue, ...], Field(min_length=1)]], Field(min_length=1)]
    fixed: dict[SweptKey, SweptValue]


class Params(Section):
    """All of params.yaml."""

    sheets: Sheets
    mnist: Mnist
    merge: Merge
    augment: Augment
    model: Model
    train: Train
    evaluate: Evaluate
    audit: Audit
    sweep: Sweep
    parallel: Parallel


def load(path: Path) -> Params:
    """Read and check params.yaml. Raises BadInputError on the first problem found."""
    if not path.exists():
        raise BadInputError(f"{path}: expected the parameters, found no such file; run it in the project's folder")
    return validated(Params, read_yaml(path), path)
