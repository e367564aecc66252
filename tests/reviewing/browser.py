"""The review page in a real Chromium: serve a project, open windows on it, press keys."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline import digits
from tests.params_file import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SECONDS = 60.0  # for a step on a busy machine


@contextmanager
def reviewing(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a project's page; yield its address, and what it says once it is ended as Ctrl-C does."""
    command = [sys.executable, "-m", "pipeline.cli", "review", "--port", "0", "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "user-cache")}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            last: list[str] = []
            yield process.stdout.readline().strip(), last
        finally:
            process.send_signal(signal.SIGINT)
            told, _ = process.communicate(timeout=SECONDS)
            last += [str(process.returncode), *told.splitlines()]


@contextmanager
def chromium() -> Iterator["Browser"]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: "Browser", address: str, wrong: list[str], width: int = 1200, height: int = 900) -> "Page":
    """Open a window; what its scripts or requests do wrong is noted."""
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda one: None if one.url.startswith(address) else wrong.append(one.url))
    page.goto(address)
    page.locator("#card").wait_for()
    return page


def lines(folder: Path) -> list[str]:
    path = folder / "raw/corrections.csv"
    return path.read_text().splitlines()[1:] if path.exists() else []


def press(page: "Page", key: str, folder: Path, expected: list[str]) -> None:
    """Press a key, and see that the corrections become what is expected."""
    page.keyboard.press(key)
    until = time.monotonic() + SECONDS
    while lines(folder) != expected and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert lines(folder) == expected
    page.wait_for_timeout(200)  # until the answer is on the page


def labels(folder: Path) -> dict[tuple[str, int, int], int]:
    rows = digits.load(folder / "data/sheets.parquet").to_pylist()
    return {(row["photo"], row["row"], row["col"]): row["label"] for row in rows}
