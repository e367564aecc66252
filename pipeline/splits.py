"""Which writers are tested on: whole writers, placed by their names so that they mostly stay where they are."""

import hashlib
from collections import defaultdict

import pyarrow as pa

from pipeline import digits
from pipeline.errors import BadInputError

Groups = dict[str, dict[str, list[int]]]
"""Source, then writer (or photo, or digit), then places in the table."""


def fixed(table: pa.Table, test_fraction: float, seed: int) -> list[str]:
    """Return the split of each digit.

    A writer with a stated split keeps it, with all digits. The others are placed by whole writers, source by source:
    a writer goes to test where :func:`draw` is below ``test_fraction``, so that one more writer moves no other. But in
    a source with two or more writers at least one is in test and one in train: who stands in because nobody was drawn,
    being the nearest to it, goes back once somebody nearer comes (to 3, 5 and 10 writers and a fifth in test, one new
    writer in 5, 10 and 30 does that); a stated split keeps a writer in test. Digits without a writer go by photo, those
    without a photo one by one.

    Parameters
    ----------
    table : pyarrow.Table
        N rows of a digit table; ``split`` null where it is ours to fix.
    test_fraction : float
        0..1, of each source's writers; 0 places nobody in test.
    seed : int

    Returns
    -------
    list of N str
        ``train`` or ``test``.

    Raises
    ------
    BadInputError
        If digits of one writer state different splits.
    """
    stated = digits.strings(table, "split")
    result = [""] * len(table)
    for source, members in _groups(table).items():
        placed = {name: _stated_split(name, source, [stated[i] for i in places]) for name, places in members.items()}
        for name, split in _placed(placed, test_fraction, seed).items():
            for place in members[name]:
                result[place] = split
    return result


def test_rows(table: pa.Table) -> pa.Table:
    """Return the rows whose split is ``test``, in their order.

    Raises
    ------
    BadInputError
        If there are none.
    """
    rows = digits.of_split(table, "test")
    if not rows.num_rows:
        raise BadInputError("expected at least one test digit, got none; raise `merge.test_fraction` or add photos")
    return rows


def draw(name: str, seed: int) -> float:
    """Return a writer's own number in 0 <= u < 1, uniform over names and seeds."""
    drawn = hashlib.blake2b(f"{seed}\x1f{name}".encode(), digest_size=8).digest()
    return (int.from_bytes(drawn, "big") >> 11) / 2**53  # the 53 bits that a float holds exactly


def _groups(table: pa.Table) -> Groups:
    groups: Groups = defaultdict(lambda: defaultdict(list))
    columns = (digits.strings(table, name) for name in ("source", "writer", "photo", "id"))
    for place, (source, writer, photo, name) in enumerate(zip(*columns, strict=True)):
        groups[str(source)][writer or (f"photo {photo}" if photo else f"digit {name}")].append(place)
    return groups


def _stated_split(name: str, source: str, splits: list[str | None]) -> str | None:
    stated = sorted({split for split in splits if split is not None})
    if len(stated) > 1:
        raise BadInputError(
            f"{source}: expected writer `{name}` in one split, but {splits.count('train')} digits say train and "
            f"{splits.count('test')} say test; give all photos of this writer the same `split` in sheets.yaml"
        )
    return stated[0] if stated else None


def _placed(stated: dict[str, str | None], test_fraction: float, seed: int) -> dict[str, str]:
    """Return the split of each writer of one source."""
    drawn = sorted((draw(name, seed), name) for name, split in stated.items() if split is None)
    placed = {name: split for name, split in stated.items() if split is not None}
    placed |= {name: "test" if u < test_fraction else "train" for u, name in drawn}
    if test_fraction > 0 and drawn and len(placed) > 1:
        if "test" not in placed.values():
            placed[drawn[0][1]] = "test"
        if "train" not in placed.values():
            placed[drawn[-1][1]] = "train"
    return placed
