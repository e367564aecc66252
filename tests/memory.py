"""How much memory a piece of work takes at most, as Python and NumPy ask for it."""

import tracemalloc
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def with_most_memory(work: Callable[[], Result]) -> tuple[Result, int]:
    """Return what the work gives, and the most bytes that it held at once."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
