"""Lines of the lists that the review page reads, and a digit table, made for tests."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipeline import digits


def suspect(photo: str, col: int = 0, rank: int = 1, split: str = "train", label: int = 1) -> dict[str, str]:
    source = photo.partition("/")[0] or "mnist"
    known = {"rank": str(rank), "source": source, "split": split, "photo": photo, "row": "0" if photo else ""}
    opinion = {"prediction": "7", "probability": "0.75", "verdict": "other-digit"}
    said = f"read as 7 although labelled {label}"
    return {**known, "col": str(col) if photo else "", "label": str(label), **opinion, "explanation": said}


def reject(
    photo: str, *, row: str = "0", col: str = "0", reason: str = "too-small", detail: str = "a piece", ink: str = "no"
) -> dict[str, str]:
    where = {"photo": photo, "row": row, "col": col, "label": "4" if col else ""}
    return {**where, "reason": reason, "detail": detail, "advice": "write it again", "ink": ink}


def table(photos: Sequence[str | None], rows: Sequence[int | None], splits: Sequence[str]) -> pa.Table:
    count = len(photos)
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(count)
    cols = [None if row is None else place for place, row in enumerate(rows)]
    return digits.from_columns(
        images, [1] * count, "c", photo=list(photos), row=list(rows), col=cols, split=list(splits)
    )
