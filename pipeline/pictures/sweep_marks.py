"""What a sweep's pictures share: colours for a factor's values, a logarithmic axis of errors, short names."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.factors import Outcome, by_value
from pipeline.params import SweptValue
from pipeline.pictures.error_axis import put_ticks

if TYPE_CHECKING:
    from matplotlib.axis import Axis

# Okabe and Ito, "Color Universal Design" (2008): told apart by colour-blind people too; without black and yellow.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.9)
LETTER = 0.07  # inches: the width of a letter of 7.5 points

Colours = Mapping[SweptValue, str]


def colours_of(outcomes: Sequence[Outcome], factor: str) -> Colours:
    """Return a colour for each of a factor's values."""
    import matplotlib as mpl

    values = list(by_value(outcomes, factor))
    if len(values) <= len(COLOURS):
        return dict(zip(values, COLOURS, strict=False))
    shades = mpl.colormaps["viridis"](np.linspace(0, 0.9, len(values)))
    return {value: mpl.colors.to_hex(shade) for value, shade in zip(values, shades, strict=True)}


def error_of(outcome: Outcome) -> float:
    """Return the share of misread digits, at least half a digit: a logarithm has no 0."""
    return max(1 - outcome.worth, 0.5 / max(outcome.digits_validated, 1))


def error_ticks(axis: "Axis") -> None:
    """Put ticks with per cents on a logarithmic axis of errors."""
    put_ticks(axis, TICKS, [f"{100 * tick:g}%" for tick in TICKS])


def short(factor: str) -> str:
    """Return a factor's name for people: `batch size` of `train.batch_size`."""
    return factor.rpartition(".")[2].replace("_", " ")


def counted(outcomes: Sequence[Outcome]) -> str:
    """Return the number of rows in words."""
    return f"{len(outcomes):,} row{'' if len(outcomes) == 1 else 's'} of a sweep"
