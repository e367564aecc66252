"""The command, and the page in a real browser: open, relabel, drop, undo, accept a reject, run the reader, look."""

import http.client
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import BadInputError
from pipeline.review import listening, next_step
from tests.params_file import ROOT
from tests.reviewing import made_project
from tests.reviewing.browser import SECONDS, chromium, labels, lines, opened, press, reviewing


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with listening(0) as first:
        port = first.getsockname()[1]
        assert first.getsockname()[0] == "127.0.0.1"  # this machine alone
        with pytest.raises(BadInputError, match=rf"expected a free port, {port} is taken.*--port 0"):
            listening(port)
    listening(port).close()


def test_outside_of_a_project_nothing_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(app, ["review", "--no-browser", "--params", str(ROOT / "params.yaml")])
    assert isinstance(found.exception, BadInputError)
    assert "expected a folder of photos, found none" in str(found.exception)


def test_it_ends_with_what_to_do_with_the_verdicts() -> None:
    path = Path("raw/corrections.csv")
    assert next_step(path, 0).startswith("raw/corrections.csv: no verdict yet")
    assert next_step(path, 1).startswith("raw/corrections.csv: 1 line; next: `dvc repro` applies them")
    assert "1,000 lines" in next_step(path, 1000)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_verdicts_given_by_keys_in_a_browser_change_the_digits(tmp_path: Path) -> None:
    folder, wrong = tmp_path, list[str]()
    made_project.made(folder)
    before = labels(folder)
    with chromium() as browser, reviewing(folder) as (address, last):
        page, other = (opened(browser, address, wrong) for _ in range(2))
        assert page.locator("#count").inner_text() == "0 of 4 looked at"
        assert page.locator("#question").inner_text() == "Labelled 1. Is that right?"
        assert page.get_by_role("button", name="It is a 7, as the model reads it").is_visible()
        press(page, "7", folder, ["c/a.png,0,0,7"])
        press(page, "d", folder, ["c/a.png,0,0,7", "c/a.png,0,2,drop"])
        press(page, "u", folder, ["c/a.png,0,0,7"])
        press(page, "k", folder, ["c/a.png,0,0,7", "c/a.png,0,2,3"])
        assert page.locator("#question").inner_text() == "Left out by the reader. Is it a 5?"
        assert page.locator("#test").is_visible()  # a test writer's
        press(page, "k", folder, kept := ["c/a.png,0,0,7", "c/a.png,0,2,3", "c/b.png,0,0,5"])
        assert page.locator("#count").inner_text() == "3 of 4 looked at"
        other.keyboard.press("d")  # it has seen no verdict at all
        other.locator("#alert").get_by_text("another verdict").wait_for()
        assert lines(folder) == kept
        other.locator("#count", has_text="3 of 4 looked at").wait_for()
        press(page, "d", folder, [*kept, "c/b.png,1,0,drop"])
        assert page.get_by_role("heading", name="All looked at").is_visible()
        refuses_strangers(address)
    assert (last[0], last[-1]) == (
        "0",
        "raw/corrections.csv: 4 lines; next: `dvc repro` applies them, `mnist-cn compare` tells whether it helped",
    )
    assert wrong == []
    made_project.repro(folder)
    changed = {("c/a.png", 0, 0): 7, ("c/b.png", 0, 0): 5}
    assert labels(folder) == before | changed
    looked_at_again(folder, wrong)


def looked_at_again(folder: Path, wrong: list[str]) -> None:
    """After the run the page says what it did; on a phone all of it has room."""
    with chromium() as browser, reviewing(folder) as (address, _):
        page = browser.new_context(viewport={"width": 390, "height": 800}).new_page()
        page.set_default_timeout(1000 * SECONDS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(address)
        page.get_by_role("heading", name="All looked at").wait_for()
        page.get_by_label("Show", exact=True).select_option("done")
        page.locator("#given").get_by_text("Your verdict: it is a 7.").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="What changed").click()
        page.get_by_text("The last run applied them all.").wait_for()
        told = page.locator("#effects tr").all_inner_texts()
        assert [line.split("\t")[0::2] for line in told] == [
            ["digits relabelled", "1"], ["labels confirmed", "1"], ["digits dropped", "0"],
            ["rejects accepted", "1"], ["rejects left out", "1"],
        ]  # fmt: skip
    assert wrong == []


def refuses_strangers(address: str) -> None:
    """A name that was made to point here, another site's script, and who does not know the address."""
    place = urlsplit(address)
    for path, headers, status in (
        (place.path, {}, 200),
        (place.path, {"Host": "evil.example"}, 403),
        (place.path, {"Origin": "https://evil.example"}, 403),
        ("/", {}, 404),
        (f"{place.path}../../params.yaml", {}, 404),
    ):
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=SECONDS)
        connection.request("GET", path, headers=headers)
        assert connection.getresponse().status == status, (path, headers)
        connection.close()
