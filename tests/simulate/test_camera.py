"""The camera: where it stands, how paper bends, what light does."""

import cv2
import numpy as np
import pytest

from pipeline.simulate.bend import bend
from pipeline.simulate.camera import viewpoint
from pipeline.simulate.light import light
from pipeline.simulate.severity import SEVERITIES, Severity
from pipeline.simulate.streams import Streams

PAGE = (210.0, 297.0)
SMALL = (450, 600)
EDGE = np.array([[0, 0], [210, 0], [210, 297], [0, 297]], np.float64)


@pytest.mark.parametrize("severity", list(SEVERITIES))
def test_the_whole_page_is_in_the_photo(severity: Severity) -> None:
    for seed in range(50):
        view = viewpoint((0, 0, *PAGE), SMALL, SEVERITIES[severity], np.random.default_rng(seed))
        seen = cv2.perspectiveTransform(EDGE[None], view.homography)[0]
        assert (seen >= 0).all()
        assert (seen <= SMALL).all()
        assert cv2.contourArea(seen.astype(np.float32), oriented=True) > 0  # from above, not mirrored
        assert view.eye[2] > 200  # mm above the paper


@pytest.mark.parametrize("severity", list(SEVERITIES))
def test_bent_paper_is_seen_where_it_is_and_found_again(severity: Severity) -> None:
    rng = np.random.default_rng(0)
    places = rng.uniform((0, 0), PAGE, (500, 2))
    moved = []
    for _ in range(20):
        view = viewpoint((0, 0, *PAGE), SMALL, SEVERITIES[severity], rng)
        paper = bend(PAGE, view.eye, SEVERITIES[severity], rng)
        seen = paper.seen_at(places)
        moved.append(np.linalg.norm(seen - places, axis=1).max())
        assert np.abs(paper.flat(seen) - places).max() < 0.01
    assert {"gentle": 0.05, "ordinary": 0.5, "brutal": 2}[severity] < max(moved) < 15


def test_a_bent_sheet_is_not_a_homography() -> None:
    rng = np.random.default_rng(1)
    view = viewpoint((0, 0, *PAGE), SMALL, SEVERITIES["brutal"], rng)
    paper = bend(PAGE, view.eye, SEVERITIES["brutal"], rng)
    places = rng.uniform((0, 0), PAGE, (200, 2))
    seen = paper.seen_at(places)
    fit, _ = cv2.findHomography(places, seen)
    assert np.linalg.norm(cv2.perspectiveTransform(places[None], fit)[0] - seen, axis=1).max() > 0.3


def test_light_is_never_negative_and_worse_where_it_is_brutal() -> None:
    spread = {}
    for severity, limits in SEVERITIES.items():
        gains = [light(SMALL, limits, Streams(np.random.default_rng(seed))).gain for seed in range(20)]
        assert all(gain.min() > 0 for gain in gains)
        spread[severity] = float(np.mean([1 - gain[:, :, 2].min() / gain[:, :, 2].max() for gain in gains]))
    assert spread["gentle"] < spread["ordinary"] < spread["brutal"]


def test_glare_takes_the_contrast_that_the_truth_states() -> None:
    lights = (light(SMALL, SEVERITIES["brutal"], Streams(np.random.default_rng(seed))) for seed in range(99))
    lit = next(one for one in lights if one.spot is not None)
    assert lit.spot is not None
    middle = np.array([lit.spot[:2]]) * max(SMALL)
    far = np.array([[0.0, 0.0]])
    assert lit.contrast(middle)[0] < lit.contrast(far)[0] <= 1


def test_a_stream_does_not_change_when_another_is_drawn_from() -> None:
    first, second = Streams(np.random.default_rng(7)), Streams(np.random.default_rng(7))
    first["light"].normal(size=100)
    assert first["desk"].integers(10**9) == second["desk"].integers(10**9)
    assert first["desk"].integers(10**9) != first["light"].integers(10**9)
