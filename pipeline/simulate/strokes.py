"""Stroke models of the ten digits as people in China write them.

Drawn by hand for this project after the habits that the Chinese-digit report names: a plain 1, a curled or angular
one-stroke 2, a 5 whose cap is a stroke apart, an uncrossed or hooked 7, a straight or curled 9, an open 4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(N, 2) float64: x to the right, y down; a digit is 1 high, from y = 0 to 1, and centred on x = 0."""


@dataclass(frozen=True)
class Form:
    """One way of writing a digit.

    ``path`` lists the knots that the pen passes through, as ``x,y`` in hundredths of the digit's height: smoothly, but
    with a corner at a knot that is followed by ``|``, and lifted at each ``/``.
    """

    name: str
    weight: float  # how common it is among writers
    path: str


_OVAL = "8,2 -16,12 -27,50 -14,92 6,99 24,75 26,38 12,6"
_TWO_NECK = "-22,20 -8,2 13,4 20,26"
_THREE_BELLY = "-3,44 | 15,50 24,70 14,93 -6,100 -24,89"
_FIVE_BELLY = "-17,45 | 2,36 20,50 22,76 4,98 -22,92"
_SIX_LOOP = "-6,98 15,90 21,70 8,53 -10,58 -20,76"
_NINE_LOOP = "20,12 4,0 -16,8 -22,27 -8,44 10,38 21,14"
_EIGHT_DOWN = "5,48 22,68 14,94 -5,100 -22,84"

FORMS: dict[int, tuple[Form, ...]] = {
    0: (
        Form("closed", 5, f"{_OVAL} -1,1"),
        Form("overrun", 3, f"{_OVAL} -2,2 -16,16"),
        Form("narrow", 2, "5,2 -12,12 -19,50 -10,92 4,99 17,75 18,38 8,6 0,1"),
    ),
    1: (
        Form("plain", 9, "2,0 0,35 -2,70 -3,100"),
        Form("flag", 1, "-12,18 2,0 | 0,50 0,100"),
    ),
    2: (
        Form("curled", 4, f"{_TWO_NECK} 6,58 -14,88 -23,99 -28,90 -17,82 0,92 16,98 30,90"),
        Form("one stroke", 5, f"{_TWO_NECK} 4,60 -24,96 | 2,95 28,94"),
        Form("like a z", 2, "-22,10 -2,2 19,5 19,18 -2,56 -25,95 | -8,90 10,97 28,93"),
    ),
    3: (
        Form("round", 6, f"-20,12 -4,0 16,7 17,27 {_THREE_BELLY}"),
        Form("flat top", 2, f"-20,3 20,2 | {_THREE_BELLY}"),
        Form("flowing", 3, "-20,12 0,0 18,16 6,40 10,50 24,70 6,100 -24,90"),
    ),
    4: (
        Form("open", 6, "-10,2 -16,30 -25,60 | 2,60 29,57 / 12,20 9,60 6,100"),
        Form("closed", 3, "12,0 -8,34 -28,68 | 30,66 / 13,2 12,50 10,100"),
        Form("one stroke", 1, "-12,2 -26,58 | 24,56 | 17,20 | 10,60 6,100"),
    ),
    5: (
        Form("cap apart", 4, f"-14,8 {_FIVE_BELLY} / -6,4 10,3 28,0"),
        Form("cap joined", 4, f"-14,4 {_FIVE_BELLY} / -14,4 8,3 28,0"),
        Form("one stroke", 2, f"27,0 -12,4 | {_FIVE_BELLY}"),
        Form("like an s", 1, "26,2 0,5 -15,22 -6,42 16,58 16,86 -22,94"),
    ),
    6: (
        Form("bowed", 6, f"16,0 -6,20 -20,52 -20,82 {_SIX_LOOP}"),
        Form("straight", 4, f"2,0 -12,34 -20,66 -18,88 {_SIX_LOOP}"),
    ),
    7: (
        Form("uncrossed", 6, "-25,7 0,5 26,3 | 10,40 0,70 -5,100"),
        Form("hooked", 4, "-26,24 -25,5 | 0,5 25,4 | 10,40 0,70 -4,100"),
        Form("round", 2, "-24,10 2,3 22,6 20,24 6,60 -2,100"),
    ),
    8: (
        Form("one stroke", 7, f"18,12 2,0 -17,10 -13,32 {_EIGHT_DOWN} -14,62 6,44 18,26 15,8"),
        Form("two rounds", 2, "3,0 -15,10 -15,34 2,45 17,32 16,10 2,0 / 0,45 -20,60 -20,88 0,100 20,88 20,60 1,45"),
        Form("open top", 2, f"24,4 4,3 -15,14 -10,34 {_EIGHT_DOWN} -10,58 8,38 24,12"),
    ),
    9: (
        Form("straight", 6, f"{_NINE_LOOP} | 18,50 12,100"),
        Form("curled", 4, f"{_NINE_LOOP} 21,45 17,82 2,99 -17,92"),
        Form("sloping", 2, f"{_NINE_LOOP} | 14,50 0,80 -14,100"),
    ),
}


def knots(form: Form) -> list[list[Points]]:
    """Return the form's strokes, each a list of smooth runs that meet at corners; a run is (N, 2) with N >= 2."""
    return [_runs(stroke) for stroke in form.path.split("/")]


def _runs(stroke: str) -> list[Points]:
    runs: list[Points] = []
    for words in stroke.split("|"):
        run = np.array([[float(number) / 100 for number in knot.split(",")] for knot in words.split()])
        runs.append(np.concatenate([runs[-1][-1:], run]) if runs else run)
    return runs


def follow(run: Points, step: float = 0.02) -> Points:
    """Return the pen's path through a run of knots, with a point about every ``step``.

    A centripetal Catmull-Rom spline: it makes no loop or cusp that was not drawn (Yuksel, Schaefer and Keyser 2011).
    """
    padded = np.concatenate([2 * run[:1] - run[1:2], run, 2 * run[-1:] - run[-2:-1]])
    chords = np.maximum(np.linalg.norm(np.diff(padded, axis=0), axis=1), 1e-3)
    times = np.concatenate([[0.0], np.cumsum(chords**0.5)])
    counts = np.ceil(chords[1:-1] / step).astype(int)  # of points, between one knot and the next
    span = np.repeat(np.arange(len(counts)), counts)  # where each point lies
    place = np.arange(len(span)) - (np.cumsum(counts) - counts)[span]
    t = place * ((times[2:-1] - times[1:-2]) / counts)[span] + times[span + 1]
    about = [span + knot for knot in range(4)]  # the four knots about each point
    drawn = _between([times[knot][:, None] for knot in about], [padded[knot] for knot in about], t[:, None])
    return np.concatenate([drawn, run[-1:]])


def _between(times: list[Points], layer: list[Points], t: Points) -> Points:
    """Return where the pen is at times ``t``, given times and places of four knots about each (Barry, Goldman 1988)."""
    for first, reach in ((0, 1), (0, 2), (1, 1)):
        layer = [
            (times[first + i + reach] - t) / (times[first + i + reach] - times[first + i]) * layer[i]
            + (t - times[first + i]) / (times[first + i + reach] - times[first + i]) * layer[i + 1]
            for i in range(len(layer) - 1)
        ]
    return layer[0]
