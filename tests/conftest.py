"""What many tests share."""

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

from pipeline import params
from pipeline.params import Sheets
from tests.params_file import ROOT

# The same cases in every run, however busy the machine: a failure is a change's fault.
# `HYPOTHESIS_PROFILE=explore pytest` searches for new cases.
settings.register_profile("repeat", derandomize=True, deadline=None, max_examples=10)
settings.register_profile("thorough", derandomize=True, deadline=None, max_examples=100)
settings.register_profile("explore", derandomize=False, deadline=None, max_examples=100)


def pytest_configure(config: pytest.Config) -> None:
    """Try a law on at most 10 cases in the quick tests and 100 in the slow ones; a thread a process in the quick ones.

    With two threads in each of two processes on two cores NumPy and torch wait for one another: 122 s in place of 95.
    Slow tests and benchmarks run the pipeline as it is.
    """
    usual = "thorough" if _slow_ones(config) else "repeat"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", usual))
    if "not benchmark" in config.option.markexpr:
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def _slow_ones(config: pytest.Config) -> bool:
    return str(config.option.markexpr).startswith("slow")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a law with dear cases, marked `first_quick(count)`, all but the first one or `count` cases are slow tests.

    With the slow tests run those that draw their cases, too: they draw more.
    """
    seen: Counter[str] = Counter()
    for item in items:
        if _slow_ones(config) and is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.slow)
        marker = item.get_closest_marker("first_quick")
        if marker and not item.get_closest_marker("slow"):
            law = item.nodeid.partition("[")[0]
            seen[law] += 1
            if seen[law] > (marker.args or (1,))[0]:
                item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Readings are kept in a folder of this test session's own."""
    os.environ["MNIST_CN_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def limits() -> Sheets:
    """The reader's limits as the repository has them."""
    return params.load(ROOT / "params.yaml").sheets


@pytest.fixture(scope="session")
def real_photos() -> Path:
    """The folder of real photographed sheets; tests that want it skip where it is not at hand."""
    stated = os.environ.get("MNIST_CN_DATA")
    if not stated:
        pytest.skip("MNIST_CN_DATA is not set: no folder with real photos in handwriting/")
    folder = Path(stated) / "handwriting"
    if not folder.is_dir():
        pytest.skip(f"MNIST_CN_DATA: no folder {folder}")
    return folder
