import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import download, parallel
from pipeline.errors import BadInputError
from tests.laws import up_to

CONTENT = np.random.default_rng(0).bytes(200_000)
FILE = download.Pinned("train-images-idx3-ubyte.gz", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


class Mirror(BaseHTTPRequestHandler):
    """One server, many mirrors: the first part of the path says how it behaves."""

    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        behaviour = self.path.split("/")[1]
        asked_range = self.headers.get("Range")
        self.asked.append((behaviour, asked_range))
        content = {"wrong": CONTENT[::-1], "page": b"<html>log in</html>", "endless": CONTENT * 9}.get(
            behaviour, CONTENT
        )
        start = int(asked_range.split("=")[1].rstrip("-")) if asked_range and behaviour != "rangeless" else 0
        if behaviour == "gone":
            self.send_error(404)
            return
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            first = start + 1 if behaviour == "shifted" else start
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Encoding", "gzip")  # as some do for a .gz: the bytes are to be kept as they are
        if behaviour not in ("silent", "endless"):
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + 70_000 if behaviour in ("cut", "silent") else len(content)
        self.wfile.write(content[start:end])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def requests_seen() -> Iterator[list[tuple[str, str | None]]]:
    Mirror.asked = []
    yield Mirror.asked


class Steps:
    """Counts what a progress bar is told."""

    def __init__(self) -> None:
        self.total = 0

    def __call__(self, advance: int = 1, note: str = "") -> None:  # noqa: ARG002  # a Report takes it
        self.total += advance


def fetched(folder: Path, address: str, *behaviours: str) -> list[tuple[str, str | None]]:
    """Download with mirrors of these behaviours and return the requests they saw."""
    with requests_seen() as seen:
        steps = Steps()
        path = download.fetch(FILE, folder, tuple(f"{address}{name}/" for name in behaviours), steps)
    assert path.read_bytes() == CONTENT
    assert [entry.name for entry in folder.iterdir()] == [FILE.name]
    assert steps.total == download.STEPS
    return seen


def test_the_first_good_mirror_is_enough(tmp_path: Path, address: str) -> None:
    assert fetched(tmp_path / "new", address, "good", "gone") == [("good", None)]


def test_the_next_mirror_continues_what_one_cut_off(tmp_path: Path, address: str) -> None:
    assert fetched(tmp_path, address, "cut", "good") == [("cut", None), ("good", "bytes=70000-")]


def test_an_answer_that_ends_early_without_a_length_is_noticed(tmp_path: Path, address: str) -> None:
    assert fetched(tmp_path, address, "silent", "good") == [("silent", None), ("good", "bytes=70000-")]


def test_a_mirror_that_knows_no_ranges_starts_again(tmp_path: Path, address: str) -> None:
    assert fetched(tmp_path, address, "cut", "rangeless") == [("cut", None), ("rangeless", "bytes=70000-")]


@pytest.mark.parametrize("bad", ["wrong", "page", "gone", "endless"])
def test_another_file_is_not_kept_and_the_next_mirror_asked(tmp_path: Path, address: str, bad: str) -> None:
    seen = fetched(tmp_path, address, bad, "good")
    assert [name for name, _ in seen if name == "good"] == ["good"]


def test_a_part_that_is_not_of_this_file_is_thrown_away(tmp_path: Path, address: str) -> None:
    (tmp_path / f"{FILE.name}.part").write_bytes(b"x" * 1000)
    assert fetched(tmp_path, address, "good") == [("good", "bytes=1000-"), ("good", None)]


def test_a_range_that_begins_elsewhere_is_not_appended(tmp_path: Path, address: str) -> None:
    (tmp_path / f"{FILE.name}.part").write_bytes(CONTENT[:1000])
    assert fetched(tmp_path, address, "shifted") == [("shifted", "bytes=1000-"), ("shifted", None)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=up_to(15), deadline=None)
@given(have=st.integers(0, len(CONTENT) + 10))
def test_a_run_killed_anywhere_is_continued(tmp_path: Path, address: str, have: int) -> None:
    (tmp_path / FILE.name).unlink(missing_ok=True)
    (tmp_path / f"{FILE.name}.part").write_bytes((CONTENT + b"too much.")[:have])
    fetched(tmp_path, address, "good")


def test_a_file_that_is_there_is_not_asked_for(tmp_path: Path, address: str) -> None:
    (tmp_path / FILE.name).write_bytes(CONTENT)
    assert fetched(tmp_path, address, "good") == []


def test_a_users_other_file_is_neither_used_nor_replaced(tmp_path: Path, address: str) -> None:
    (tmp_path / FILE.name).write_bytes(b"mine")
    with pytest.raises(BadInputError, match=r"expected MNIST's file with SHA-256 .* delete it"):
        download.fetch(FILE, tmp_path, (f"{address}good/",), Steps())
    assert (tmp_path / FILE.name).read_bytes() == b"mine"


def test_when_all_mirrors_fail_one_line_names_each_and_the_part_stays(tmp_path: Path, address: str) -> None:
    mirrors = (f"{address}gone/", f"{address}cut/", "http://127.0.0.1:9/")
    with requests_seen(), pytest.raises(BadInputError) as caught:
        download.fetch(FILE, tmp_path, mirrors, Steps())
    message = str(caught.value)
    assert "\n" not in message
    assert all(mirror in message for mirror in mirrors)
    assert "HTTP 404" in message
    assert "70000 of 200000 bytes" in message
    assert (tmp_path / f"{FILE.name}.part").read_bytes() == CONTENT[:70_000]
    assert not (tmp_path / FILE.name).exists()


def test_it_runs_behind_a_progress_bar(tmp_path: Path, address: str) -> None:
    with requests_seen():
        task = (FILE, tmp_path, (f"{address}good/",))
        paths = parallel.each_with_bar(download.fetch_task, [task], titles=[FILE.name], steps=download.STEPS, workers=1)
    assert [path.read_bytes() for path in paths] == [CONTENT]


def test_the_pinned_files_are_the_four_of_mnist() -> None:
    assert sorted(file.name for file in download.FILES) == [
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
    ]
    assert all(mirror.endswith("/") for mirror in download.MIRRORS)
