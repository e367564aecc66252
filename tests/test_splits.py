import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import digits
from pipeline.errors import BadInputError
from pipeline.splits import draw, fixed
from pipeline.splits import test_rows as rows_to_test
from tests.laws import up_to

SEEDS = st.integers(0, 2**32 - 1)
FRACTIONS = st.floats(0.01, 0.99)
quick = settings(deadline=None, max_examples=up_to(40))
HANDS = st.lists(st.integers(0, 30), min_size=1, max_size=60)


def table(
    writers: list[str | None], photos: list[str | None] | None = None, split: list[str | None] | None = None
) -> pa.Table:
    count = len(writers)
    return digits.from_columns(
        np.zeros((count, 28, 28), np.uint8),
        [0] * count,
        "here",
        ids=[f"{row:016x}" for row in range(count)],
        writer=writers,
        photo=photos,
        split=split,
    )


def written(hands: list[int]) -> pa.Table:
    return table([f"here/{hand}" for hand in hands])


def placed(hands: list[int], fraction: float, seed: int) -> dict[int, str]:
    return dict(zip(hands, fixed(written(hands), fraction, seed), strict=True))


@quick
@given(hands=HANDS, fraction=st.floats(0, 0.99), seed=SEEDS)
def test_no_writer_is_in_two_splits(hands: list[int], fraction: float, seed: int) -> None:
    split = fixed(written(hands), fraction, seed)
    assert set(split) <= {"train", "test"}
    assert len(set(zip(hands, split, strict=True))) == len(set(hands))


@quick
@given(hands=HANDS, fraction=FRACTIONS, seed=SEEDS)
def test_two_or_more_writers_are_in_both_splits(hands: list[int], fraction: float, seed: int) -> None:
    splits = set(placed(hands, fraction, seed).values())
    assert len(set(hands)) < 2 or splits == {"train", "test"}


@quick
@given(hands=HANDS, seed=SEEDS)
def test_fraction_0_tests_nobody(hands: list[int], seed: int) -> None:
    assert set(placed(hands, 0, seed).values()) == {"train"}


@quick
@given(hands=HANDS, more=HANDS, fraction=FRACTIONS, seed=SEEDS)
def test_more_writers_move_no_writer_but_one_that_had_to_be_there(
    hands: list[int], more: list[int], fraction: float, seed: int
) -> None:
    before, after = placed(hands, fraction, seed), placed(hands + more, fraction, seed)
    drawn = {hand: draw(f"here/{hand}", seed) for hand in before}
    for hand in before:
        if before[hand] != after[hand]:
            own = "test" if drawn[hand] < fraction else "train"
            assert own in (before[hand], after[hand])
            assert drawn[hand] in (min(drawn.values()), max(drawn.values()))  # placed by the at-least-one rule


@quick
@given(hands=HANDS, fraction=FRACTIONS, seed=SEEDS, order=st.randoms(use_true_random=False))
def test_order_and_number_of_digits_do_not_matter(
    hands: list[int], fraction: float, seed: int, order: "object"
) -> None:
    shuffled = hands * 2
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert placed(hands, fraction, seed) == placed(shuffled, fraction, seed)


@quick
@given(fraction=st.floats(0.05, 0.95), seed=SEEDS)
def test_about_the_fraction_of_many_writers_is_tested(fraction: float, seed: int) -> None:
    splits = [split == "test" for split in placed(list(range(400)), fraction, seed).values()]
    assert abs(np.mean(splits) - fraction) < 6 * 0.5 / np.sqrt(400)  # six standard deviations at most


@quick
@given(hands=HANDS, fraction=FRACTIONS, seed=SEEDS)
def test_digits_without_a_writer_go_by_photo(hands: list[int], fraction: float, seed: int) -> None:
    split = fixed(table([None] * len(hands), [f"{hand}.jpg" for hand in hands]), fraction, seed)
    assert len(set(zip(hands, split, strict=True))) == len(set(hands))
    assert len(set(hands)) < 2 or set(split) == {"train", "test"}


def test_a_stated_split_is_kept_and_holds_for_all_of_the_writers_digits() -> None:
    names: list[str | None] = ["here/a", "here/a", "here/b", "here/c"]
    for fraction in (0.0, 0.01, 0.99):
        split = fixed(table(names, split=["test", None, "train", None]), fraction, 0)
        assert split[:3] == ["test", "test", "train"]


def test_a_stated_test_writer_is_the_one_that_must_be_there() -> None:
    split = fixed(table(["here/a", "here/b", "here/c"], split=["test", None, None]), 1e-9, 0)
    assert split == ["test", "train", "train"]


def test_a_writer_stated_to_be_in_both_splits_is_named() -> None:
    with pytest.raises(BadInputError, match=r"writer `here/a` in one split, but 2 digits say train and 1 say test"):
        fixed(table(["here/a"] * 4, split=["train", "test", None, "train"]), 0.2, 0)


def test_test_digits_keep_their_order_and_without_one_there_is_nothing_to_say() -> None:
    split: list[str | None] = ["test", "train", "test", "train"]
    both = table(["a", "b", "c", "d"], split=split)
    assert rows_to_test(both).column("writer").to_pylist() == ["a", "c"]
    with pytest.raises(BadInputError, match="at least one test digit, got none; raise"):
        rows_to_test(table(["b"], split=["train"]))
