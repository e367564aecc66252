"""Named random streams: whoever draws more from one leaves all others as they were."""

from zlib import crc32

import numpy as np


class Streams:
    """Independent generators by name, all from one draw of ``rng``.

    A new condition takes a stream of its own, so that the photos of documented seeds change in that condition alone.
    """

    def __init__(self, rng: np.random.Generator, family: str = "") -> None:
        self._root = [int(rng.integers(2**63)), crc32(family.encode())]

    def __getitem__(self, name: str) -> np.random.Generator:
        """Return the stream of this name, from its beginning."""
        return np.random.default_rng([*self._root, crc32(name.encode())])
