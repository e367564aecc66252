"""params.yaml, read once into frozen, checked values."""

import difflib
import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.errors import BadInputError

Fraction = Annotated[float, Field(ge=0, le=1)]
Digit = Annotated[int, Field(ge=0, le=9)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]

Architecture = Literal[
    "digitnet",
    "lenet5",
    "simple_cnn",
    "changed_alexnet",
    "alexnet",
    "inception_alexnet",
    "digit_recognizer",
    "mlp",
]


class Section(BaseModel):
    """Base of all checked YAML: frozen, no unknown keys, no silent conversion (text is never a number)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


SectionT = TypeVar("SectionT", bound=Section)


class Sheets(Section):
    """How photos are read."""

    normalize: Literal["mnist", "stretch"]
    max_megapixels: Annotated[float, Field(gt=0)]
    min_ink_contrast: Annotated[float, Field(gt=0, lt=1)]
    min_digit_height: Annotated[float, Field(gt=0, lt=1)]
    max_cell_parts: Annotated[int, Field(ge=1)]


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

    copies: Annotated[int, Field(ge=0)]
    copies_tracked: Annotated[int, Field(ge=0)]
    rotate_degrees: Annotated[float, Field(ge=0, le=45)]
    scale: Annotated[float, Field(ge=0, lt=1)]
    shift_pixels: Annotated[float, Field(ge=0, le=8)]
    shear_degrees: Annotated[float, Field(ge=0, le=45)]
    elastic_alpha: Annotated[float, Field(ge=0)]
    elastic_sigma: Annotated[float, Field(gt=0)]
    stroke_probability: Fraction
    stroke_pixels: Annotated[float, Field(ge=0, le=2)]
    noise_std: Annotated[float, Field(ge=0, lt=1)]
    seed: Seed


class Model(Section):
    """The network."""

    arch: Architecture
    activation: Literal["relu", "tanh", "sigmoid"]

    @field_validator("activation")
    @classmethod
    def _only_lenet5_has_a_choice(cls, activation: str, checked: ValidationInfo) -> str:
        arch = checked.data.get("arch", "lenet5")  # absent: wrong itself, which is told first
        if activation != "relu" and arch != "lenet5":
            raise PydanticCustomError(
                "activation", "'relu' with model.arch {arch} (only lenet5 has others)", {"arch": arch}
            )
        return activation


class Train(Section):
    """K-fold training."""

    folds: Annotated[int, Field(ge=2, le=100)]
    epochs: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]
    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"]
    learning_rate: Annotated[float, Field(gt=0, lt=10)]
    schedule: Literal["one-cycle", "constant"]
    weight_decay: Annotated[float, Field(ge=0)]
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    device: Literal["auto", "cpu", "cuda", "mps"]
    seed: Seed


class Evaluate(Section):
    """What is reported."""

    tracked_digits: tuple[Digit, ...]


class Parallel(Section):
    """How many processes work side by side."""

    workers: Annotated[int, Field(ge=0)]


class Params(Section):
    """All of params.yaml."""

    sheets: Sheets
    mnist: Mnist
    merge: Merge
    augment: Augment
    model: Model
    train: Train
    evaluate: Evaluate
    parallel: Parallel


def load(path: Path) -> Params:
    """Read and check params.yaml. Raises BadInputError on the first problem found."""
    return validated(Params, read_yaml(path), path)


def read_yaml(path: Path) -> Any:
    """Read a YAML 1.2 file: ``1e-05`` is a number there (as it is for DVC), ``"1e-05"`` is text.

    Raises
    ------
    BadInputError
        If the file is missing or not valid YAML.
    """
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"{path}: expected a readable YAML file, got: {error.strerror}") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error


def validated(section: type[SectionT], content: Any, origin: Path) -> SectionT:
    """Check what a YAML file holds against a section.

    Raises
    ------
    BadInputError
        On an unknown key (naming the nearest valid one), a missing key, a wrong type or an impossible value.
    """
    try:
        return section.model_validate(_frozen(content))
    except ValidationError as error:
        raise BadInputError(f"{origin}: {_explain(error.errors(), section)}") from error


def _frozen(value: Any) -> Any:
    """Turn lists into tuples, the only sequence that a strict frozen section takes."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _explain(problems: list[ErrorDetails], section: type[BaseModel]) -> str:
    """One line on the first problem: the key, what was expected, what came, what to do."""
    problem = next(
        (p for p in problems if p["type"] == "extra_forbidden"), problems[0]
    )  # a typo explains a missing key
    place = problem["loc"]
    given = problem["input"]
    if problem["type"] == "extra_forbidden":
        return f"unknown key `{_dotted(place)}`{_nearest(str(place[-1]), _keys(section, place[:-1]))}"
    if problem["type"] == "missing":
        return f"`{_dotted(place)}` is missing; add it"
    alternatives = [p["msg"].removeprefix("Input should be ") for p in problems if p["loc"][:2] == place[:2]]
    expected = f"expected {' or '.join(dict.fromkeys(alternatives))}"
    hint = ""
    if isinstance(given, str) and _is_number(given):
        hint = f"; write {given} without quotes"
    elif problem["type"] == "literal_error" and isinstance(given, str):
        hint = _nearest(given, re.findall(r"'([^']+)'", problem["ctx"]["expected"]))
    return f"`{_dotted(place[:2]) or 'the file'}`: {expected}, got {given!r}{hint}"


def _dotted(place: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in place)


def _keys(section: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Return the valid keys of the section that stands at ``place``."""
    for part in place:
        inner = section.model_fields[str(part)].annotation if str(part) in section.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            break
        section = inner
    return list(section.model_fields)


def _nearest(given: str, valid: list[str]) -> str:
    near = difflib.get_close_matches(given, valid, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; valid: {', '.join(valid)}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
