"""Verdicts given by keys in a browser, followed through a whole `dvc repro` and back to the page."""

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.simulate.photos import write
from tests.miniature import commit, miniature, run_in
from tests.reviewing.browser import chromium, labels, lines, opened, press, reviewing

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal"),
]
PLACE = re.compile(r"(?P<photo>\S+) · row (?P<row>\d+) · column (?P<col>\d+) · train digits")
MINUS = "\u2212"
POINTS = rf"([+{MINUS}]?\d+\.\d\d)"
CHANGE = re.compile(rf"{POINTS} points \({POINTS} to {POINTS}\); \w+")
Where = tuple[str, int, int]


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A miniature project after its first run, committed."""
    write(tmp_path / "photos", 3, seed=5, severity="ordinary")
    project = miniature(tmp_path / "project", sorted((tmp_path / "photos").glob("*.jpg")))
    repro(project)
    commit(project, "first run")
    return project


def repro(project: Path) -> str:
    """Run all that the page tells of: the digits, the networks, their accuracy, the suspects."""
    return run_in("dvc", "repro", "audit", cwd=project, MNIST_CN_CACHE=os.environ["MNIST_CN_CACHE"])


def shown(page: "Page") -> tuple[Where, int]:
    """Where the digit on the page stands, and its label."""
    place = PLACE.fullmatch(page.locator("#place").inner_text())
    label = re.search(r"(?:Labelled |Is it a )(\d)", page.locator("#question").inner_text())
    assert place is not None
    assert label is not None
    return (place["photo"], int(place["row"]), int(place["col"])), int(label[1])


def line(where: Where, label: object) -> str:
    return ",".join(map(str, (*where, label)))


def decided(page: "Page", project: Path) -> dict[Where, int | None]:
    """Relabel a suspect, drop one, keep one and undo it, accept a reject; return what this asks for."""
    page.get_by_label("Split", exact=True).select_option("train")
    page.locator("#question").click()  # keys are the list's own while it has the focus
    first, label = shown(page)
    asked: dict[Where, int | None] = {first: (label + 1) % 10}
    press(page, str(asked[first]), project, kept := [line(first, asked[first])])
    second, _ = shown(page)
    asked[second] = None
    press(page, "d", project, kept := [*kept, line(second, "drop")])
    third, label = shown(page)
    press(page, "k", project, [*kept, line(third, label)])
    press(page, "u", project, kept)
    assert shown(page) == (third, label)
    page.get_by_label("Reason", exact=True).select_option("too-many-parts")
    page.locator("#question").click()
    reject, label = shown(page)
    asked[reject] = label
    press(page, "k", project, [*kept, line(reject, label)])
    assert len({first, second, third, reject}) == 4
    return asked


def errors(project: Path, revision: str | None = None) -> dict[str, Any]:
    text = (project / "metrics/evaluate.json").read_text()
    if revision is not None:
        text = run_in("git", "show", f"{revision}:metrics/evaluate.json", cwd=project)
    return {name: entry["errors"] for name, entry in json.loads(text).items()}


def told(page: "Page", project: Path) -> None:
    """The page says what the run did to the digits, and to the accuracy."""
    page.get_by_role("button", name="What changed").click()
    page.get_by_text("The last run applied them all.").wait_for()
    effects = [row.split("\t") for row in page.locator("#effects tr").all_inner_texts()]
    assert effects == [
        ["digits relabelled", "0", "1"], ["labels confirmed", "0", "0"], ["digits dropped", "0", "1"],
        ["rejects accepted", "0", "1"], ["rejects left out", "0", "0"],
    ]  # fmt: skip
    page.locator("#compared").wait_for()
    table = {row.split("\t")[0]: row.split("\t")[1:] for row in page.locator("#accuracy tr").all_inner_texts()}
    before, after = errors(project, "HEAD"), errors(project)
    assert {"mnist", "tests"} <= set(table)
    for name in ("mnist", "tests"):
        n, *accuracies, change = table[name]
        total = int(n.replace(",", ""))
        assert accuracies == [
            f"{100 * (1 - wrong / total):.2f}% ({wrong} errors)" for wrong in (before[name], after[name])
        ]
        found = CHANGE.match(change)
        assert found is not None, change
        gain, low, high = (float(text.replace(MINUS, "-")) for text in found.groups())
        assert gain == pytest.approx(100 * (before[name] - after[name]) / total, abs=0.005)
        assert low <= gain <= high
        assert low < high


def test_verdicts_given_by_keys_come_back_from_a_run_as_what_they_changed(finished: Path) -> None:
    before, wrong = labels(finished), list[str]()
    with chromium() as browser:
        with reviewing(finished) as (address, last):
            asked = decided(opened(browser, address, wrong), finished)
        assert last[0] == "0"
        assert last[-1].startswith("raw/corrections.csv: 3 lines; next: `dvc repro` applies them")
        ran = repro(finished)
        assert all(f"Running stage '{stage}'" in ran for stage in ("sheets", "train", "evaluate", "audit"))
        after = {where: label for where, label in (before | asked).items() if label is not None}
        assert labels(finished) == after
        assert len(after) == len(before)  # one dropped, one rescued
        with reviewing(finished) as (address, _):
            told(opened(browser, address, wrong), finished)
    assert wrong == []
    assert len(lines(finished)) == 3
