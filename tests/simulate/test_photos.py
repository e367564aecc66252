"""Simulated writers, sheets and photos."""

import json
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.simulate.camera import SEVERITIES, Severity, viewpoint
from pipeline.simulate.photos import SPOILT, simulate_photo, write
from pipeline.simulate.strokes import FORMS, follow, knots
from pipeline.simulate.writers import draw, write_digit, writer

SMALL = (450, 600)


def test_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder, count in (("one", 2), ("two", 1)):  # however many photos are made beside it
        write(tmp_path / folder, count, 3, "ordinary", size=SMALL)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["writer-00.jpg", "writer-00.json", "writer-01.jpg", "writer-01.json"]
    for name in names[:2]:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert (tmp_path / "one" / names[0]).read_bytes() != (tmp_path / "one" / names[2]).read_bytes()


def test_truth_agrees_with_its_homography_and_its_picture(tmp_path: Path) -> None:
    write(tmp_path, 1, 8, "ordinary", size=SMALL)
    truth = json.loads((tmp_path / "writer-00.json").read_text())
    photo = cv2.imread(str(tmp_path / "writer-00.jpg"))
    assert photo is not None
    assert photo.shape == (600, 450, 3)
    assert truth["simulated"] is True
    assert len(truth["cells"]) == 100
    assert sum(cell["state"] != "digit" for cell in truth["cells"]) == SPOILT["ordinary"]
    first = truth["cells"][0]
    centre = cv2.perspectiveTransform(np.array([[[17.0, 26.5]]]), np.array(truth["homography"]))[0, 0]
    assert np.linalg.norm(np.array(first["corners"][0]) - centre) < 60
    assert {cell["label"] for cell in truth["cells"]} == set(range(10))


@pytest.mark.parametrize("severity", list(SEVERITIES))
def test_the_whole_page_is_in_the_photo(severity: Severity) -> None:
    page = np.array([[[0, 0], [210, 0], [210, 297], [0, 297]]], np.float64)
    for seed in range(50):
        view = viewpoint((210, 297), SMALL, SEVERITIES[severity], np.random.default_rng(seed))
        seen = cv2.perspectiveTransform(page, view)[0]
        assert (seen >= 0).all()
        assert (seen <= SMALL).all()
        assert cv2.contourArea(seen.astype(np.float32), oriented=True) > 0  # from above, not mirrored


@pytest.mark.parametrize("digit", range(10))
def test_pens_pass_through_every_knot_without_jumps(digit: int) -> None:
    for form in FORMS[digit]:
        for stroke in knots(form):
            for run in stroke:
                path = follow(run)
                gaps = np.linalg.norm(np.diff(path, axis=0), axis=1)
                assert gaps.max() < 0.05
                nearest = np.linalg.norm(path[:, None] - run[None], axis=2).min(axis=0)
                assert nearest.max() < 1e-9
            for before, after in pairwise(stroke):
                assert (before[-1] == after[0]).all()


def test_writers_differ_more_from_each_other_than_from_themselves() -> None:
    def picture(seed: int, again: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        who = writer(seed)
        rng = np.random.default_rng([seed, again])
        digits = [draw(write_digit(who, digit, rng), who, 2, (32, 32), (16, 16)) for digit in range(10)]
        return np.stack([cv2.GaussianBlur(one, (0, 0), 1) for one in digits])

    first, second = ([picture(seed, again) for seed in range(12)] for again in (0, 1))
    within = np.mean([np.abs(a - b).mean() for a, b in zip(first, second, strict=True)])
    between = np.mean([np.abs(first[i] - second[j]).mean() for i in range(12) for j in range(12) if i != j])
    assert 0 < within < 0.8 * between


def test_gentle_photos_have_a_digit_in_every_cell() -> None:
    photo, truth = simulate_photo(1, "gentle", np.random.default_rng(0), SMALL, "letter")
    assert photo.dtype == np.uint8
    assert truth.paper == "letter"
    assert {cell.state for cell in truth.cells} == {"digit"}
