"""Registration: from the template's millimetres to a photo's pixels, by its four black squares."""

from dataclasses import dataclass
from itertools import combinations, product

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.records import Grey, Reason, Reject
from pipeline.template import CODE, MARKER_PLACES, Template

Homography = NDArray[np.float64]
"""(3, 3) float64: template millimetres to photo pixels, whose centres are whole numbers."""


@dataclass(frozen=True)
class Registration:
    """Where the sheet is on a photo."""

    homography: Homography
    markers: int  # how many it rests on


Quad = NDArray[np.float64]
"""(4, 2) float64: x, y of a marker's corners in photo pixels, from its upper left clockwise as printed."""

QUICK_SIDE = 1600  # pixels: there a marker of a sheet that fills half of the photo still has 6 pixels a module
FINE_SIDE = 4000  # pixels: more adds time and noise, no markers
MAX_ERROR_MM = (
    1.2  # of a marker's corners after the fit; lenses bend a page by about half of that, wrong markers by more
)
ENOUGH = 3  # markers: their twelve corners fix the eight numbers of a homography, wherever the fourth is


def register(grey: Grey, template: Template) -> Registration | Reject:
    """Find the template on a photo, at any turn and tilt.

    A quick search on a reduced copy, then finer and evened-out ones until all markers are found. The homography is
    fitted to all corners of all markers that lie together as they were printed; three markers are enough.

    Parameters
    ----------
    grey : (H, W) uint8
    template : Template

    Returns
    -------
    Registration, or Reject with ``not-registered``: which markers are missing and what to do
    """
    found: dict[int, list[Quad]] = {marker.id: [] for marker in template.markers}
    count = len(found)
    for search in (_quick, _fine, _evened):
        for marker, quad in search(grey):
            if marker in found and not any(_same(quad, known) for known in found[marker]):
                found[marker].append(_refined(grey, quad))
        fits = _fits(found, template, count)
        if fits:
            break
    else:
        count = ENOUGH
        fits = _fits(found, template, count)
    if len(fits) == 1:
        return Registration(fits[0], count)
    return Reject(Reason.NOT_REGISTERED, _advice(found, template, grey.shape, len(fits)))


def _quick(grey: Grey) -> list[tuple[int, Quad]]:
    return _detect(grey, QUICK_SIDE)


def _fine(grey: Grey) -> list[tuple[int, Quad]]:
    return _detect(grey, FINE_SIDE) if max(grey.shape) > QUICK_SIDE else _detect(grey, QUICK_SIDE // 2)


def _evened(grey: Grey) -> list[tuple[int, Quad]]:
    """Search with local contrast made equal (CLAHE, Zuiderveld 1994): for dim corners and glare."""
    return _detect(np.asarray(cv2.createCLAHE(4.0, (16, 16)).apply(grey), dtype=np.uint8), FINE_SIDE)


def _detect(grey: Grey, side: int) -> list[tuple[int, Quad]]:
    """Find markers in a copy of at most ``side`` pixels; corners are those of the photo."""
    factor = min(side / max(grey.shape), 1.0)
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else grey
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, CODE)))
    quads, ids, _ = detector.detectMarkers(small)
    if len(quads) == 0:  # ids is None then, which OpenCV's stubs deny
        return []
    return [
        (int(marker), (quad.reshape(4, 2).astype(np.float64) + 0.5) / factor - 0.5)
        for marker, quad in zip(np.ravel(ids), quads, strict=True)
    ]


def _refined(grey: Grey, quad: Quad) -> Quad:
    """Move corners to where the edges of the photo meet, to a fraction of a pixel (Förstner's operator)."""
    module = float(np.sqrt(cv2.contourArea(quad.astype(np.float32)))) / 6
    reach = int(np.clip(round(module / 2), 2, 15))
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 0.005)
    corners = cv2.cornerSubPix(grey, quad.astype(np.float32).reshape(4, 1, 2), (reach, reach), (-1, -1), stop)
    return np.asarray(corners.reshape(4, 2), dtype=np.float64)


def _same(one: Quad, other: Quad) -> bool:
    """Tell whether two finds are the same square: their middles are closer than half a side."""
    apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    return bool(apart < 0.5 * np.linalg.norm(other[1] - other[0]))


def _fits(found: dict[int, list[Quad]], template: Template, count: int) -> list[Homography]:
    """Return a homography for each set of ``count`` markers that lie together as they were printed."""
    printed = {marker.id: np.array(marker.corners_mm) for marker in template.markers}
    fits = []
    for ids in combinations(sorted(found), count):
        for quads in product(*(found[marker] for marker in ids)):
            homography = _fit(np.concatenate([printed[marker] for marker in ids]), np.concatenate(quads))
            if homography is not None and _error_mm(homography, printed, ids, quads) <= MAX_ERROR_MM:
                fits.append(homography)
    return fits


def _fit(millimetres: NDArray[np.float64], pixels: NDArray[np.float64]) -> Homography | None:
    """Least squares over all corners; None where the sheet would be seen from behind."""
    homography, _ = cv2.findHomography(millimetres, pixels, 0)
    if homography is None or not np.isfinite(homography).all():
        return None
    depth = np.column_stack([millimetres, np.ones(len(millimetres))]) @ homography[2]
    if np.linalg.det(homography) * homography[2, 2] <= 0 or depth.min() * depth.max() <= 0:
        return None
    return np.asarray(homography / homography[2, 2], dtype=np.float64)


def _error_mm(
    homography: Homography, printed: dict[int, NDArray[np.float64]], ids: tuple[int, ...], quads: tuple[Quad, ...]
) -> float:
    """Return the largest distance on the sheet between a corner found and the same corner printed."""
    back = np.linalg.inv(homography)
    errors = [
        np.linalg.norm(cv2.perspectiveTransform(quad[None], back)[0] - printed[marker], axis=1).max()
        for marker, quad in zip(ids, quads, strict=True)
    ]
    return float(max(errors))


def _advice(found: dict[int, list[Quad]], template: Template, shape: tuple[int, ...], fits: int) -> str:
    """Say what is missing and what to do about it."""
    seen = [marker for marker, quads in found.items() if quads]
    if fits > 1 and any(len(quads) > 1 for quads in found.values()):
        return "expected one sheet, got markers of several; retake: one sheet in each photo"
    if not seen:
        return "no marker found, at least 3 are needed; retake: the whole sheet with all four black squares, in focus"
    if len(seen) >= ENOUGH:
        return f"the markers do not lie as printed, within {MAX_ERROR_MM:g} mm; retake: the sheet flat and uncreased"
    missing = [marker for marker in template.markers if marker.id not in seen]
    reasons = [f"the {MARKER_PLACES[m.id]} marker {_why(found, template, m.id, shape)}" for m in missing]
    return f"{len(seen)} of 4 markers found, at least {ENOUGH} are needed; retake: {', '.join(reasons)}"


def _why(found: dict[int, list[Quad]], template: Template, missing: int, shape: tuple[int, ...]) -> str:
    """Guess from the markers found where a missing one is: outside the photo or hidden in it."""
    printed = {marker.id: np.array(marker.corners_mm) for marker in template.markers}
    seen = [marker for marker, quads in found.items() if quads]
    places = np.concatenate([printed[marker] for marker in seen])
    affine, *_ = np.linalg.lstsq(
        np.column_stack([places, np.ones(len(places))]), np.concatenate([found[marker][0] for marker in seen])
    )
    x, y = (np.column_stack([printed[missing], np.ones(4)]) @ affine).T
    inside = x.min() >= 0 and y.min() >= 0 and x.max() < shape[1] and y.max() < shape[0]
    return "is covered or blurred" if inside else "is cut off"
