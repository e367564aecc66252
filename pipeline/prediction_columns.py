"""The columns `p0` to `p9` of a table of predictions: how probable networks find each digit."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.digits import CLASSES

NAMES = tuple(f"p{digit}" for digit in range(CLASSES))
FIELDS = tuple(pa.field(name, pa.float32(), nullable=False) for name in NAMES)

Probabilities = NDArray[np.float32]
"""(N, 10): for each digit image, the probability of each digit."""


def columns_of(probabilities: Probabilities) -> list[pa.Array]:
    """Return ten float32 columns of (N, 10) probabilities, in the order of :data:`NAMES`."""
    return [pa.array(np.ascontiguousarray(column, dtype=np.float32)) for column in probabilities.T]


def probabilities_of(table: pa.Table) -> Probabilities:
    """Return the (N, 10) probabilities of a table's N rows, in the type of its columns."""
    return np.column_stack([table.column(name).to_numpy() for name in NAMES])
