from pathlib import Path

import pytest

from pipeline import digits
from pipeline.errors import BadInputError
from pipeline.reviewing.queue import Item, queue, read_lines, read_splits
from tests.reviewing import lists

SPLITS = {("c/a.jpg", 0): "train", ("c/a.jpg", 1): "test", ("c/b.jpg", None): "test"}


def test_the_least_believable_of_each_source_come_first_then_rejects() -> None:
    suspects = [
        lists.suspect("d/x.jpg", rank=1),
        lists.suspect("d/x.jpg", col=1, rank=2),
        lists.suspect("c/a.jpg", rank=1),
    ]
    found = queue(suspects, [lists.reject("c/b.jpg", ink="yes")], [], {})
    assert [(item.photo, item.col) for item in found] == [
        ("c/a.jpg", 0),
        ("d/x.jpg", 0),
        ("d/x.jpg", 1),
        ("c/b.jpg", 0),
    ]
    assert [item.kind for item in found] == ["suspect"] * 3 + ["reject"]
    assert found[0] == Item(
        "suspect", "c/a.jpg", 0, 0, "other-digit", "read as 7 although labelled 1",
        split="train", label=1, prediction=7, probability=0.75,
    )  # fmt: skip


def test_no_place_comes_twice_and_a_verdict_alone_stays_in_sight() -> None:
    decided = [("c/a.jpg", 0, 0), ("c/b.jpg", 3, 4)]
    found = queue([lists.suspect("c/a.jpg")], [lists.reject("c/a.jpg", ink="yes")], decided, SPLITS)
    assert [(item.kind, item.place, item.split) for item in found] == [
        ("suspect", ("c/a.jpg", 0, 0), "train"),
        ("decided", ("c/b.jpg", 3, 4), "test"),
    ]


def test_only_a_reject_with_ink_takes_a_verdict() -> None:
    lines = [
        lists.reject("c/a.jpg", row="0", col="1", ink="yes"),
        lists.reject("c/a.jpg", row="0", col="2"),
        lists.reject("c/a.jpg", row="1", col=""),
        lists.reject("c/b.jpg", row="", col=""),
    ]
    found = queue([], lines, [], SPLITS)
    assert [(item.kind, item.place) for item in found] == [
        ("reject", ("c/a.jpg", 0, 1)), ("advice", None), ("advice", None), ("advice", None),
    ]  # fmt: skip
    assert [item.split for item in found] == ["train", "train", "test", "test"]


@pytest.mark.parametrize("reason", ["blank", "dropped"])
def test_where_nothing_is_nobody_has_to_look(reason: str) -> None:
    assert queue([], [lists.reject("c/a.jpg", reason=reason)], [], {}) == []


def test_suspects_of_no_photo_are_left_out() -> None:
    assert queue([lists.suspect("")], [], [], {}) == []


def test_keys_are_the_same_in_every_run_and_differ() -> None:
    lines = [lists.reject("c/a.jpg", row="", col="", detail=text) for text in "ab"]
    lines += [lists.reject("c/a.jpg", row="1", col=str(col), ink="yes") for col in (1, 11)]
    keys = [item.key for item in queue([], lines, [], {})]
    assert len(set(keys)) == 4
    assert keys == [item.key for item in queue([], lines, [], {})]
    assert Item("suspect", "c/a.jpg", 1, 1, "x").key == Item("decided", "c/a.jpg", 1, 1, "looked at").key == keys[2]


def test_a_list_of_an_older_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    assert read_lines(path, ["photo"]) == []
    path.write_text("photo,row\n")
    with pytest.raises(BadInputError, match=r"rejects\.csv: expected a column `ink`, found none; run `dvc repro`"):
        read_lines(path, ["photo", "ink"])


def test_splits_are_those_of_the_digit_table(tmp_path: Path) -> None:
    path = tmp_path / "digits.parquet"
    assert read_splits(path) == {}
    table = lists.table(["c/a", "c/a", "c/b", None], [0, 1, 0, None], ["train", "test", "test", "train"])
    digits.save(table, path)
    assert read_splits(path) == {("c/a", 0): "train", ("c/a", 1): "test", ("c/b", 0): "test", ("c/b", None): "test"}
