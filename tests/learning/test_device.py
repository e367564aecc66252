import ctypes
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from pipeline.errors import BadInputError
from pipeline.learning import device
from pipeline.learning.device import choose_device, choose_precision, exact, out_of_memory
from tests.params_file import ROOT


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device that should be absent")
def test_an_absent_device_is_one_line() -> None:
    with pytest.raises(BadInputError, match=r"train.device: expected a device that is here \(.*cpu\), got 'cuda'; use"):
        choose_device("cuda")


def processor(monkeypatch: pytest.MonkeyPatch, *, bfloat16: bool) -> None:
    """Let PyTorch see a processor that computes in bfloat16, or one that does not."""
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: bfloat16)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)


def test_bfloat16_is_taken_where_the_processor_has_it_and_not_where_float32_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    processor(monkeypatch, bfloat16=True)
    assert [choose_precision(wanted, "cpu") for wanted in ("auto", "bfloat16", "float32")] == [
        "bfloat16",
        "bfloat16",
        "float32",
    ]


@pytest.mark.parametrize("place", ["cpu", "mps"])
def test_without_bfloat16_auto_is_float32_and_asking_for_it_is_one_line(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor(monkeypatch, bfloat16=False)
    assert choose_precision("auto", place) == "float32"
    assert choose_precision("float32", place) == "float32"
    with pytest.raises(
        BadInputError, match=f"^train.precision: expected float32, .* this {place} .*, got 'bfloat16'; use auto$"
    ):
        choose_precision("bfloat16", place)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has a total capacity of"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:130] data. DefaultCPUAllocator: can't allocate memory: you tried to "
            "allocate 4000000000000 bytes. Error code 12 (Cannot allocate memory)"
        ),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: not enough memory: you tried"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9.07 GB)"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        MemoryError(),
    ],
    ids=lambda error: str(error)[:30] or "MemoryError",
)
def test_memory_that_runs_out_is_one_line_that_says_what_to_lower(error: Exception) -> None:
    told = r"^train.batch_size: with 64 digits .*ran out \(.+\); lower it"
    with pytest.raises(BadInputError, match=told) as caught, out_of_memory(64):
        raise error
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is error


def test_memory_that_really_runs_out_is_told_so() -> None:
    with pytest.raises(BadInputError, match="the memory ran out"), out_of_memory(64):
        torch.empty(2**60, dtype=torch.uint8)


def test_other_errors_keep_their_traceback() -> None:
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"), out_of_memory(64):
        torch.zeros(2, 3) @ torch.zeros(2, 3)


@pytest.mark.usefixtures("two_threads")
def test_the_callers_settings_are_put_back() -> None:
    def settings() -> tuple[Any, ...]:
        numbers = torch.random.get_rng_state().tolist(), torch.backends.cudnn.allow_tf32
        return torch.get_num_threads(), torch.get_deterministic_debug_mode(), numbers

    before = settings()
    with pytest.raises(KeyError), exact(seed=3):  # noqa: PT012 -- the block is what is tested
        assert torch.get_num_threads() == 1 < before[0]
        assert torch.are_deterministic_algorithms_enabled()
        assert not torch.backends.cudnn.allow_tf32  # a GPU's convolutions in float32 are float32
        torch.rand(1)
        raise KeyError
    assert settings() == before


@pytest.mark.parametrize(("place", "woken"), [("cpu", []), ("mps", []), ("cuda", [1])])
def test_no_gpu_is_woken_but_the_one_that_works(place: str, woken: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def state(number: int) -> torch.Tensor:
        asked.append(number)
        return torch.zeros(16, dtype=torch.uint8)

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_rng_state", state)
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda *_: None)
    with exact(seed=0, device=place):
        pass
    assert asked == woken


def test_the_same_seed_draws_the_same_numbers() -> None:
    drawn = []
    for seed in (1, 1, 2):
        with exact(seed):
            drawn.append(torch.rand(1).item())
    assert drawn[0] == drawn[1] != drawn[2]


def test_tiny_numbers_are_nought_within_and_not_after() -> None:
    tiny = torch.tensor([1e-39])
    with exact(seed=0):
        assert (tiny * 0.5).item() == 0
    assert (tiny * 0.5).item() > 0


def test_the_c_library_is_told_once_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    library = SimpleNamespace(mallopt=lambda key, value: told.append((key, value)))
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    device._keep_freed_memory.cache_clear()
    for _ in range(3):
        with exact(seed=0):
            pass
    assert told == [(device.M_MMAP_MAX, 0), (device.M_TRIM_THRESHOLD, 2**31 - 1)]


@pytest.mark.parametrize("error", [TypeError, OSError])
def test_another_c_library_is_left_alone(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS and musl there is no mallopt, on Windows nothing is called None."""

    def library(_: object) -> object:
        raise error

    for absent in (lambda _: SimpleNamespace(), library):
        monkeypatch.setattr(ctypes, "CDLL", absent)
        device._keep_freed_memory.cache_clear()
        with exact(seed=0):
            assert torch.ones(1).item() == 1
    device._keep_freed_memory.cache_clear()


@pytest.mark.slow  # a process of its own
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_kept_memory_is_used_again_and_does_not_grow() -> None:
    """Steps of 64 MB tensors: what the process takes at most stays what it was after the first of them."""
    program = """
import re, torch
from pipeline.learning.device import exact
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
def step(extra):
    parts = [torch.ones(2**22 + extra) for _ in range(4)]
    return sum(part.sum().item() for part in parts)
with exact(seed=0):
    step(0)
    first = peak()
    for extra in range(200):
        step(1000 * extra)
print(first, peak())
"""
    command = [sys.executable, "-c", program]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    first, last = map(int, found)
    print(f"the most memory taken: {first / 1024:.0f} MB after one step, {last / 1024:.0f} MB after 200 larger ones")
    assert last < first + 2 * 64 * 1024
