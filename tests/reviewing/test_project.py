from typing import Any

import pytest

from pipeline.reviewing import project as reviewed
from pipeline.reviewing.project import Project
from pipeline.reviewing.queue import queue
from tests.reviewing import lists, made_project


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of items of each queue that is made."""
    numbers: list[int] = []

    def counted(*given: Any) -> Any:
        found = queue(*given)
        numbers.append(len(found))
        return found

    monkeypatch.setattr(reviewed, "queue", counted)
    return numbers


def test_the_queue_is_made_once_for_any_number_of_pictures(project: Project, made: list[int]) -> None:
    every = [project.items() for _ in range(5)]
    assert len(made) == 1
    assert all(items == every[0] for items in every)


def test_each_verdict_is_in_the_queue_at_once(project: Project, made: list[int]) -> None:
    before = set(project.items())
    project.verdicts.put(("c/a.png", 1, 3), "8", None)  # a place that is in no list
    (added,) = set(project.items()) - before
    assert project.items()[added].kind == "decided"
    project.verdicts.put(("c/a.png", 1, 3), None, "8")
    assert set(project.items()) == before
    assert len(made) == 3


def test_a_list_of_a_new_run_is_in_the_queue(project: Project, made: list[int]) -> None:
    before = set(project.items())
    made_project.written(project.files.suspects, [lists.suspect("c/a.png", col=3, label=4)])
    assert {(item.row, item.col) for item in project.items().values() if item.kind == "suspect"} == {(0, 3)}
    assert set(project.items()) != before
    assert len(made) == 2
