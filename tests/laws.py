"""How many cases a law is tried on: as many as the tests that run want, which are fewer in the quick ones."""

from hypothesis import settings


def up_to(most: int) -> int:
    """Return how many cases: ``most``, of a law with dear cases, or what the profile in conftest.py says, if less."""
    return min(most, settings().max_examples)
