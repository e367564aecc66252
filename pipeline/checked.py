"""YAML files, checked into frozen sections: unknown keys, wrong types and impossible values are one clear line."""

import difflib
import re
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.errors import BadInputError


class Section(BaseModel):
    """Base of all checked YAML: frozen, no unknown keys, no silent conversion (text is never a number)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


SectionT = TypeVar("SectionT", bound=Section)


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
    frozen = _frozen(content)
    try:
        return section.model_validate(frozen)
    except ValidationError as error:
        raise BadInputError(f"{origin}: {_explain(error.errors(), section, frozen)}") from error


def _frozen(value: Any) -> Any:
    """Turn lists into tuples, the only sequence that a strict frozen section takes."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _explain(problems: list[ErrorDetails], section: type[BaseModel], content: Any) -> str:
    """One line on the first problem: the key, what was expected, what came, what to do."""
    unknown = (p for p in problems if p["type"] == "extra_forbidden")
    problem = next(unknown, problems[0])  # a typo explains a missing key
    place = problem["loc"]
    given = problem["input"]
    if problem["type"] == "extra_forbidden":
        return f"unknown key `{_dotted(place)}`{_nearest(str(place[-1]), _keys(section, place[:-1]))}"
    if problem["type"] == "missing":
        return f"`{_dotted(place)}` is missing; add it"
    key = _written(place, content)
    alternatives = [p["msg"].removeprefix("Input should be ") for p in problems if p["loc"][: len(key)] == key]
    expected = f"expected {' or '.join(dict.fromkeys(alternatives))}"
    hint = ""
    if isinstance(given, str) and _is_number(given):
        hint = f"; write {given} without quotes"
    elif problem["type"] == "literal_error" and isinstance(given, str):
        hint = _nearest(given, re.findall(r"'([^']+)'", expected))
    return f"`{_dotted(key) or 'the file'}`: {expected}, got {given!r}{hint}"


def _written(place: tuple[int | str, ...], content: Any) -> tuple[int | str, ...]:
    """Return the part of a place that stands in the file; pydantic appends which alternative of a type it tried."""
    for depth, part in enumerate(place):
        in_file = part in content if isinstance(content, dict) else isinstance(content, tuple) and isinstance(part, int)
        if not in_file:
            return place[:depth]
        content = content[part]
    return place


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
