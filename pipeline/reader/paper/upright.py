"""Which quarter turn brings a photo upright: the one at which its digits look like their labels, or like digits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.params import Sheets
from pipeline.reader import quick
from pipeline.reader.looks import looks_of
from pipeline.reader.paper.other import other_paper
from pipeline.reader.paper.straight import View, on_photo, straighten, turned_view
from pipeline.reader.photo import Rgb, turned
from pipeline.reader.records import UNLABELLED, Crop, Findings, Reason, Reject

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
SIDEWAYS = 3 * LEANING  # evidence for a quarter turn where most digits …
WIDE = 1.3  # … are this much wider than high
MISSING = float(np.log(2))  # evidence against a turn for each digit of the strings that is not found at it
AT_ANY_TURN = (Reason.NO_DIGIT, Reason.TOO_MANY_PARTS, Reason.BLURRED)  # of a whole photo: turning it changes nothing
ENOUGH = 8  # digits: where so many were read …
RATHER = 1.0  # evidence for another turn from which on a photo without labels is not taken as it is
CHANCE = 0.3  # … and fewer than this part look like their labels at the best turn, the labels are not theirs


@dataclass(frozen=True)
class Upright:
    """What was read at the turn that brings a photo upright."""

    view: View
    turn: Turn
    crops: list[Crop]
    rejects: list[Reject]


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
    found = len(as_it_is.crops) + sum(reject.label is not None for reject in as_it_is.rejects)
    expected = found if strings is None else sum(map(len, strings))
    hopeless = all(reject.reason in AT_ANY_TURN and reject.corners is None for reject in as_it_is.rejects)
    if not expected or (hopeless and not found):
        return as_it_is
    if strings is None and 2 * len(as_it_is.crops) >= expected:  # the same ink is found at any turn
        lying = SIDEWAYS * _lie(as_it_is.crops)
        evidence = [_evidence(as_it_is.crops, turn, expected) + lying * (turn in {90, 270}) for turn in TURNS]
        turn = _decided(evidence, tilted=view.tilted)
        if turn == 0 and label == UNLABELLED and max(evidence) > evidence[0] + RATHER:
            turn = _unsure(evidence, TURNS[int(np.argmax(evidence))], 0, RATHER)
        return turn if isinstance(turn, Reject) else _not_by_chance(as_it_is if turn == 0 else at(turn))
    if _evidence(as_it_is.crops, 0, expected) >= FITTING * np.log(quick.CLASSES) * expected:
        return as_it_is
    ways = [as_it_is, *(at(turn) for turn in TURNS[1:])]
    turn = _decided([_evidence(way.crops, 0, expected) for way in ways], tilted=view.tilted)
    return turn if isinstance(turn, Reject) else _not_by_chance(ways[TURNS.index(turn)])


def _decided(evidence: list[float], *, tilted: bool) -> Turn | Reject:
    """Return the turn that fits best, 0 where nothing speaks for another, or a reject."""
    leaning = np.array([LEANING, LEANING * tilted, 0, LEANING * tilted])
    total = np.array(evidence) + leaning
    order = np.argsort(-total, kind="stable")
    best, second = (TURNS[int(place)] for place in order[:2])
    ahead = float(total[order[0]] - total[order[1]])
    if (best == 0 and not tilted) or ahead >= CERTAIN:
        return best
    return _unsure([float(one) for one in total], best, second, CERTAIN)


def _unsure(evidence: list[float], one: Turn, other: Turn, limit: float) -> Reject:
    ahead = evidence[TURNS.index(one)] - evidence[TURNS.index(other)]
    detail = f"the digits' looks are {np.exp(ahead):.0f} times as likely at {one} degrees as at {other}"
    return Reject(Reason.TURN_UNSURE, f"{detail}, limit {np.exp(limit):.0f}", advice=ADVICE)


def _not_by_chance(way: Upright) -> Upright | Reject:
    """Return a reading whose digits look like their labels more often than any digits would; a reject otherwise."""
    if any(crop.label == UNLABELLED for crop in way.crops):
        return way
    right = looks_of(way.crops).argmax(axis=1) == [crop.label for crop in way.crops]
    if len(right) < ENOUGH or right.mean() >= CHANCE:
        return way
    detail = f"at no turn do more than {right.sum()} of {len(right)} digits look like their labels"
    return Reject(Reason.TURN_UNSURE, f"{detail}, limit {CHANCE:g} of them", advice=ADVICE)


def _lie(crops: list[Crop]) -> bool:
    """Tell whether most digits are wider than high; 0 looks much the same when it lies, but no digit is written so."""
    sizes = np.array([np.ptp(crop.corners, axis=0) for crop in crops])
    return len(crops) >= ENOUGH and bool(np.median(sizes[:, 0] / np.maximum(sizes[:, 1], 1)) > WIDE)


def _evidence(crops: list[Crop], turn: Turn, expected: int) -> float:
    """Return the logarithm of how much likelier the digits, turned clockwise, are with their labels than with any.

    Without labels, with what they look most like at that turn.
    """
    looks, labels = looks_of(crops, turn), np.array([crop.label for crop in crops], int)
    own = np.where(labels == UNLABELLED, looks.max(axis=1, initial=-np.inf), looks[np.arange(len(crops)), labels])
    return float((own + np.log(quick.CLASSES)).sum()) - MISSING * (expected - len(crops))


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
        crops, rejects = on_photo(view, *read(view.rgb, label, strings, limits))
        return Findings(crops, rejects + _other_sheet(rgb, view))
    upright = read_upright(view, label, strings, limits, read)
    if isinstance(upright, Reject):
        return Findings([], [upright])
    crops, rejects = on_photo(upright.view, upright.crops, upright.rejects)
    return Findings(crops, rejects + _other_sheet(turned(rgb, upright.turn), upright.view), turn=upright.turn)


def _other_sheet(rgb: Rgb, view: View) -> list[Reject]:
    other = None if view.outline is None else other_paper(rgb, view.outline)
    if other is None:
        return []
    detail = "a second sheet of paper is in view; only one is read"
    return [Reject(Reason.NOT_REGISTERED, detail, corners=other, advice="take a photo of each sheet")]
