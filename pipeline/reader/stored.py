"""A reading as bytes, for the cache: an .npz archive of plain arrays and JSON."""

import io
import json
import zipfile
from typing import Any

import numpy as np

from pipeline.digits import SIDE
from pipeline.reader.collection import Photo
from pipeline.reader.read import ReadDigit, Reading
from pipeline.reader.records import Reason, Reject


def pack(reading: Reading, picture: bytes) -> bytes:
    """Return a reading and its contact sheet as bytes; the photo's own settings are not in them."""
    found = [*reading.digits, *reading.refused]
    words = json.dumps(
        {
            "digits": len(reading.digits),
            "rejects": [_words(reject) for reject in reading.rejects],
            **{name: getattr(reading, name) for name in ("writer", "shape", "turn")},
        }
    ).encode()
    archive = io.BytesIO()
    np.savez(
        archive,
        images=np.array([digit.image for digit in found], np.uint8).reshape(-1, SIDE, SIDE),
        places=np.array([(digit.label, digit.row, digit.col) for digit in found], np.int32).reshape(-1, 3),
        corners=np.array([digit.corners for digit in found], np.float32).reshape(-1, 4, 2),
        words=np.frombuffer(words, np.uint8),
        picture=np.frombuffer(picture, np.uint8),
    )
    return archive.getvalue()


def unpack(content: bytes, photo: Photo) -> tuple[Reading, bytes] | None:
    """Return the reading of a photo and its contact sheet, or None where the bytes are damaged."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            images, places, corners, words, picture = (
                archive[name] for name in ("images", "places", "corners", "words", "picture")
            )
        said = json.loads(words.tobytes())
        digits = [
            ReadDigit(image, int(label), int(row), int(col), where)
            for image, (label, row, col), where in zip(images, places, corners, strict=True)
        ]
        rejects = [_reject(**entry) for entry in said["rejects"]]
        n, shape = said["digits"], said["shape"] and tuple(said["shape"])
        reading = Reading(photo, digits[:n], rejects, said["writer"], digits[n:], shape, said["turn"])
        return reading, picture.tobytes()
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _words(reject: Reject) -> dict[str, Any]:
    """Return a reject as JSON has it; its ink is not kept."""
    corners = None if reject.corners is None else reject.corners.tolist()
    return {**{name: value for name, value in vars(reject).items() if name != "ink"}, "corners": corners}


def _reject(corners: list[list[float]] | None, reason: str, **rest: Any) -> Reject:
    where = None if corners is None else np.array(corners, np.float32)
    return Reject(Reason(reason), corners=where, **rest)
