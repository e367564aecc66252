"""YAML files, checked into frozen sections: unknown keys, wrong types and impossible values are one clear line."""

import difflib
import json
import re
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.errors import BadInputError

DEEPEST = 20  # levels of lists and keys: params.yaml has 4
MOST = 1_000_000  # entries on one level: more than any folder has photos; aliases of aliases have more without end
SHOWN = 200  # characters of a wrong value
SAY = {  # pydantic's types of error in our words
    "dict_type": "a mapping of keys",
    "model_type": "a mapping of keys",
    "tuple_type": "a list",
    "invalid_key": "a key that is text",
    "string_pattern_mismatch": "digits only, one string a row",  # of `rows`, the only YAML with a pattern
}


class Section(BaseModel):
    """Base of all checked YAML: frozen, no unknown keys, no silent conversion (text is never a number)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


SectionT = TypeVar("SectionT", bound=Section)


def read_yaml(path: Path) -> Any:
    """Read a YAML 1.2 file: ``1e-05`` is a number there (as it is for DVC), ``"1e-05"`` is text.

    Raises
    ------
    BadInputError
        If the file is missing, not in UTF-8, not valid YAML, or holds itself (an alias within its own anchor).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        if "\0" in text:
            raise BadInputError(f"{path}: expected YAML in UTF-8, got zero bytes, as UTF-16 has; save it as UTF-8")
        content = YAML(typ="safe", pure=True).load(text)
    except OSError as error:
        raise BadInputError(f"{path}: expected a readable YAML file, got: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path}: expected YAML in UTF-8, got: {error}; save it as UTF-8") from error
    except (YAMLError, ValueError) as error:  # ValueError: a date that is none
        raise BadInputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise BadInputError(f"{path}: {_too_deep()}") from error
    _check_depth(content, path)
    return content


def _check_depth(content: Any, path: Path) -> None:
    """Refuse what is nested without end or nearly so, level by level."""
    level = [content]
    for _ in range(DEEPEST):
        inner = (
            value.values() if isinstance(value, dict) else value for value in level if isinstance(value, dict | list)
        )
        level = list(islice(chain.from_iterable(inner), MOST + 1))
        if not level:
            return
        if len(level) > MOST:
            break
    raise BadInputError(f"{path}: {_too_deep()}")


def _too_deep() -> str:
    return (
        f"expected lists and keys at most {DEEPEST} levels deep, got more, or an alias (*) that holds itself; "
        "write it flat, without aliases"
    )


def validated(section: type[SectionT], content: Any, origin: Path) -> SectionT:
    """Check what a YAML file holds against a section.

    Raises
    ------
    BadInputError
        On an unknown key (naming the nearest valid one), a missing key, a wrong type or an impossible value.
    """
    frozen = _without_empty(_frozen(content), section)
    try:
        return section.model_validate(frozen)
    except ValidationError as error:
        raise BadInputError(f"{origin}: {_explain(error.errors(), section, frozen)}") from error


def _frozen(value: Any) -> Any:
    """Turn lists into tuples, the only sequence that a strict frozen section takes."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _without_empty(content: Any, section: type[BaseModel]) -> Any:
    """Leave out keys with nothing behind them that may hold a mapping, and may be left out: `photos:` of no photo."""
    if not isinstance(content, dict):
        return content
    may_be_out = {name for name, field in section.model_fields.items() if field.default_factory is dict}
    return {key: value for key, value in content.items() if value is not None or key not in may_be_out}


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
    here = [p for p in problems if p["loc"][: len(key)] == key]
    alternatives = [SAY.get(p["type"], p["msg"].removeprefix("Input should be ")) for p in here]
    expected = f"expected {' or '.join(dict.fromkeys(alternatives))}"
    hint = _hint(given, {p["type"] for p in here}, expected)
    return f"`{_dotted(key) or 'the file'}`: {expected}, got {_shown(given)}{hint}"


def _hint(given: Any, wrong: set[str], expected: str) -> str:
    """Return how a value is to be written instead, or nothing; ``wrong`` are pydantic's types of error."""
    if isinstance(given, str):
        near = difflib.get_close_matches(given, re.findall(r"'([^']+)'", expected), n=1)
        if near:
            return f"; did you mean `{near[0]}`?"
        if "tuple_type" in wrong:
            return f"; write {_shown((given,))}"
        number = wrong & {"int_type", "float_type"} or given in re.findall(r"[\w.+-]+", expected)
        return f"; write {given} without quotes" if number and _is_number(given) else ""
    if isinstance(given, int | float) and "tuple_type" in wrong:
        return "; write a list in brackets, text in it in quotes"
    return "; put it in quotes" if isinstance(given, int | float | date) and wrong == {"string_type"} else ""


def _shown(given: Any) -> str:
    """Return a value nearly as it stands in the file, cut where it is long."""
    if isinstance(given, tuple) and all(isinstance(item, str | int | float) for item in given):
        written = json.dumps(given, ensure_ascii=False)
    else:
        written = str(given) if isinstance(given, date) else repr(given)
    return written if len(written) <= SHOWN else f"{written[:SHOWN]} ..."


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
