"""What a change was worth: errors, gain, digits fixed and broken, and a verdict in one sentence, by test source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline import paired, scores

Verdict = Literal["helped", "hurt", "no evidence yet"]
ALPHA = 1 - paired.CONFIDENCE


@dataclass(frozen=True)
class Readings:
    """N test digits as two revisions read them.

    Attributes
    ----------
    labels, before, after : (N,) integers in 0..9
    writers : sequence of N strings or None
    """

    labels: scores.Digits
    before: scores.Digits
    after: scores.Digits
    writers: Sequence[str | None]

    def of(self, chosen: NDArray[np.bool_]) -> "Readings":
        """Return a part of the digits."""
        writers = [writer for writer, taken in zip(self.writers, chosen, strict=True) if taken]
        return Readings(self.labels[chosen], self.before[chosen], self.after[chosen], writers)

    @property
    def right(self) -> tuple[paired.Right, paired.Right]:
        """Whether each digit was read right, before and after."""
        return self.before == self.labels, self.after == self.labels


def by_source(readings: Readings, sources: Sequence[str], tracked: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Return :func:`gained` for each group of :func:`pipeline.scores.groups`, in its order."""
    return {name: gained(readings.of(chosen), tracked) for name, chosen in scores.groups(sources).items()}


def gained(readings: Readings, tracked: Sequence[int]) -> dict[str, Any]:
    """Return what one source gained, shares rounded to 6 decimals.

    Parameters
    ----------
    readings : Readings
        At least one digit.
    tracked : sequence of int
        The digits whose recall and top confusion are told.

    Returns
    -------
    dict
        ``n, errors_before, errors_after``; ``gain`` (of the accuracy, 0.01 is a percentage point) with ``ci95_low,
        ci95_high``; ``fixed, broken``; ``p`` (McNemar's, exact); ``digits_needed`` in all for this gain, left out where
        it is zero; ``writers`` where at least two are known; ``by_digit.<d>.{n, errors_before,
        errors_after, fixed, broken}``;
        ``tracked.<d>.{before, after}`` as in ``metrics/evaluate.json``; ``verdict`` and ``sentence``.
    """
    before, after = readings.right
    pairs, n = paired.Pairs.of(before, after), len(before)
    low, high = paired.interval(pairs)
    needed, writers = paired.digits_needed(pairs), _writers(readings)
    p = paired.mcnemar(pairs)
    return {
        "n": n,
        "errors_before": n - int(before.sum()),
        "errors_after": n - int(after.sum()),
        "gain": _rounded(pairs.gain),
        "ci95_low": _rounded(low),
        "ci95_high": _rounded(high),
        "fixed": pairs.fixed,
        "broken": pairs.broken,
        "p": _six_digits(p),
        **({} if needed is None else {"digits_needed": needed}),
        **({} if writers is None else {"writers": writers}),
        "by_digit": _by_digit(readings),
        "tracked": _tracked(readings, tracked),
        "verdict": verdict(pairs, p),
        "sentence": sentence(pairs, p, writers),
    }


def verdict(pairs: paired.Pairs, p: float) -> Verdict:
    """Return which way the gain goes where McNemar's p is below 0.05."""
    if p >= ALPHA:
        return "no evidence yet"
    return "helped" if pairs.fixed > pairs.broken else "hurt"


def sentence(pairs: paired.Pairs, p: float, writers: dict[str, Any] | None = None) -> str:
    """Return the verdict, why, and what would tell more.

    Parameters
    ----------
    pairs : Pairs
    p : float
        McNemar's.
    writers : dict or None
        What ``writers`` holds in the metrics: a gain on their digits may still not be one for people in general.
    """
    said = verdict(pairs, p)
    changed = f"{_digits(pairs.fixed)} fixed, {f'{pairs.broken:,}' if pairs.broken else 'none'} broken"
    if said != "no evidence yet":
        return f"{said}: {changed}{_in_general(writers)}"
    if not pairs.differing:
        _, high = paired.interval(pairs)
        reach = f"{100 * high:.2g} percentage points either way"
        return f"{said}: both read the same digits right; a gain or loss of more than {reach} is unlikely"
    needed = paired.digits_needed(pairs)
    if needed is None:
        return f"{said}: {changed}: no number of digits tells a gain of zero"
    more = needed - pairs.n
    told = f"about {_about(more)} more digits" if more > 1 else "one more digit"
    return f"{said}: {changed}; {told} would tell, if it goes on like this"


def _in_general(writers: dict[str, Any] | None) -> str:
    if writers is None or writers["p"] < ALPHA:
        return ""
    least, count = paired.least_to_tell(), writers["n"]
    if count < least:
        return f"; this is of {count} writers' digits: at least {least} writers are needed to tell it of others"
    return f"; this is of {count} writers' digits: of others it is not certain (p {shown_p(writers['p'])})"


def shown_p(p: float) -> str:
    """Return a p with two digits, near 5% with more: none is shown as 0, and none as the other side of 5%."""
    if p < 0.0001:
        return "< 0.0001"
    return f"{p:.4f}" if 0.045 <= p < 0.055 else f"{p:.2g}"


def _writers(readings: Readings) -> dict[str, Any] | None:
    by_writer = paired.ByWriter.of(*readings.right, readings.writers)
    if len(by_writer.n) < 2:
        return None
    low, high = paired.writers_interval(by_writer)
    unknown = len(readings.labels) - int(by_writer.n.sum())
    return {
        "n": len(by_writer.n),
        **({"unknown": unknown} if unknown else {}),
        "better": int(np.sum(by_writer.net > 0)),
        "worse": int(np.sum(by_writer.net < 0)),
        "ci95_low": _rounded(low),
        "ci95_high": _rounded(high),
        "p": _six_digits(paired.writers_p(by_writer)),
    }


def _by_digit(readings: Readings) -> dict[str, dict[str, int]]:
    before, after = readings.right
    counts = {}
    for digit in scores.DIGITS:
        of_it = readings.labels == digit
        pairs = paired.Pairs.of(before[of_it], after[of_it])
        counts[str(digit)] = {
            "n": pairs.n,
            "errors_before": pairs.n - int(before[of_it].sum()),
            "errors_after": pairs.n - int(after[of_it].sum()),
            "fixed": pairs.fixed,
            "broken": pairs.broken,
        }
    return counts


def _tracked(readings: Readings, tracked: Sequence[int]) -> dict[str, dict[str, Any]]:
    before, after = (
        scores.summary(scores.confusion(readings.labels, read), tracked)["tracked"]
        for read in (readings.before, readings.after)
    )
    return {digit: {"before": before[digit], "after": after[digit]} for digit in before}


def _rounded(share: float) -> float:
    return round(share, scores.DECIMALS) + 0.0  # no -0.0


def _six_digits(p: float) -> float:
    return float(f"{p:.6g}")  # a p has no least step, so that decimals would make 0 of it


def _digits(count: int) -> str:
    return f"{count:,} digit{'' if count == 1 else 's'}" if count else "no digit"


def _about(count: int) -> str:
    """Return a number of two digits that count: more it cannot claim."""
    step = 10 ** max(0, len(str(count)) - 2)
    return f"{-(-count // step) * step:,}"
