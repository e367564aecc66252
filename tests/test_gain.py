from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, recall_score

from pipeline.gain import Readings, by_source, gained, sentence, shown_p, verdict
from pipeline.paired import Pairs, mcnemar
from tests.laws import up_to

TRACKED = (2, 5, 7, 9)


def readings(n: int, *, before: float = 0.8, after: float = 0.9, writers: int = 4, seed: int = 0) -> Readings:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 10, n)
    read = [
        np.where(generator.random(n) < share, labels, generator.integers(0, 10, n)).astype(np.uint8)
        for share in (before, after)
    ]
    named = [None if w == writers else f"w{w}" for w in generator.integers(0, writers + 1, n)]
    return Readings(labels.astype(np.uint8), read[0], read[1], named)


def swapped(one: Readings) -> Readings:
    return Readings(one.labels, one.after, one.before, one.writers)


@given(st.integers(1, 200), st.integers(0, 99))
@settings(max_examples=5)
def test_the_numbers_are_those_of_a_loop_over_digits(n: int, seed: int) -> None:
    one = readings(n, seed=seed)
    entry = gained(one, TRACKED)
    rows = list(zip(one.labels.tolist(), one.before.tolist(), one.after.tolist(), strict=True))
    assert entry["errors_before"] == sum(label != old for label, old, _ in rows)
    assert entry["errors_after"] == sum(label != new for label, _, new in rows)
    assert entry["gain"] == pytest.approx((entry["errors_before"] - entry["errors_after"]) / n, abs=1e-6)
    for digit in range(10):
        of_it = [(old, new) for label, old, new in rows if label == digit]
        assert entry["by_digit"][str(digit)] == {
            "n": len(of_it),
            "errors_before": sum(old != digit for old, _ in of_it),
            "errors_after": sum(new != digit for _, new in of_it),
            "fixed": sum(old != digit and new == digit for old, new in of_it),
            "broken": sum(old == digit and new != digit for old, new in of_it),
        }


def test_what_is_told_of_a_tracked_digit_is_what_scikit_learn_counts() -> None:
    one = readings(500)
    entry = gained(one, TRACKED)
    for side, read in (("before", one.before), ("after", one.after)):
        counts = confusion_matrix(one.labels, read, labels=range(10))
        recalls = recall_score(one.labels, read, labels=range(10), average=None)
        for digit in TRACKED:
            told = entry["tracked"][str(digit)][side]
            misread = counts[digit] * (np.arange(10) != digit)
            assert told["recall"] == pytest.approx(recalls[digit], abs=1e-6)
            assert (told["top_confusion"], told["top_confusion_n"]) == (misread.argmax(), misread.max())


@given(st.integers(1, 300), st.integers(0, 99))
@settings(max_examples=5)
def test_swapping_the_revisions_negates_the_gain_and_swaps_all_else(n: int, seed: int) -> None:
    one = readings(n, seed=seed)
    there, back = gained(one, TRACKED), gained(swapped(one), TRACKED)
    assert back["gain"] == -there["gain"]
    assert (back["ci95_low"], back["ci95_high"]) == (-there["ci95_high"], -there["ci95_low"])
    assert (back["fixed"], back["broken"], back["p"]) == (there["broken"], there["fixed"], there["p"])
    opposite = {"helped": "hurt", "hurt": "helped", "no evidence yet": "no evidence yet"}
    assert back["verdict"] == opposite[there["verdict"]]
    if "writers" in there:
        assert back["writers"]["p"] == pytest.approx(there["writers"]["p"])
        assert back["writers"]["ci95_low"] == pytest.approx(-there["writers"]["ci95_high"], abs=2e-6)


def test_equal_runs_gain_nothing() -> None:
    one = readings(498)
    entry = gained(Readings(one.labels, one.before, one.before, one.writers), TRACKED)
    assert (entry["gain"], entry["p"], entry["fixed"], entry["broken"]) == (0, 1, 0, 0)
    assert entry["ci95_low"] == -entry["ci95_high"] < 0
    assert entry["verdict"] == "no evidence yet"
    assert "both read the same digits right" in entry["sentence"]
    assert "more than 0.77 percentage points" in entry["sentence"]


def test_sources_stand_in_order_and_handwriting_is_all_collections() -> None:
    one = readings(300)
    sources = ["zhang", "mnist", "an"] * 100
    report = by_source(one, sources, TRACKED)
    assert list(report) == ["mnist", "an", "zhang", "handwriting"]
    for key in ("n", "errors_before", "errors_after", "fixed", "broken"):
        assert report["handwriting"][key] == report["an"][key] + report["zhang"][key]


def test_digits_of_unknown_writers_are_told_and_one_writer_is_too_few_to_resample() -> None:
    one = readings(200, writers=4)
    assert gained(one, TRACKED)["writers"]["unknown"] == one.writers.count(None)
    alone = Readings(one.labels, one.before, one.after, ["w"] * 200)
    assert "writers" not in gained(alone, TRACKED)


def test_writers_of_whom_as_many_digits_were_fixed_as_broken_are_neither_better_nor_worse() -> None:
    labels, after = np.zeros(8, np.uint8), np.array([0, 0, 1, 0, 0, 1, 0, 1], np.uint8)
    before = np.array([1, 0, 0, 0, 1, 0, 0, 1], np.uint8)  # a: 1 fixed | b: 1 broken | c: one each | d: none
    entry = gained(Readings(labels, before, after, ["a", "a", "b", "b", "c", "c", "d", "d"]), TRACKED)
    assert {key: entry["writers"][key] for key in ("n", "better", "worse")} == {"n": 4, "better": 1, "worse": 1}


@pytest.mark.slow
def test_a_gain_that_rounds_to_zero_has_no_sign() -> None:
    labels = np.zeros(3_000_000, np.uint8)
    after = labels.copy()
    after[0] = 1
    entry = gained(Readings(labels, labels, after, [None] * len(labels)), TRACKED)
    assert str(entry["gain"]) == "0.0"


@pytest.mark.parametrize(
    ("pairs", "writers", "said"),
    [
        (Pairs(498, 14, 0), None, "helped: 14 digits fixed, none broken"),
        (Pairs(498, 1, 14), None, "hurt: 1 digit fixed, 14 broken"),
        (Pairs(498, 0, 14), {"n": 9, "p": 0.004}, "hurt: no digit fixed, 14 broken"),
        (
            Pairs(498, 14, 0),
            {"n": 3, "p": 0.25},
            "helped: 14 digits fixed, none broken; this is of 3 writers' digits: at least 6 writers are needed to tell "
            "it of others",
        ),
        (
            Pairs(498, 14, 0),
            {"n": 8, "p": 0.125},
            "helped: 14 digits fixed, none broken; this is of 8 writers' digits: of others it is not certain (p 0.12)",
        ),
        (
            Pairs(498, 3, 0),
            {"n": 3, "p": 0.25},
            "no evidence yet: 3 digits fixed, none broken; about 810 more digits would tell, if it goes on like this",
        ),
        (
            Pairs(498, 14, 0),
            {"n": 6, "p": 0.125},
            "helped: 14 digits fixed, none broken; this is of 6 writers' digits: of others it is not certain (p 0.12)",
        ),
        (
            Pairs(5, 5, 0),
            None,
            "no evidence yet: 5 digits fixed, none broken; one more digit would tell, if it goes on like this",
        ),
        (Pairs(498, 4, 4), None, "no evidence yet: 4 digits fixed, 4 broken: no number of digits tells a gain of zero"),
    ],
)
def test_the_sentence_says_helped_hurt_or_what_would_tell(
    pairs: Pairs, writers: dict[str, Any] | None, said: str
) -> None:
    assert sentence(pairs, mcnemar(pairs), writers) == said


@given(st.integers(0, 20), st.integers(0, 20))
@settings(max_examples=up_to(25))
def test_the_verdict_is_given_exactly_where_p_is_below_5_percent(fixed: int, broken: int) -> None:
    pairs = Pairs(1000, fixed, broken)
    p = mcnemar(pairs)
    expected = "no evidence yet" if p >= 0.05 else "helped" if fixed > broken else "hurt"
    assert verdict(pairs, p) == expected


def test_a_p_is_never_shown_on_the_other_side_of_5_percent() -> None:
    assert [shown_p(p) for p in (0.0, 0.0021, 0.0452, 0.0498, 0.0503, 0.0548, 0.123, 1.0)] == [
        *("< 0.0001", "0.0021", "0.0452", "0.0498", "0.0503", "0.0548", "0.12", "1"),
    ]
