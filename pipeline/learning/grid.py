"""The rows of a sweep: every combination of its values, checked, each with the run that repeats it."""

import itertools
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.checked import validated
from pipeline.errors import BadInputError
from pipeline.learning.recipes import Recipe, recipe_for
from pipeline.params import Params, SweptValue


@dataclass(frozen=True)
class Row:
    """One combination."""

    number: int  # from 1
    values: Mapping[str, SweptValue]  # of the grid's parameters, in its order
    stated: Mapping[str, SweptValue]  # the fixed parameters too
    params: Params
    recipe: Recipe

    @property
    def command(self) -> str:
        """The `dvc exp run` that trains this row with whatever else params.yaml says."""
        return "dvc exp run " + " ".join(f"-S {shlex.quote(f'{key}={value}')}" for key, value in self.stated.items())


def rows_of(params: Params, origin: Path) -> list[Row]:
    """Return every combination once, the last parameter's values changing first.

    Parameters
    ----------
    params : Params
        What the sweep's parameters are set in.
    origin : Path
        The file that they are from, for messages.

    Raises
    ------
    BadInputError
        If a parameter stands twice, or devices differ, or a row's parameters are impossible.
    """
    grid, fixed = params.sweep.grid, params.sweep.fixed
    for key in grid:
        if key in fixed:
            raise BadInputError(f"{origin}: `sweep`: expected {key} in grid or in fixed, got it in both; remove one")
        if len(set(grid[key])) < len(grid[key]):
            raise BadInputError(
                f"{origin}: `sweep.grid.{key}`: expected each value once, got {list(grid[key])}; remove the repeats"
            )
    if len(grid.get("train.device", ())) > 1:
        raise BadInputError(f"{origin}: `sweep.grid.train.device`: expected one for all rows; run a sweep for each")
    combinations = (dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values()))
    return [_row(number, values, params, origin) for number, values in enumerate(combinations, start=1)]


def row_of(rows: list[Row], number: int) -> Row:
    """Return the row of a number. Raises BadInputError if there is none."""
    if not 1 <= number <= len(rows):
        raise BadInputError(f"--row: expected 1 to {len(rows)}, the rows of params.yaml's sweep, got {number}")
    return rows[number - 1]


def _row(number: int, values: Mapping[str, SweptValue], params: Params, origin: Path) -> Row:
    stated = {**params.sweep.fixed, **values}
    content: dict[str, Any] = params.model_dump()
    for key, value in stated.items():
        section, _, name = key.partition(".")
        content[section][name] = value
    try:
        found = validated(Params, content, origin)
        return Row(number, values, stated, found, recipe_for(found.model.arch, found.train))
    except BadInputError as error:
        told = ", ".join(f"{key}={value}" for key, value in values.items())
        raise BadInputError(f"row {number} of the sweep ({told}): {error}") from error
