"""Which quarter turn brings a photo upright: the one at which its digits look like their labels."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE
from pipeline.params import Sheets
from pipeline.reader import quick
from pipeline.reader.normalize import normalize
from pipeline.reader.photo import Rgb
from pipeline.reader.records import Crop, Findings, Reason, Reject
from pipeline.reader.straight import View, on_photo, straighten, turned_view

Read = Callable[[Rgb, int | None, tuple[str, ...] | None, Sheets], tuple[list[Crop], list[Reject]]]
"""A reader of rows or of a grid: upright picture, label, strings, limits."""

Turn = Literal[0, 90, 180, 270]
TURNS: tuple[Turn, ...] = (0, 90, 180, 270)

ADVICE = "check the labels, and write `turn: 0`, 90, 180 or 270 into sheets.yaml: degrees clockwise to upright"

# Evidence is the logarithm of how much likelier the digits' looks are, if they are what their labels say, than if they
# could be anything: up to log 10 = 2.3 for each digit that looks like its label, down to -4.6 for one that does not.
FITTING = 0.5  # of the most possible: a photo that has this much as it is needs no other turn
LEANING = float(np.log(100))  # how much likelier a photo is upright as it is than turned: phones note how they are held
CERTAIN = float(np.log(100))  # how much better than every other one a turn must be to be taken
ENOUGH = 8  # digits: where so many were read …
CHANCE = 0.3  # … and fewer than this part look like their labels at the best turn, the labels are not theirs


@dataclass(frozen=True)
class Upright:
    """What was read at the turn that brings a photo upright."""

    view: View
    turn: Turn
    crops: list[Crop]
    rejects: list[Reject]

    @cached_property
    def likelihoods(self) -> NDArray[np.float64]:
        """(N, 10) logarithms of how likely each digit is each class, as the quick classifier sees it."""
        images = [normalize(crop.ink, "mnist") for crop in self.crops]
        return quick.log_probabilities(np.array(images, np.uint8).reshape(-1, SIDE, SIDE))


def read_upright(
    view: View, label: int | None, strings: tuple[str, ...] | None, limits: Sheets, read: Read
) -> Upright | Reject:
    """Read a photo at the quarter turn at which its digits look like their labels, if that is certain.

    Parameters
    ----------
    view : View
    label : int or None
        The digit on the whole photo; used where ``strings`` is None.
    strings : tuple of str or None
        The digits of each row.
    limits : Sheets
    read : function of an upright picture, label, strings and limits

    Returns
    -------
    Upright, or Reject with ``turn-unsure``
    """

    def at(turn: Turn) -> Upright:
        way = turned_view(view, turn)
        return Upright(way, turn, *read(way.rgb, label, strings, limits))

    as_it_is = at(0)
    if as_it_is.crops and _evidence(as_it_is) >= FITTING * np.log(quick.CLASSES) * len(as_it_is.crops):
        return as_it_is
    return _decided([as_it_is, *(at(turn) for turn in TURNS[1:])], tilted=view.tilted)


def _decided(ways: list[Upright], *, tilted: bool) -> Upright | Reject:
    """Return the turn that fits best, the photo as it is where nothing speaks for another, or a reject."""
    evidence = np.array([_evidence(way) for way in ways])
    leaning = np.array([LEANING, LEANING * tilted, 0, LEANING * tilted])
    order = np.argsort(-(evidence + leaning), kind="stable")
    best, second = (ways[int(place)] for place in order[:2])
    ahead = float((evidence + leaning)[order[0]] - (evidence + leaning)[order[1]])
    if ahead < CERTAIN and (tilted or best.turn != 0):
        detail = (
            f"the digits' looks are {np.exp(ahead):.0f} times as likely at {best.turn} degrees as at {second.turn}, "
            f"limit {np.exp(CERTAIN):.0f}"
        )
        return Reject(Reason.TURN_UNSURE, detail, advice=ADVICE)
    right = _right(best)
    if len(right) >= ENOUGH and right.mean() < CHANCE:
        detail = f"at no turn do more than {right.sum()} of {len(right)} digits look like their labels"
        return Reject(Reason.TURN_UNSURE, f"{detail}, limit {CHANCE:g}", advice=ADVICE)
    return best


def _evidence(way: Upright) -> float:
    """Return the logarithm of how much likelier the digits are with their labels than with any."""
    own = way.likelihoods[np.arange(len(way.crops)), [crop.label for crop in way.crops]] if way.crops else np.zeros(0)
    return float((own + np.log(quick.CLASSES)).sum())


def _right(way: Upright) -> NDArray[np.bool_]:
    return np.asarray(way.likelihoods.argmax(axis=1) == [crop.label for crop in way.crops], dtype=bool)


def read_written(
    rgb: Rgb, label: int | None, strings: tuple[str, ...] | None, limits: Sheets, read: Read, *, any_turn: bool
) -> Findings:
    """Find the paper on a photo, bring it upright where ``any_turn``, read it, and say where on the photo all is.

    Returns
    -------
    Findings, with corners on the photo turned clockwise by their ``turn``
    """
    view = straighten(rgb)
    if not any_turn:
        return Findings(*on_photo(view, *read(view.rgb, label, strings, limits)))
    upright = read_upright(view, label, strings, limits, read)
    if isinstance(upright, Reject):
        return Findings([], [upright])
    return Findings(*on_photo(upright.view, upright.crops, upright.rejects), turn=upright.turn)
