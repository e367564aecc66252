"""The judge: compares what was read from a simulated photo with what is written on it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.params import Sheets
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.normalize import Digit, normalize
from pipeline.reader.photo import Rgb, decode
from pipeline.reader.read import ReadDigit, Reading, read_photo
from pipeline.reader.records import Reject
from pipeline.simulate.camera import Size
from pipeline.simulate.marks import Mark
from pipeline.simulate.pens import draw
from pipeline.simulate.photos import SIZE, photo_file
from pipeline.simulate.severity import Layout, Severity
from pipeline.simulate.truth import CellTruth, Truth

Quad = NDArray[np.float32]
Path2 = NDArray[np.float64]

HERE = 0.5  # share of a digit's strokes that must lie within the read corners for the two to be the same place
LOOSE = 0.1  # of their longer side: corners drawn tightly around a thin stroke may stand beside its middle
NEAR = 1.5  # pixels of 28x28: threshold and whole-pixel centring move a stroke's edge by up to this much
ALIKE = 0.95  # share of the ink that must be near the other's: right ones have all; a 5's cap is some 0.15 of its ink
UNSEEN = 0.35  # of a stroke's contrast: less is left by glare in which nobody sees the stroke
HEIGHT = 64  # pixels: the written digit, redrawn
SOFT = (0.0, 1.5, 2.5)  # pixels of the photo: the blur of lens and shake, by which a digit's box outgrows it


@dataclass
class Judgement:
    """What became of each digit that was written, and each fault in words."""

    outcomes: Counter[str] = field(default_factory=Counter)  # right, missed, wrong-label, spoilt, unseen, or a reason
    faults: list[str] = field(default_factory=list)

    @property
    def written(self) -> int:
        """How many digits a person can see."""
        return sum(count for outcome, count in self.outcomes.items() if outcome not in ("unseen", "spoilt-blank"))

    @property
    def coverage(self) -> float:
        """The share of them that was read right."""
        return self.share("right")

    def share(self, *outcomes: str) -> float:
        """Return how many digits came out like this, of all that a person can see."""
        return sum(self.outcomes[outcome] for outcome in outcomes) / max(self.written, 1)

    def add(self, other: "Judgement") -> None:
        """Count another photo's digits too."""
        self.outcomes += other.outcomes
        self.faults += other.faults


def judged(
    layout: Layout, severity: Severity, seed: int, limits: Sheets, *, folder: Path, size: Size = SIZE
) -> Judgement:
    """Simulate a photo, read it as its sheets.yaml would have it read, and judge what came out."""
    file, truth = photo_file(layout, seed, severity, np.random.default_rng(seed), size=size)
    path = folder / f"{layout}-{severity}-{seed}.jpg"
    path.write_bytes(file)
    told = {"label": truth.label} if truth.label is not None else {"rows": truth.strings or None}
    settings = Settings.model_validate({"layout": layout if layout != "lined" else "rows", **told})
    reading, rgb = read_photo(Photo(path, f"simulated/{path.name}", "simulated", settings), limits)
    shot = decode(path, limits.max_megapixels)
    assert not isinstance(shot, Reject)
    turns = 0 if rgb is None else turns_between(shot, rgb)
    return judge(reading, truth, shot.shape[:2], turns, path.stem)


def turns_between(shot: Rgb, upright: Rgb) -> int:
    """Return by how many quarter turns clockwise the reader turned the photo."""
    found = [turns for turns in range(4) if np.array_equal(np.rot90(shot, -turns), upright)]
    assert found, "the upright photo is the photo, turned"
    return found[0]


def judge(reading: Reading, truth: Truth, shape: tuple[int, ...], turns: int, name: str = "") -> Judgement:
    """Compare a reading of a photo of ``shape``, whose corners are those of the photo turned, with the truth."""
    verdict = Judgement()
    taken: set[int] = set()
    pens = [truth.seen_at(np.concatenate(cell.mark.strokes)) if cell.mark.strokes else None for cell in truth.cells]
    for digit in reading.digits:
        corners = _turned_back(np.asarray(digit.corners, np.float32), shape, turns)
        place, outcome = _outcome(digit, corners, truth, pens=pens, taken=taken, turns=turns)
        if place is not None:
            taken.add(place)
        verdict.outcomes[outcome] += 1
        if outcome != "right":
            where = corners.mean(axis=0).round().astype(int).tolist()
            verdict.faults.append(f"{name}: {outcome}: read {digit.label} ({digit.row}, {digit.col}) at {where}")
    rejects = [
        (reject, None if reject.corners is None else _turned_back(reject.corners, shape, turns))
        for reject in reading.rejects
    ]
    for place, cell in enumerate(truth.cells):
        if place in taken or cell.state != "digit":
            continue
        outcome = _refused(cell, pens[place], rejects)
        if outcome == "missed" and (cell.contrast < UNSEEN or not cell.whole):
            outcome = "unseen"
        verdict.outcomes[outcome] += 1
        if outcome == "missed":
            where = cell.corners.mean(axis=0).round().astype(int).tolist()
            verdict.faults.append(f"{name}: missed: {cell.label} ({cell.row}, {cell.col}) at {where}")
    return verdict


def _outcome(
    digit: ReadDigit, corners: Quad, truth: Truth, *, pens: list[Path2 | None], taken: set[int], turns: int
) -> tuple[int | None, str]:
    """Return which of the written digits was read (None: none of them) and how."""
    near = [
        place
        for place, pen in enumerate(pens)
        if pen is not None and place not in taken and overlap(pen, corners) >= HERE
    ]
    scores = {place: likeness(digit.image, truth.cells[place], truth, corners, turns) for place in near}
    best = max(near, key=lambda place: scores[place], default=None)
    if best is None or truth.cells[best].state != "digit":
        return None, "spoilt-blank"  # takes no written digit with it
    if scores[best] < ALIKE:
        return best, "spoilt"
    return best, "right" if digit.label == truth.cells[best].label else "wrong-label"


def _refused(cell: CellTruth, pen: Path2 | None, rejects: list[tuple[Reject, Quad | None]]) -> str:
    """Return the reason of the reject that stands for a digit, or ``missed``."""
    assert pen is not None
    for reject, corners in rejects:
        if corners is not None and overlap(pen, corners) >= HERE / 2:
            return str(reject.reason)
    for reject, corners in rejects:
        if corners is None and reject.row in (None, cell.row) and reject.col in (None, cell.col):
            return str(reject.reason)
    return "missed"


def overlap(pen: Path2, corners: Quad) -> float:
    """Return the share of a pen's path that lies within corners, which are taken a little wider."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = LOOSE * float((high - low).max())
    if (pen.max(axis=0) < low - margin).any() or (pen.min(axis=0) > high + margin).any():
        return 0.0
    hull = cv2.convexHull(np.asarray(corners, np.float32))
    away = [cv2.pointPolygonTest(hull, (float(x), float(y)), measureDist=True) for x, y in pen[::4]]
    return float(np.mean(np.array(away) >= -margin))


def likeness(image: Digit, cell: CellTruth, truth: Truth, corners: Quad, turns: int) -> float:
    """Return how much of the read digit is the written one and the other way round: the smaller share, 0..1.

    The written digit is redrawn as it was read: as the corners stand, as the photo shows it, or as on the page.
    """
    paths = [truth.seen_at(path) for path in cell.mark.strokes]
    tall = float(np.ptp(np.concatenate(paths), axis=0).max())
    best = 0.0
    for soft in SOFT:
        for straight in (_frame(corners), _quarter(turns), None):
            strokes = list(cell.mark.strokes) if straight is None else [_through(path, straight) for path in paths]
            best = max(best, _alike(image, redrawn(strokes, cell.mark, soft / tall)))
            if best >= ALIKE:
                return best
    return best


def redrawn(strokes: Sequence[NDArray[np.float64]], mark: Mark, soft: float = 0.0) -> Digit:
    """Draw a mark's strokes, in any unit, alone on white paper, as the reader should see them.

    They are blurred by ``soft`` digit heights.
    """
    tall = np.ptp(np.concatenate(mark.strokes), axis=0).max()
    path = np.concatenate(strokes)
    unit = np.ptp(path, axis=0).max() / tall  # of theirs, a mm
    margin = mark.pen.width + 3 * soft * tall
    scale = HEIGHT / (tall + mark.pen.width)
    low = path.min(axis=0) / unit - margin
    across, down = np.ceil((np.ptp(path, axis=0) / unit + 2 * margin) * scale).astype(int).tolist()
    middle = (float(-low[0] * scale), float(-low[1] * scale))
    covered = draw([stroke / unit for stroke in strokes], mark.pen, scale, (down, across), middle)
    if soft:
        covered = np.asarray(cv2.GaussianBlur(covered, (0, 0), soft * tall * scale), np.float32)
    return normalize((covered * 255).astype(np.uint8), "mnist")


def _alike(read: Digit, written: Digit) -> float:
    """Return the share of each image's ink that is near the other's, the smaller of the two."""
    shares = []
    for one, other in ((read, written), (written, read)):
        away = cv2.distanceTransform((other < 64).astype(np.uint8), cv2.DIST_L2, 5)
        shares.append(float((away[one >= 128] <= NEAR).mean()) if (one >= 128).any() else 0.0)
    return min(shares)


def _frame(corners: Quad) -> NDArray[np.float64]:
    """Return the homography that makes the corners upright, and square to each other."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    upright = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(np.asarray(corners, np.float32), upright), np.float64)


def _quarter(turns: int) -> NDArray[np.float64]:
    """Return the turn by quarters, clockwise as seen."""
    angle = np.pi / 2 * turns
    return np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])


def _through(path: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.perspectiveTransform(path[None], matrix)[0], np.float64)


def _turned_back(corners: Quad, shape: tuple[int, ...], turns: int) -> Quad:
    """Return corners of the upright photo as pixels of the photo as it was shot, which is ``shape`` high and wide."""
    height, width = shape[:2] if turns % 2 == 0 else shape[1::-1]  # of the upright photo
    for _ in range(turns):  # a quarter turn anticlockwise each
        corners = np.stack([corners[:, 1], width - corners[:, 0]], axis=1)
        height, width = width, height
    return np.asarray(corners, np.float32)
