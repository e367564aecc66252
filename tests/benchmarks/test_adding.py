"""What one photo costs that is added to a thousand: `pytest -m benchmark -s tests/benchmarks/test_adding.py`."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.params_file import ROOT

PHOTOS = 1000
SHEETS = sorted((ROOT / "raw" / "samples").glob("*.jpg"))


def stage(folder: Path) -> tuple[float, str]:
    """Seconds of one run of stage `sheets`, Python's own start included, and what it said."""
    paths = {"params": ROOT / "params.yaml", "raw": "raw", "table": "sheets.parquet"}
    paths |= {"metrics": "sheets.json", "pictures": "sheets"}
    arguments = [str(part) for name, path in paths.items() for part in (f"--{name}", path)]
    started = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "pipeline.sheets", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - started, run.stdout.splitlines()[-1]


def photo(folder: Path, number: int) -> None:
    """A photo of its own: bytes after a JPEG's end change its hash and nothing else."""
    (folder / f"{number:04}.jpg").write_bytes(SHEETS[number % len(SHEETS)].read_bytes() + str(number).encode())


@pytest.mark.benchmark
def test_a_photo_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_CN_CACHE", str(tmp_path / "cache"))
    raw = tmp_path / "raw" / "many"
    raw.mkdir(parents=True)
    for number in range(PHOTOS):
        photo(raw, number)
    times = {}
    times[f"{PHOTOS:,} photos, all new"], said = stage(tmp_path)
    assert said.startswith(f"{PHOTOS:,} photos: {PHOTOS:,} new, 0 reused")
    times["none added"], said = min(stage(tmp_path) for _ in range(3))
    assert said.startswith(f"{PHOTOS:,} photos: 0 new, {PHOTOS:,} reused")
    photo(raw, PHOTOS)
    times["one added"], said = stage(tmp_path)
    assert said.startswith(f"{PHOTOS + 1:,} photos: 1 new, {PHOTOS:,} reused")
    for what, seconds in times.items():
        print(f"{what:>24}: {seconds:7.2f} s")
    print(f"{'more for one':>24}: {times['one added'] - times['none added']:7.2f} s")
