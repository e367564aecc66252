import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import digits, duplicates
from tests.memory import with_most_memory

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1), st.sampled_from(["train", "test"])), max_size=12)
Row = tuple[int, int, str]  # which picture, label, split


def found(rows: list[Row]) -> duplicates.Repeats:
    images = np.array([np.full((28, 28), picture) for picture, _, _ in rows], np.uint8).reshape(-1, 28, 28)
    table = digits.from_columns(images, [label for _, label, _ in rows], "here", row=list(range(len(rows))))
    return duplicates.find(table, [split for _, _, split in rows])


@settings(deadline=None)
@given(rows=ROWS)
def test_every_picture_stays_at_most_once_and_every_row_is_accounted_for(rows: list[Row]) -> None:
    repeats = found(rows)
    pictures = [rows[place][0] for place in repeats.kept]
    assert len(set(pictures)) == len(pictures)
    assert repeats.kept.tolist() == sorted(repeats.kept.tolist())
    removed = repeats.duplicates + repeats.duplicates_of_test + repeats.conflicting_labels
    assert len(pictures) + removed == len(rows)


@settings(deadline=None)
@given(rows=ROWS)
def test_a_picture_goes_altogether_only_where_its_labels_differ(rows: list[Row]) -> None:
    kept = {rows[place][0] for place in found(rows).kept}
    for picture in {row[0] for row in rows} - kept:
        alike = [row for row in rows if row[0] == picture]
        tested = [row for row in alike if row[2] == "test"]
        assert len({label for _, label, _ in tested or alike}) == 2


@settings(deadline=None)
@given(rows=ROWS)
def test_test_rows_stay_the_same_whatever_is_trained_on(rows: list[Row]) -> None:
    def kept_tests(some: list[Row]) -> list[Row]:
        return [some[place] for place in found(some).kept if some[place][2] == "test"]

    assert kept_tests(rows) == kept_tests([row for row in rows if row[2] == "test"])


def test_the_first_of_equal_rows_stays() -> None:
    repeats = found([(1, 0, "train"), (2, 0, "train"), (1, 0, "train"), (1, 0, "train")])
    assert repeats.kept.tolist() == [0, 1]
    assert repeats.duplicates == 2


def test_a_train_row_gives_way_to_its_equal_in_test_even_with_another_label() -> None:
    repeats = found([(1, 0, "train"), (1, 1, "train"), (1, 0, "test")])
    assert repeats.kept.tolist() == [2]
    assert (repeats.duplicates, repeats.duplicates_of_test, repeats.conflicting_labels) == (0, 2, 0)


def test_equal_train_rows_with_two_labels_all_go() -> None:
    repeats = found([(1, 0, "train"), (1, 1, "train"), (1, 0, "train"), (2, 5, "train")])
    assert repeats.kept.tolist() == [3]
    assert repeats.conflicting_labels == 3


def test_memory_is_not_that_of_the_pictures() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (4000, 28, 28), dtype=np.uint8)
    table = digits.from_columns(pictures, [3] * 4000, "here")
    split = ["train"] * 4000
    repeats, most = with_most_memory(lambda: duplicates.find(table, split))
    assert len(repeats.kept) == 4000
    assert most < pictures.nbytes / 2
