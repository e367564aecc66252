"""Where folds train, and how many at once."""

import pytest
import torch

from pipeline.learning.placement import Placement, hardware
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


def test_another_gpu_or_another_cudnn_is_other_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for name, version in (("NVIDIA H100", 91002), ("NVIDIA H100", 91100), ("NVIDIA A100", 91002)):
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda name=name: name)
        monkeypatch.setattr(torch.backends.cudnn, "version", lambda version=version: version)
        seen.add(hardware("cuda"))
    assert len(seen) == 3
