"""Where a network trains, and PyTorch's settings for exact and quick work there."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Literal

import torch

from pipeline.errors import BadInputError

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # GNU's malloc.h
# How PyTorch says so in a plain RuntimeError: on a CPU (Linux and macOS; Windows), on MPS and from CUDA's own calls;
# CUBLAS_STATUS_ALLOC_FAILED, and cuDNN's.
NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "ALLOC_FAILED")


def choose_device(wanted: str) -> str:
    """Return ``cuda``, ``mps`` or ``cpu``; ``auto`` takes the first of these that is there.

    Raises
    ------
    BadInputError
        If the device that is asked for is absent.
    """
    present = [name for name, found in _accelerators() if found] + ["cpu"]
    if wanted == "auto":
        return present[0]
    if wanted not in present:
        raise BadInputError(
            f"train.device: expected a device that is here ({', '.join(present)}), got {wanted!r}; use auto"
        )
    return wanted


@cache
def _keep_freed_memory() -> None:
    """Let this process keep the memory of large tensors for the next ones, where the C library is GNU's.

    By default it gives each back and asks for it anew, page by page: alexnet's 86 MB of gradients every step took a
    third of its time (177 digits a second, and 292 so).
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return
    mallopt(M_MMAP_MAX, 0)
    mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def choose_precision(wanted: str, device: str) -> Literal["float32", "bfloat16"]:
    """Return what training multiplies in; ``auto`` takes bfloat16 where the processor or GPU computes in it.

    Raises
    ------
    BadInputError
        If bfloat16 is asked for and the device would only emulate it, many times slower.
    """
    if device == "cuda":
        there = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device == "cpu":
        there = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    else:
        there = False
    if wanted == "bfloat16" and not there:
        raise BadInputError(
            f"train.precision: expected float32, which is what this {device} computes in, got {wanted!r}; use auto"
        )
    return "bfloat16" if there and wanted != "float32" else "float32"


@contextmanager
def out_of_memory(batch_size: int) -> Iterator[None]:
    """Turn a device's memory running out into one clear line.

    Raises
    ------
    BadInputError
        In its place.
    """
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _too_little(batch_size, error) from error
    except RuntimeError as error:
        if not any(told in str(error) for told in NO_MEMORY):
            raise
        raise _too_little(batch_size, error) from error


def _too_little(batch_size: int, error: Exception) -> BadInputError:
    told = str(error).splitlines()[0] if str(error) else type(error).__name__
    return BadInputError(
        f"train.batch_size: with {batch_size} digits a step the memory ran out ({told}); lower it, choose a smaller "
        "model.arch, lower augment.copies, or train fewer folds side by side (parallel.workers)"
    )


def _accelerators() -> list[tuple[str, bool]]:
    return [("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())]


@contextmanager
def exact(seed: int, device: str = "cpu") -> Iterator[None]:
    """Run a block with one thread, deterministic operations and a seeded random state; afterwards all is as before.

    On CUDA float32 is float32: convolutions would by default drop 13 of its 23 bits (TF32). A GPU that is not the
    ``device`` is not even woken, which would take seconds and half a gigabyte of its memory.

    One thread: the folds already fill the cores, and the number of threads changes the order of sums. Numbers below
    1.2e-38 count as 0: on CPUs they are tens of times slower, and late in training there are many. New tensors are not
    filled with NaN, as deterministic mode would: that is a debugging aid. What stays: the process keeps freed memory
    from then on, small numbers count for themselves again even where they did not before, and cuBLAS's variable is set.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS needs to be deterministic
    threads, deterministic = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    tf32 = torch.backends.cudnn.allow_tf32
    filled = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]  # stub lacks it
    with torch.random.fork_rng([torch.cuda.current_device()] if device == "cuda" else []):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        torch.backends.cudnn.allow_tf32 = False
        torch.set_flush_denormal(True)
        _keep_freed_memory()
        # The same two switches as use_deterministic_algorithms(True, warn_only=True), which takes seconds to import
        # the compiler. Warn only: MPS lacks some operations, and there a warning is better than no training.
        torch.set_deterministic_debug_mode("warn")
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # stub lacks it
        try:
            yield
        finally:
            torch.utils.deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]  # as above
            torch.set_deterministic_debug_mode(deterministic)
            torch.set_flush_denormal(False)
            torch.backends.cudnn.allow_tf32 = tf32
            torch.set_num_threads(threads)
