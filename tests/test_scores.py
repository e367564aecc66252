import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import scores
from pipeline.errors import BadInputError


@st.composite
def proportions(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 100_000))
    return draw(st.integers(0, n)), n


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_values(successes: int, n: int, low: float, high: float) -> None:
    # Table I, method 3, of R. G. Newcombe, "Two-sided confidence intervals for the single proportion: comparison of
    # seven methods", Statistics in Medicine 17 (1998) 857-872
    assert scores.wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


@given(proportions())
def test_wilson_contains_the_proportion_and_stays_within_0_and_1(proportion: tuple[int, int]) -> None:
    low, high = scores.wilson(*proportion)
    assert 0 <= low <= proportion[0] / proportion[1] <= high <= 1
    assert low < high


@given(proportions(), st.integers(2, 50))
def test_wilson_shrinks_with_more_digits_of_the_same_share(proportion: tuple[int, int], times: int) -> None:
    low, high = scores.wilson(*proportion)
    narrow_low, narrow_high = scores.wilson(proportion[0] * times, proportion[1] * times)
    assert narrow_high - narrow_low < high - low


@given(proportions())
def test_wilson_of_errors_mirrors_wilson_of_successes(proportion: tuple[int, int]) -> None:
    low, high = scores.wilson(*proportion)
    assert scores.wilson(proportion[1] - proportion[0], proportion[1]) == pytest.approx((1 - high, 1 - low))


@given(proportions())
def test_wilson_widens_with_confidence(proportion: tuple[int, int]) -> None:
    narrow, wide = scores.wilson(*proportion, confidence=0.9), scores.wilson(*proportion, confidence=0.99)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 3), (4, 3)])
def test_wilson_refuses_what_is_no_proportion(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"got {successes} of {n}"):
        scores.wilson(successes, n)


def test_confusion_has_labels_down_and_predictions_across() -> None:
    counts = scores.confusion(np.array([7, 7, 7, 2], np.uint8), np.array([1, 1, 7, 2], np.uint8))
    assert counts.shape == (10, 10)
    assert {(a, p): int(counts[a, p]) for a, p in np.argwhere(counts)} == {(7, 1): 2, (7, 7): 1, (2, 2): 1}


def test_summary_in_a_case_counted_by_hand() -> None:
    labels = np.array([2, 2, 2, 2, 5, 5, 7, 7, 7, 1], np.uint8)
    predictions = np.array([2, 2, 7, 3, 5, 5, 1, 1, 2, 1], np.uint8)
    found = scores.summary(scores.confusion(labels, predictions), tracked=[2, 5, 7, 9])
    assert list(found) == ["n", "errors", "accuracy", "ci95_low", "ci95_high", "by_digit", "tracked"]
    assert (found["n"], found["errors"], found["accuracy"]) == (10, 5, 0.5)
    assert found["by_digit"]["1"] == {"n": 1, "recall": 1.0, "precision": 0.333333}
    assert found["by_digit"]["3"] == {"n": 0, "precision": 0.0}
    assert found["by_digit"]["9"] == {"n": 0}
    assert found["tracked"] == {
        "2": {"recall": 0.5, "precision": 0.666667, "top_confusion": 3, "top_confusion_n": 1},
        "5": {"recall": 1.0, "precision": 1.0, "top_confusion_n": 0},
        "7": {"recall": 0.0, "precision": 0.0, "top_confusion": 1, "top_confusion_n": 2},
        "9": {"top_confusion_n": 0},
    }


@given(st.lists(st.sampled_from(["mnist", "a", "b"]), min_size=1))
def test_handwriting_is_every_digit_that_is_not_mnist(sources: list[str]) -> None:
    found = scores.groups(sources)
    assert list(found) == [name for name in ("mnist", "a", "b") if name in sources] + (
        ["handwriting"] if set(sources) - {"mnist"} else []
    )
    for name, chosen in found.items():
        if name == "handwriting":
            assert chosen.tolist() == [source != "mnist" for source in sources]
        else:
            assert chosen.tolist() == [source == name for source in sources]


@given(st.lists(st.sampled_from(["mnist", "a", "b"]), min_size=1))
def test_handwriting_is_left_out_exactly_where_one_collection_is_all_of_it(sources: list[str]) -> None:
    found = scores.groups(sources)
    same = [name for name in ("a", "b") if name in found and (found[name] == found["handwriting"]).all()]
    assert scores.distinct(found) == [name for name in found if not (same and name == "handwriting")]


@pytest.mark.parametrize("name", ["handwriting", "Handwriting"])
def test_no_collection_may_be_called_handwriting(name: str) -> None:
    with pytest.raises(BadInputError, match=rf"raw/{name}: expected another name.*rename"):
        scores.groups(["mnist", name])
