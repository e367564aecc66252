"""Where folds train, and how many at once."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from pipeline import parallel
from pipeline.learning.placement import Placement, hardware, place_folds
from pipeline.parallel import cores


@pytest.mark.parametrize(
    ("folds", "workers", "expected"),
    [(5, 0, 1), (5, 3, 3), (2, 5, 2), (0, 0, 1), (0, 4, 1)],
)
def test_a_gpu_trains_one_fold_at_a_time_or_as_many_as_are_asked_for(folds: int, workers: int, expected: int) -> None:
    assert Placement("cuda", "bfloat16", "").at_once(folds, workers) == expected


@pytest.mark.parametrize(("folds", "workers", "expected"), [(100, 3, 3), (100, 0, cores(0)), (1, 3, 1), (0, 3, 1)])
def test_cores_train_a_fold_each_and_no_more_than_there_are_folds(folds: int, workers: int, expected: int) -> None:
    assert Placement("cpu", "float32", "").at_once(folds, workers) == expected


@pytest.mark.parametrize(
    ("gpus", "device", "asked"),
    [
        (0, "auto", ("cpu", False)),
        (None, "auto", ("auto", True)),
        (2, "auto", ("auto", True)),
        (0, "cpu", ("cpu", False)),
        (2, "cpu", ("cpu", False)),
    ],
)
def test_a_gpu_is_asked_for_only_where_one_is_lent_and_wanted(
    gpus: int | None, device: str, asked: tuple[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster without a GPU would wait for one for ever."""
    seen: list[tuple[str, bool]] = []

    def each(_: Any, tasks: list[tuple[str, str]], *, gpu: bool, **__: Any) -> Iterator[Placement]:
        seen.append((tasks[0][0], gpu))
        yield Placement("cpu", "float32", "")

    monkeypatch.setattr(parallel, "gpus", lambda: gpus)
    monkeypatch.setattr(parallel, "each", each)
    place_folds(device, "float32")
    assert seen == [asked]


def test_another_gpu_or_another_cudnn_is_other_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for name, version in (("NVIDIA H100", 91002), ("NVIDIA H100", 91100), ("NVIDIA A100", 91002)):
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda name=name: name)
        monkeypatch.setattr(torch.backends.cudnn, "version", lambda version=version: version)
        seen.add(hardware("cuda"))
    assert len(seen) == 3


def test_a_processor_that_pytorch_is_told_to_use_less_of_is_other_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = hardware("cpu")
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "DEFAULT")  # ATEN_CPU_CAPABILITY=default
    assert hardware("cpu") != whole
