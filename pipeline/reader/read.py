"""One photo in, its digits and rejects out: the layouts behind one door."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from pipeline.params import Sheets
from pipeline.reader.collection import Photo
from pipeline.reader.crops import read as crops
from pipeline.reader.grid import read as grid
from pipeline.reader.grid.told import as_told
from pipeline.reader.normalize import PAPER_LEVEL, Digit, normalize
from pipeline.reader.paper import upright
from pipeline.reader.photo import Rgb, decode, turned
from pipeline.reader.records import UNLABELLED, Corners, Crop, Findings, Reason, Reject
from pipeline.reader.rows import read as rows
from pipeline.reader.template import read as template
from pipeline.reader.whole_sheet import no_crop


@dataclass(frozen=True)
class ReadDigit:
    """A digit as it goes into the table."""

    image: Digit
    label: int
    row: int
    col: int
    corners: Corners


@dataclass(frozen=True)
class Reading:
    """All that one photo gave, in reading order."""

    photo: Photo
    digits: list[ReadDigit]
    rejects: list[Reject]
    writer: str | None = None  # where the sheet itself says who wrote it
    refused: list[ReadDigit] = field(default_factory=list)  # at the places of rejects: what a person may accept
    shape: tuple[int, int] | None = None  # (height, width) of the picture in whose pixels all corners are
    turn: int = 0  # degrees clockwise from the photo as decoded to that picture

    @property
    def is_of_a_photo(self) -> bool:
        """False: of what is wrong with a sheets.yaml, which is told in a photo's place."""
        told = {reject.reason for reject in self.rejects}
        return bool(self.digits) or told != {Reason.BAD_SHEETS_YAML}

    def writer_of(self, row: int | None) -> str | None:
        """Return ``<collection>/<writer>`` of a row's digits: as sheets.yaml says, else the sheet, else by photo."""
        if self.photo.settings.writer is None and self.writer is not None:
            return f"{self.photo.collection}/{self.writer}"
        return self.photo.writer(row)


def read_photo(photo: Photo, limits: Sheets) -> tuple[Reading, Rgb | None]:
    """Read one photo, the same whatever the number of workers.

    Parameters
    ----------
    photo : Photo
    limits : Sheets
        The ``sheets`` section of params.yaml.

    Returns
    -------
    Reading, and the upright photo as (H, W, 3) uint8 RGB (None where it could not be decoded): perhaps reduced, all
    corners are in its pixels
    """
    with threadpool_limits(limits=1, user_api="blas"):  # the number of threads would change the last bits of sums
        return _read_photo(photo, limits)


def _read_photo(photo: Photo, limits: Sheets) -> tuple[Reading, Rgb | None]:
    quick = template.QUICK_SIDE if photo.settings.layout == "template" else None
    rgb = _upright(photo, limits, quick)
    if isinstance(rgb, Reject):
        return Reading(photo, [], [rgb]), None
    found = _by_layout(photo, rgb, limits)
    if quick and not found.sharp_enough and max(rgb.shape) >= quick:  # perhaps there are more pixels
        finer = _upright(photo, limits, None)
        if not isinstance(finer, Reject) and finer.shape != rgb.shape:
            rgb, found = finer, _by_layout(photo, finer, limits)
    rgb = turned(rgb, found.turn)
    images = [_digit(crop, rgb, photo, limits) for crop in found.crops]
    digits = [ReadDigit(image, c.label, c.row, c.col, c.corners) for image, c in zip(images, found.crops, strict=True)]
    refused = [digit for reject in found.rejects if (digit := _refused(reject, limits)) is not None]
    rejects = [replace(reject, ink=None) for reject in found.rejects]
    stated = photo.settings.turn
    turn = (found.turn + (0 if stated == "auto" else stated)) % 360
    return Reading(photo, digits, rejects, found.writer, refused, (rgb.shape[0], rgb.shape[1]), turn), rgb


def _upright(photo: Photo, limits: Sheets, side: int | None) -> Rgb | Reject:
    """Decode a photo and turn it as sheets.yaml says; its longer side keeps ``side`` pixels where that is enough."""
    decoded = decode(photo.path, limits.max_megapixels, side)
    turn = photo.settings.turn
    return decoded if turn == "auto" or isinstance(decoded, Reject) else turned(decoded, turn)


def _by_layout(photo: Photo, rgb: Rgb, limits: Sheets) -> Findings:
    label, strings = photo.label(), photo.settings.rows
    match photo.settings.layout:
        case "template":
            found = template.read_template(rgb, limits)
            return _unlabelled(found) if label == UNLABELLED else found
        case "crops":
            return _of_crop(rgb, label, limits)
        case "rows" if label is None and strings is None:
            return _no_label(
                "`label: 0` to `9`, `label: from-name` with the digit as first number of the file name, or `rows`"
            )
        case "grid" if label is None and strings is None:  # says how many cells it finds
            return Findings(*grid.read_grid(rgb, label, strings, limits))
        case layout:
            read = rows.read_rows if layout == "rows" else grid.read_grid
            any_turn = photo.settings.turn == "auto"
            found = upright.read_written(rgb, label, strings, limits, read, any_turn=any_turn)
            return as_told(found) if layout == "grid" else found


def _of_crop(rgb: Rgb, label: int | None, limits: Sheets) -> Findings:
    if label is None:
        return _no_label("a folder named 0 to 9, or `label: from-name` with the digit as first number of the file name")
    crop = crops.read_crop(rgb, label, limits)
    if isinstance(crop, Crop) and not crops.is_digit_image(rgb):
        crop = no_crop(rgb, crop) or crop
    return Findings([crop], []) if isinstance(crop, Crop) else Findings([], [crop])


def _digit(crop: Crop, rgb: Rgb, photo: Photo, limits: Sheets) -> NDArray[np.uint8]:
    if photo.settings.layout == "crops" and crops.is_digit_image(rgb):
        return np.ascontiguousarray(rgb[:, :, 0])
    return normalize(crop.ink, limits.normalize)


def _refused(reject: Reject, limits: Sheets) -> ReadDigit | None:
    """Return the digit that a reject would have been; None where it holds none, or nothing says where it stands."""
    label, row, col = reject.label, reject.row, reject.col
    if reject.ink is None or reject.corners is None or reject.ink.max(initial=0) < PAPER_LEVEL:
        return None
    if label is None or label == UNLABELLED or row is None or col is None:
        return None
    return ReadDigit(normalize(reject.ink, limits.normalize), label, row, col, reject.corners)


def _unlabelled(found: Findings) -> Findings:
    """Forget which digits the printed sheet asked for."""
    crops = [replace(crop, label=UNLABELLED) for crop in found.crops]
    return replace(found, crops=crops, rejects=[replace(reject, label=None) for reject in found.rejects])


def _no_label(expected: str) -> Findings:
    return Findings([], [Reject(Reason.NO_LABEL, f"expected {expected} (sheets.yaml), found none")])
