import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import report
from pipeline.reports import reading
from pipeline.reviewing import queue
from tests.reports.made_run import left


def reported(folder: Path, name: str = "out") -> dict[str, bytes]:
    """Run the stage on a made-up run in ``folder`` and return its files by name."""
    files, out = left(folder), folder / name
    outputs = {"page_file": "report.html", "croissant_file": "croissant.json"}
    outputs |= {"data_card_file": "data-card.md", "model_card_file": "model-card.md"}
    given = {key: value for key, value in vars(files).items() if key not in ("params", "audit_folder")}
    plain = ("digits", "models", "curves", "galleries", "robustness_picture", "domain_gap_picture")
    arguments = {key if key in plain else f"{key}_metrics": value for key, value in given.items()}
    report.main(
        files.params, audit=files.audit_folder, **arguments, **{key: out / file for key, file in outputs.items()}
    )
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def test_the_stage_writes_four_files_with_the_same_bytes_each_time(tmp_path: Path) -> None:
    first = reported(tmp_path)
    assert list(first) == ["croissant.json", "data-card.md", "model-card.md", "report.html"]
    assert reported(tmp_path) == first
    assert len(first["report.html"]) < 3_000_000
    assert json.loads(first["croissant.json"])["@type"] == "sc:Dataset"


def test_it_ends_with_what_to_do_with_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reported(tmp_path)
    seen, advice = capsys.readouterr().out.splitlines()
    assert seen.endswith("report.html")
    assert advice.startswith("next: `mnist-cn review` (1 suspect, 1 reject), `mnist-cn compare`")
    assert report.next_step(0, 0).startswith("next: `mnist-cn compare`")
    assert "`mnist-cn review` (1,000 rejects), " in report.next_step(0, 1000)
    assert "`mnist-cn review` (1 suspect), " in report.next_step(1, 0)


def test_the_numbers_beside_review_are_those_of_its_page(tmp_path: Path) -> None:
    run = reading.load(left(tmp_path))
    place = {"photo": "c/a.png", "row": "3", "detail": "", "advice": "", "label": "1", "ink": "yes"}
    reasons = [reason for reason, n in run.sheets.reasons.items() for _ in range(n)]
    rejects = [{**place, "reason": reason, "col": str(col)} for col, reason in enumerate(reasons)]
    kinds = [item.kind for item in queue.queue(run.suspects, rejects, (), {})]
    assert report.shown(run) == (kinds.count("suspect"), kinds.count("reject"))


@pytest.mark.slow
def test_the_stage_needs_neither_torch_nor_matplotlib() -> None:
    heavy = "{'torch', 'matplotlib', 'sklearn', 'pandas', 'albumentations', 'cv2'}"
    code = f"import sys, pipeline.report; print(*({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1200])
def test_a_browser_shows_the_whole_page_without_a_network(width: int, scheme: str, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs the system's chromium")
    from playwright.sync_api import sync_playwright

    reported(tmp_path)
    address = (tmp_path / "out" / "report.html").as_uri()
    asked: list[str] = []
    told: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]  # a plain str
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        wide, inner = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        loaded = page.evaluate("[...document.images].map(one => one.complete && one.naturalWidth > 0)")
        paper, ink = page.evaluate("(s => [s.backgroundColor, s.color])(getComputedStyle(document.body))")
        browser.close()
    assert wide <= inner
    assert len(loaded) == 9
    assert all(loaded)
    assert told == []
    assert [url for url in asked if not url.startswith("data:")] == [address]
    darker = sum(_rgb(paper)) < sum(_rgb(ink))
    assert darker == (scheme == "dark")


def _rgb(colour: str) -> list[int]:
    return [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
