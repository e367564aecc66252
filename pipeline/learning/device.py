"""Where a network trains, and PyTorch's settings for exact and quick work there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from pipeline.errors import BadInputError


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


def _accelerators() -> list[tuple[str, bool]]:
    return [("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())]


@contextmanager
def exact(seed: int) -> Iterator[None]:
    """Run a block with one thread, deterministic operations and a seeded random state, and put all back after it.

    One thread: the folds already fill the cores, and the number of threads changes the order of sums. Numbers below
    1.2e-38 count as 0: on CPUs they are tens of times slower, and late in training there are many. New tensors are not
    filled with NaN, as deterministic mode would: that is a debugging aid.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS needs to be deterministic
    threads, deterministic = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
        # The same two switches as use_deterministic_algorithms(True, warn_only=True), which takes seconds to import
        # the compiler. Warn only: MPS lacks some operations, and there a warning is better than no training.
        torch.set_deterministic_debug_mode("warn")
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # stub lacks it
        try:
            yield
        finally:
            torch.set_deterministic_debug_mode(deterministic)
            torch.set_flush_denormal(False)
            torch.set_num_threads(threads)
