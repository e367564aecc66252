"""Simulated photos and their truth."""

import json
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest

from pipeline.reader.collection import Photo
from pipeline.reader.finding import find
from pipeline.simulate.folder import check_ours
from pipeline.simulate.photos import simulate_page, simulate_photo, write
from pipeline.simulate.severity import SEVERITIES, Layout, Severity

SMALL = (450, 600)
LAYOUTS: tuple[Layout, ...] = get_args(Layout)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_same_seed_gives_the_same_bytes(layout: Layout, tmp_path: Path) -> None:
    for folder, count in (("one", 2), ("two", 1)):  # however many photos are made beside it
        write(tmp_path / folder, count, 3, "ordinary", layout=layout, size=SMALL)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["sheets.yaml", "writer-00.jpg", "writer-00.json", "writer-01.jpg", "writer-01.json"]
    for name in ("writer-00.jpg", "writer-00.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        assert (tmp_path / "one" / name).read_bytes() != (tmp_path / "one" / name.replace("00", "01")).read_bytes()


def test_truth_agrees_with_its_homography_and_its_picture(tmp_path: Path) -> None:
    write(tmp_path, 1, 8, "ordinary", size=SMALL)
    check_ours(tmp_path)
    truth = json.loads((tmp_path / "writer-00.json").read_text())
    photo = cv2.imread(str(tmp_path / "writer-00.jpg"))
    assert photo is not None
    assert photo.shape == (600, 450, 3)
    assert truth["simulated"] is True
    assert len(truth["cells"]) == 100
    assert sum(cell["state"] != "digit" for cell in truth["cells"]) == 100 * SEVERITIES["ordinary"].spoilt
    first = truth["cells"][0]
    centre = cv2.perspectiveTransform(np.array([[[17.0, 26.5]]]), np.array(truth["homography"]))[0, 0]
    assert np.linalg.norm(np.array(first["corners"][0]) - centre) < 60
    assert {cell["label"] for cell in truth["cells"]} == set(range(10))


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("severity", list(SEVERITIES))
def test_ink_is_where_the_truth_says_and_paper_beside_it(layout: Layout, severity: Severity) -> None:
    photo, truth = simulate_page(layout, 5, severity, np.random.default_rng(4), SMALL)
    darkness = _dark_lines(photo)
    inked, between = [], []
    for cell in truth.cells:
        if cell.state != "digit":
            continue
        pen = truth.seen_at(np.concatenate(cell.mark.strokes)[::5])
        inked.append(np.median(_at(darkness, pen)))
        assert cell.ink is not None
        outside = cell.ink.mean(axis=0) + 1.15 * (cell.ink - cell.ink.mean(axis=0))
        between.append(np.median(_at(darkness, outside.astype(np.float64))))
    clearer = 4 if severity != "brutal" else 2
    assert np.median(inked) > clearer * max(float(np.median(between)), 1.0)
    assert np.mean(np.array(inked) > clearer / 2 * np.median(between)) > 0.9


@pytest.mark.slow
def test_the_reader_finds_what_was_written_in_sheets_yaml(tmp_path: Path) -> None:
    layouts: tuple[Layout, ...] = ("rows", "lined", "grid")
    for layout in layouts:
        write(tmp_path / layout, 1 + (layout == "rows"), 1, "gentle", layout=layout, size=SMALL)
    found = list(find(tmp_path))
    photos = [entry for entry in found if isinstance(entry, Photo)]
    assert len(photos) == len(found) == 4
    for photo in photos:
        truth = json.loads(photo.path.with_suffix(".json").read_text())
        assert photo.settings.simulated
        assert photo.settings.layout == ("grid" if photo.collection == "grid" else "rows")
        labels = [[cell["label"] for cell in truth["cells"] if cell["row"] == row] for row in range(len(truth["rows"]))]
        if photo.settings.rows is None:
            assert {label for row in labels for label in row} == {photo.label()}
        else:
            assert ["".join(map(str, row)) for row in labels] == list(photo.settings.rows) == truth["rows"]


@pytest.mark.slow
def test_gentle_photos_have_a_digit_in_every_cell() -> None:
    photo, truth = simulate_photo(1, "gentle", np.random.default_rng(0), SMALL, "letter")
    assert photo.dtype == np.uint8
    assert truth.paper == "letter"
    assert {cell.state for cell in truth.cells} == {"digit"}


def _dark_lines(photo: np.ndarray) -> np.ndarray:
    """How much darker than its surroundings each pixel is, in the channel in which that is most."""
    closed = cv2.morphologyEx(photo, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    return np.asarray(cv2.subtract(closed, photo).max(axis=2))


def _at(picture: np.ndarray, places: np.ndarray) -> np.ndarray:
    x, y = np.round(places).astype(int).T
    return np.asarray(picture[np.clip(y, 0, picture.shape[0] - 1), np.clip(x, 0, picture.shape[1] - 1)])
