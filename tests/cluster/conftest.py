"""What the tests of clusters share."""

import os

import pytest

from tests.cluster import running


@pytest.fixture(scope="session", autouse=True)
def own_token() -> None:
    """Give this process the token of its clusters. Ray looks when it is imported, so no test module imports it."""
    os.environ.update({name: value for name, value in running.ALONE.items() if name.startswith("RAY_")})
