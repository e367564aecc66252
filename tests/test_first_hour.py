"""A new user's first hour, command by command as the README has it; simulated photos stand in for paper and a phone."""

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.miniature import ENVIRONMENT, commit, miniature, pulled, run_in

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The user's cache, which the review page reads photos from."""
    return {"MNIST_CN_CACHE": str(tmp_path_factory.mktemp("kept"))}


@contextmanager
def review(project: Path, kept: dict[str, str]) -> Iterator[str]:
    """Serve the review page, and yield its address."""
    command = ["mnist-cn", "review", "--no-browser", "--port", "0"]
    served = subprocess.Popen(command, cwd=project, env={**ENVIRONMENT, **kept}, stdout=subprocess.PIPE, text=True)
    assert served.stdout is not None
    found = re.search(r"http://\S+", served.stdout.readline())
    assert found is not None
    try:
        yield found.group().rstrip("/")
    finally:
        served.send_signal(signal.SIGINT)
        assert served.wait(timeout=60) == 0


def queue(address: str) -> list[dict[str, Any]]:
    with urlopen(f"{address}/queue", timeout=60) as answer:
        items: list[dict[str, Any]] = json.load(answer)["items"]
    return items


def decide(address: str, item: dict[str, Any], label: str) -> None:
    body = json.dumps({"key": item["key"], "label": label, "expected": None}).encode()
    heads = {"Content-Type": "application/json", "Origin": "/".join(address.split("/")[:3])}
    with urlopen(Request(f"{address}/verdict", body, heads), timeout=60) as answer:
        assert json.load(answer) == {"verdict": label}


def test_the_first_hour_runs_from_a_printed_sheet_to_another_clone(tmp_path: Path, kept: dict[str, str]) -> None:
    project = miniature(tmp_path / "project")

    def mnist_cn(*words: str) -> str:
        return run_in("mnist-cn", *words, cwd=project, **kept)

    # Print a sheet, have it filled in, photograph it, look.
    said = mnist_cn("template", "--writer", "w07", "--focus", "2,5,7,9", "--out", "w07.pdf")
    assert "print it at 100 %" in said
    assert "next: `mnist-cn check raw/<collection>`" in said
    assert (project / "w07.pdf").read_bytes().startswith(b"%PDF")
    mnist_cn("simulate", "--out", str(tmp_path / "phone"), "--count", "4", "--seed", "5")
    photos = project / "raw" / "myclass"
    photos.mkdir(parents=True)
    for photo in (tmp_path / "phone").glob("*.jpg"):
        shutil.copy(photo, photos)
    said = mnist_cn("check", "raw/myclass")
    assert "myclass-check/index.html" in said
    assert "next: `dvc repro` reads them" in said
    shutil.rmtree(project / "myclass-check")

    # Run; the page of the run says what to do next.
    said = run_in("dvc", "repro", cwd=project, **kept)
    assert "look at metrics/sheets/index.html" in said
    assert re.search(r"look at metrics/report\.html\nnext: `mnist-cn review` \(\d+ suspects, \d+ rejects\)", said)
    assert "next: copy export/ to where digits are read" in said
    assert "metrics/audit/suspects.csv" in (project / "metrics/report.html").read_text()
    before = json.loads((project / "metrics/sheets.json").read_text())["digits"]
    commit(project, "first photos")

    # Look and decide: a label is dropped, a reject accepted; the next run applies both and says so.
    with review(project, kept) as address:
        items = queue(address)
        suspect = next(item for item in items if item["kind"] == "suspect" and item["split"] == "train")
        reject = next(item for item in items if item["kind"] == "reject" and item["label"] is not None)
        decide(address, suspect, "drop")
        decide(address, reject, str(reject["label"]))
    run_in("dvc", "repro", cwd=project, **kept)
    sheets = json.loads((project / "metrics/sheets.json").read_text())
    assert (sheets["corrections"]["dropped"], sheets["corrections"]["accepted"]) == (1, 1)
    assert sheets["digits"] == before

    # Did it help? And what stands on a photo?
    said = mnist_cn("compare")
    assert f"{suspect['photo']} (1)" in said
    assert re.search(r"mnist: (helped|hurt|no evidence)", said)
    assert "next: " in said
    said = mnist_cn("predict", "raw/myclass/writer-00.jpg", "--out", str(tmp_path / "read.jpg"), "--json", "read.json")
    assert (tmp_path / "read.jpg").is_file()
    assert "next: --threshold sets" in said
    (read,) = json.loads((project / "read.json").read_text())["photos"]
    assert len(read["rows"]) == 10
    (project / "read.json").unlink()
    commit(project, "two corrections")

    # A big collection is DVC's; a colleague's clone gets it all and has nothing to run.
    run_in("git", "rm", "--cached", "-r", "--quiet", "raw/myclass", cwd=project)
    run_in("dvc", "add", "raw/myclass", cwd=project, **kept)
    run_in("dvc", "repro", cwd=project, **kept)
    run_in("dvc", "remote", "add", "--default", "store", str(tmp_path / "remote"), cwd=project)
    commit(project, "photos by DVC")
    run_in("dvc", "push", cwd=project, **kept)
    theirs = pulled(project, tmp_path / "colleague", **kept) / "raw" / "myclass"
    assert {path.name for path in theirs.iterdir()} == {path.name for path in photos.iterdir()}
