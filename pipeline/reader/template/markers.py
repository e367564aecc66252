"""Registration: from the template's millimetres to a photo's pixels, by its four black squares."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reader.records import Grey, Homography, Reason, Reject
from pipeline.reader.template.squares import Quad, guided, refined, same, search
from pipeline.template import CODED, MARKER_PLACES, Marker, Template


@dataclass(frozen=True)
class Registration:
    """Where the sheet is on a photo."""

    homography: Homography
    places: tuple[int, ...]  # of the markers that it rests on, from the upper left clockwise
    coded: bool  # whether its markers say that a code must be read
    error_mm: float  # of a marker's corners after the fit, at most

    @property
    def sure(self) -> bool:
        """Whether the markers alone say where the sheet is; else its box lines must agree."""
        return len(self.places) == len(MARKER_PLACES) and self.error_mm <= MAX_ERROR_MM


Found = dict[int, list[Quad]]
"""What was found of each marker, by its place from the upper left clockwise."""

QUICK_SIDE, THOROUGH_SIDE, FINE_SIDE = 1000, 2000, 4000  # pixels: there a marker of a sheet that fills half of the
# photo still has 4, 8 and 16 pixels a module; more adds time and noise, no markers
MAX_ERROR_MM = 1.2  # of a marker's corners after the fit; lenses bend a page by about half of that
MAX_BENT_MM = 5.0  # … where paper is curled or creased; a marker in a wrong place is further away
ENOUGH = 3  # markers: their twelve corners fix the eight numbers of a homography, wherever the fourth is


def register(grey: Grey, template: Template) -> Registration | Reject:
    """Find the template on a photo, at any turn and tilt.

    A quick search on a reduced copy, then finer and evened-out ones until all markers are found; after each, those
    that are missing are looked for where the others say that they are. The homography is fitted to all corners of all
    markers that lie together as they were printed; three markers are enough.

    Parameters
    ----------
    grey : (H, W) uint8
    template : Template
        Any: the plain sheet and the one with a code differ only in their markers' ids.

    Returns
    -------
    Registration, or Reject with ``not-registered``: which markers are missing and what to do
    """
    sheets: tuple[Found, Found] = ({place: [] for place in range(4)}, {place: [] for place in range(4)})
    for look in _searches(grey):
        for marker, quad in look():
            if marker < 2 * CODED:
                _add(sheets[marker // CODED], marker % CODED, quad, grey)
        for coded, found in enumerate(sheets):
            _add_guided(found, bool(coded), template, grey)
        registered = _registered(sheets, template, len(MARKER_PLACES), MAX_BENT_MM)
        if registered:
            break
    else:
        registered = _registered(sheets, template, ENOUGH, MAX_ERROR_MM)
    several = any(len(quads) > 1 for found in sheets for quads in found.values())
    if len(registered) == 1 or (registered and not several and len({fit.coded for fit in registered}) == 1):
        return min(registered, key=lambda fit: fit.error_mm)
    return _reject(sheets, template, grey.shape, len(registered))


def _searches(grey: Grey) -> Iterator[Callable[[], list[tuple[int, Quad]]]]:
    """Yield ever slower ways to find markers."""
    yield lambda: search(grey, QUICK_SIDE, quick=True)
    yield lambda: search(grey, THOROUGH_SIDE)
    if max(grey.shape) > THOROUGH_SIDE:
        yield lambda: search(grey, FINE_SIDE)
    yield lambda: search(grey, THOROUGH_SIDE // 2, even=True)
    yield lambda: search(grey, FINE_SIDE, even=True)


def _add(found: Found, place: int, quad: Quad, grey: Grey) -> None:
    if not any(same(quad, known) for known in found[place]):
        found[place].append(refined(grey, quad))


def _add_guided(found: Found, coded: bool, template: Template, grey: Grey) -> None:
    """Look for each missing marker near where a fit to those that were found says that it is."""
    seen = [place for place, quads in found.items() if len(quads) == 1]
    if len(seen) < 2 or len(seen) == len(found) or any(len(quads) > 1 for quads in found.values()):
        return
    printed = _printed(template)
    homography = _fit(
        np.concatenate([printed[place] for place in seen]), np.concatenate([found[place][0] for place in seen])
    )
    if homography is None:
        return
    for place in set(found) - set(seen):
        wanted = Marker(place + CODED * coded, template.markers[place].box_mm)
        quad = guided(grey, homography, wanted)
        if quad is not None:
            _add(found, place, quad, grey)


def _printed(template: Template) -> dict[int, NDArray[np.float64]]:
    return {place: np.array(marker.corners_mm) for place, marker in enumerate(template.markers)}


def _registered(sheets: tuple[Found, Found], template: Template, count: int, limit: float) -> list[Registration]:
    """Return a registration for each set of ``count`` markers that lie together as they were printed."""
    printed = _printed(template)
    return [
        Registration(homography, places, bool(coded), error)
        for coded, found in enumerate(sheets)
        for places in combinations(sorted(found), count)
        for quads in product(*(found[place] for place in places))
        if (homography := _fit(np.concatenate([printed[place] for place in places]), np.concatenate(quads))) is not None
        and (error := _error_mm(homography, printed, places, quads)) <= limit
    ]


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
    homography: Homography, printed: dict[int, NDArray[np.float64]], places: tuple[int, ...], quads: tuple[Quad, ...]
) -> float:
    """Return the largest distance on the sheet between a corner found and the same corner printed."""
    back = np.linalg.inv(homography)
    errors = [
        np.linalg.norm(cv2.perspectiveTransform(quad[None], back)[0] - printed[place], axis=1).max()
        for place, quad in zip(places, quads, strict=True)
    ]
    return float(max(errors))


def _reject(sheets: tuple[Found, Found], template: Template, shape: tuple[int, ...], fits: int) -> Reject:
    """Say what is missing and what to do about it."""
    found = max(sheets, key=lambda sheet: sum(bool(quads) for quads in sheet.values()))
    seen = [place for place, quads in found.items() if quads]
    if fits > 1:
        return _because("expected one sheet, got markers of several", "one sheet in each photo")
    if not seen:
        return _because(
            f"no marker found, at least {ENOUGH} are needed", "the whole sheet with all four black squares, in focus"
        )
    if len(seen) >= ENOUGH:
        detail = f"the markers do not lie as printed, within {MAX_ERROR_MM:g} mm"
        return _because(detail, "one sheet, flat and uncreased")
    reasons = [
        f"the {MARKER_PLACES[place]} marker {_why(found, template, place, shape)}"
        for place in found
        if place not in seen
    ]
    return _because(f"{len(seen)} of 4 markers found, at least {ENOUGH} are needed", ", ".join(reasons))


def _because(detail: str, advice: str) -> Reject:
    return Reject(Reason.NOT_REGISTERED, detail, advice=f"retake: {advice}")


def _why(found: Found, template: Template, missing: int, shape: tuple[int, ...]) -> str:
    """Guess from the markers found where a missing one is: outside the photo or hidden in it."""
    printed = _printed(template)
    seen = [place for place, quads in found.items() if quads]
    places = np.concatenate([printed[place] for place in seen])
    affine, *_ = np.linalg.lstsq(
        np.column_stack([places, np.ones(len(places))]), np.concatenate([found[place][0] for place in seen])
    )
    x, y = (np.column_stack([printed[missing], np.ones(4)]) @ affine).T
    inside = x.min() >= 0 and y.min() >= 0 and x.max() < shape[1] and y.max() < shape[0]
    return "is covered or blurred" if inside else "is cut off"
