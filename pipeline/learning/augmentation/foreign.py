"""Transforms of albumentations that a user names in params.yaml, built and tried before any work."""

import difflib
import random
import warnings
from typing import Any

import numpy as np

from pipeline.digits import SIDE
from pipeline.errors import BadInputError
from pipeline.learning.augmentation import library

_BASES = "albumentations.core.transforms_interface"
_TRIES = 8  # runs of a new transform on a drawn digit: some fail for some of their random numbers alone


def build(item: dict[str, Any]) -> Any:
    """Return the transform that ``{name: {argument: value}}`` asks for.

    Groups (``OneOf``, ``SomeOf``, ``Sequential``, ``RandomOrder``) take such items in turn as ``transforms``.

    Raises
    ------
    BadInputError
        If there is no such transform, or an argument is unknown or wrong.
    """
    name, given = _name_and_arguments(item)
    module = library.albumentations()
    known, groups = _named(module.BasicTransform), _named(module.BaseCompose)
    if name not in known | groups:
        near = difflib.get_close_matches(name, [*known, *groups], n=1) or ["OneOf", "RandomBrightnessContrast"]
        raise BadInputError(
            f"`augment.transforms`: albumentations {module.__version__} has no transform `{name}`; "
            f"did you mean `{'` or `'.join(near)}`?"
        )
    if name in groups:
        members = given.get("transforms")
        if not isinstance(members, list | tuple) or not members:
            raise BadInputError(f"`augment.transforms`: {name}: expected a list `transforms` of items, got {members!r}")
        given["transforms"] = [build(inner) for inner in members]
    return _called((known | groups)[name], name, given)


def _name_and_arguments(item: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(item, dict) and len(item) == 1:
        name, arguments = next(iter(item.items()))
        if isinstance(name, str) and isinstance(arguments, dict | None):
            return name, dict(arguments or {})
    raise BadInputError(f"`augment.transforms`: expected one `{{Name: {{argument: value}}}}` an item, got {item!r}")


def _called(kind: Any, name: str, arguments: dict[str, Any]) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # how albumentations tells of unknown arguments
            return kind(**arguments)
    except Exception as error:  # whatever a transform thinks of its arguments
        raise BadInputError(f"`augment.transforms`: {name}: {_line(error)}") from error


def _named(base: Any) -> dict[str, Any]:
    """Return albumentations' public transforms that inherit from ``base``; not those that are only inherited from."""
    module = library.albumentations()
    return {
        name: kind
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, base)
        if not name.startswith("Base") and kind.__module__ != _BASES and kind is not module.Compose
    }


def check(item: dict[str, Any]) -> None:
    """Apply the transform that an item asks for to a cross of two strokes, and see whether a digit comes back.

    Raises
    ------
    BadInputError
        As :func:`build`; and if the transform does not take a grey digit, or makes something else of it.
    """
    transform, name = build(item), next(iter(item))
    digit = np.zeros((SIDE, SIDE), np.uint8)
    digit[4:24, 12:16] = digit[12:16, 4:24] = 255
    transform.set_random_state(np.random.default_rng(0), random.Random(0))
    for _ in range(_TRIES):
        try:
            made = transform(image=digit, force_apply=True)["image"]
        except Exception as error:  # whatever a transform thinks of a grey image
            raise BadInputError(
                f"`augment.transforms`: {name} cannot be applied to a {SIDE}x{SIDE} grey digit: {_line(error)}"
            ) from error
        if made.shape != digit.shape or made.dtype != digit.dtype:
            raise BadInputError(
                f"`augment.transforms`: {name}: expected a digit to stay {SIDE}x{SIDE} uint8, "
                f"got {'x'.join(map(str, made.shape))} {made.dtype}; leave it out"
            )


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
