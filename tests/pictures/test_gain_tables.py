import io
from typing import Any

import numpy as np
from rich.console import Console

from pipeline.gain import Readings, by_source
from pipeline.pictures.gain_tables import changes, points, tables

LABELS = np.tile(np.arange(10, dtype=np.uint8), 20)


def report(sources: list[str], **changed: Any) -> dict[str, Any]:
    """What `mnist-cn compare --json` prints: every 9 misread as 4 before, one 1 as 7 after."""
    before, after = np.where(LABELS == 9, 4, LABELS).astype(np.uint8), LABELS.copy()
    after[1] = 7
    named = (sources * len(LABELS))[: len(LABELS)]
    read = Readings(LABELS, before, after, [f"{name}/{place % 7}" for place, name in enumerate(named)])
    entries = {name: {"shown_as": name, **entry} for name, entry in by_source(read, named, (2, 9)).items()}
    return {
        "before": {"revision": "before", "commit": "0123456789"},
        "after": {"revision": "workspace", "commit": None},
        "same_predictions": False,
        "left_out": {"before": 0, "after": 0, "label": 0},
        "parameters": {},
        "train": {"added": {}, "removed": {}, "relabelled": 0},
        "sources": entries,
        **changed,
    }


def printed(content: dict[str, Any], width: int = 100) -> list[str]:
    console = Console(width=width, file=io.StringIO())
    with console.capture() as said:
        console.print(tables(content))
    return [line.strip() for line in said.get().splitlines()]


def test_each_source_has_a_line_one_by_writers_and_a_sentence() -> None:
    lines = printed(report(["mnist", "[red]"]))
    assert lines[0] == "before (0123456) to workspace"
    found = next(line.split() for line in lines if line.startswith("[red]"))
    assert found[:6] == ["[red]", "100", "20", "to", "1", "+19.00"]  # the 1 that is broken is there
    assert any(line.startswith("by 7 writers") for line in lines)
    assert sum(": helped: 20 digits fixed, 1 broken" in line for line in lines) == 1
    assert any(line.startswith("9 ") and "0.00% to 100.00%" in line and "4 (20) to none" in line for line in lines)


def test_the_tables_fit_80_columns_unfolded() -> None:
    assert any("20 to 1" in line and "+19.00" in line for line in printed(report(["mnist", "class"]), width=80))


def test_handwriting_is_left_out_where_it_is_one_collection() -> None:
    one, two = ("\n".join(printed(report(["mnist", *collections]))) for collections in ("a", "ab"))
    assert "\na: " in one
    assert "handwriting" not in one
    assert "\nhandwriting: " in two


def test_what_was_added_is_named_where_it_is_little_and_counted_where_it_is_much() -> None:
    added = {
        "few": {"n": 30, "photos": {"few/1.jpg": 30}, "writers": {"few/a": 10, "few/b": 20}},
        "many": {"n": 12, "photos": {f"many/{n}.jpg": 2 for n in range(6)}, "writers": {}},
    }
    lines = changes(report(["a"], train={"added": added, "removed": {}, "relabelled": 2}))
    assert lines == [
        "Train digits added: few 30; photo few/1.jpg (30); writers few/a (10), few/b (20).",
        "Train digits added: many 12; 6 photos.",
        "Train digits labelled anew: 2.",
    ]


def test_a_change_of_train_sources_alone_is_no_second_change() -> None:
    added = {"a": {"n": 1, "photos": {}, "writers": {}}}
    train = {"added": added, "removed": {}, "relabelled": 0}
    alone = changes(report(["a"], train=train, parameters={"merge.train_sources": [["mnist"], "all"]}))
    assert not any("all changes together" in line for line in alone)
    other = changes(report(["a"], train=train, parameters={"train.seed": [0, 1]}))
    assert any("all changes together" in line for line in other)


def test_digits_that_were_left_out_are_told() -> None:
    lines = changes(report(["a"], left_out={"before": 1, "after": 2, "label": 3}))
    assert lines[0] == (
        "Left out of the comparison: 1 test digits that only before has, 2 that only workspace has, "
        "3 labelled differently."
    )


def test_points_are_of_a_hundred_and_have_a_sign() -> None:
    assert (points(0.0281), points(-0.0005), points(0)) == ("+2.81", "-0.05", "+0.00")
