"""Finding single markers: ArUco's black squares on a photo, at a scale that is asked for or where one must be."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.records import Grey
from pipeline.template import CODE, Marker

Quad = NDArray[np.float64]
"""(4, 2) float64: x, y of a marker's corners in photo pixels, from its upper left clockwise as printed."""

QUICK_WINDOW = 23  # pixels: one threshold neighbourhood, three modules of a marker whose sheet fills the quick copy
WINDOWS = (5, 45, 8)  # pixels, from, to and step: neighbourhoods for blurred and for large markers
GUIDED_SCALE = 6  # pixels a mm of a patch: 14 a module
GUIDED_SIDES = 3  # of a marker: how wide the patch is; two markers say to half a side where the others are


def search(grey: Grey, side: int, *, quick: bool = False, even: bool = False) -> list[tuple[int, Quad]]:
    """Find markers in a copy of about ``side`` pixels; corners are those of the photo.

    Parameters
    ----------
    grey : (H, W) uint8
    side : int
        Pixels of the copy's longer side; the photo is averaged down by a whole number, which is quick.
    quick : bool
        Look with one threshold only.
    even : bool
        Make local contrast equal first (CLAHE, Zuiderveld 1994): for dim corners and glare.
    """
    times = max(round(max(grey.shape) / side), 1)
    small = _reduced(grey, times)
    if even:
        small = np.asarray(cv2.createCLAHE(4.0, (16, 16)).apply(small), dtype=np.uint8)
    wanted = cv2.aruco.DetectorParameters()
    windows = (QUICK_WINDOW, QUICK_WINDOW, 1) if quick else WINDOWS
    wanted.adaptiveThreshWinSizeMin, wanted.adaptiveThreshWinSizeMax, wanted.adaptiveThreshWinSizeStep = windows
    return [(marker, (quad + 0.5) * times - 0.5) for marker, quad in _detect(small, wanted)]


def guided(grey: Grey, homography: NDArray[np.float64], marker: Marker) -> Quad | None:
    """Look for one marker where a homography says that it is, in a patch that is straightened and made full contrast.

    Parameters
    ----------
    grey : (H, W) uint8
    homography : (3, 3) float64
        Template millimetres to photo pixels, right to about half a marker.
    marker : Marker
    """
    x, y, side, _ = marker.box_mm
    reach = GUIDED_SIDES * side
    to_mm = np.array([[1 / GUIDED_SCALE, 0, x + (side - reach) / 2], [0, 1 / GUIDED_SCALE, y + (side - reach) / 2]])
    through = homography @ np.vstack([to_mm, [0, 0, 1]])
    size = round(reach * GUIDED_SCALE)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpPerspective(grey, through, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    full = cv2.normalize(patch, np.empty_like(patch), 0, 255, cv2.NORM_MINMAX)
    for seen, quad in _detect(np.asarray(full, dtype=np.uint8), cv2.aruco.DetectorParameters()):
        if seen == marker.id:
            return np.asarray(cv2.perspectiveTransform(quad[None], through)[0], dtype=np.float64)
    return None


def refined(grey: Grey, quad: Quad) -> Quad:
    """Move corners to where the edges of the photo meet, to a fraction of a pixel (Förstner's operator)."""
    module = float(np.sqrt(cv2.contourArea(quad.astype(np.float32)))) / 6
    reach = int(np.clip(round(module / 2), 2, 15))
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 0.005)
    corners = cv2.cornerSubPix(grey, quad.astype(np.float32).reshape(4, 1, 2), (reach, reach), (-1, -1), stop)
    return np.asarray(corners.reshape(4, 2), dtype=np.float64)


def same(one: Quad, other: Quad) -> bool:
    """Tell whether two finds are the same square: their middles are closer than half a side."""
    apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    return bool(apart < 0.5 * np.linalg.norm(other[1] - other[0]))


def _reduced(grey: Grey, times: int) -> Grey:
    if times == 1:
        return grey
    height, width = (length // times * times for length in grey.shape)
    small = cv2.resize(grey[:height, :width], (width // times, height // times), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _detect(grey: Grey, wanted: cv2.aruco.DetectorParameters) -> list[tuple[int, Quad]]:
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, CODE)), wanted)
    quads, ids, _ = detector.detectMarkers(grey)
    if len(quads) == 0:  # ids is None then, which OpenCV's stubs deny
        return []
    return [
        (int(marker), quad.reshape(4, 2).astype(np.float64)) for marker, quad in zip(np.ravel(ids), quads, strict=True)
    ]
